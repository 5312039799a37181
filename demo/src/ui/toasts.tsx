import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Notice, Notices } from '../workspace/notices.ts';
import { shownText } from '../workspace/shown-text.ts';
import { Icon, type IconName } from './icons.tsx';

const icons: Record<Notice['tone'], IconName> = { info: 'info', success: 'check', warning: 'warning', error: 'warning' };

/** The messages in the corner. */
export function Toasts({ notices }: { notices: Notices }): JSX.Element {
  const toasts = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The pointer and the keyboard are asked about, not followed: a message that goes from under them says nothing of their leaving.
    notices.isHeld = (id) => document.hidden || Boolean(toasts.current?.querySelector(`[data-notice="${id}"]:is(:hover, :focus-within)`));
  }, [notices]);
  return (
    <div ref={toasts} class="toasts" aria-live="polite">
      {notices.list.value.map((notice) => (
        <div
          key={notice.id}
          class="toast"
          data-notice={notice.id}
          data-testid="toast"
          data-tone={notice.tone}
          role={notice.tone === 'error' ? 'alert' : 'status'}
        >
          <Icon name={icons[notice.tone]} />
          <div class="toast-message">{shownText(notice.message)}</div>
          <button type="button" class="icon-button" aria-label="Dismiss" title="Dismiss" onClick={() => notices.dismiss(notice.id)}>
            <Icon name="close" />
          </button>
          {notice.detail === undefined ? null : <div class="toast-detail">{shownText(notice.detail)}</div>}
          {notice.details === undefined ? null : (
            <details class="toast-detail">
              <summary>Details</summary>
              {notice.details}
            </details>
          )}
          {notice.actions.length === 0 ? null : (
            <div class="toast-actions">
              {notice.actions.map((action) => (
                <button
                  key={action.label}
                  type="button"
                  class="button"
                  onClick={() => {
                    notices.dismiss(notice.id);
                    action.run();
                  }}
                >
                  {action.label}
                </button>
              ))}
            </div>
          )}
        </div>
      ))}
    </div>
  );
}
