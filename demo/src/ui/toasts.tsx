import type { JSX } from 'preact';
import type { Notice, Notices } from '../workspace/notices.ts';
import { Icon, type IconName } from './icons.tsx';

const icons: Record<Notice['tone'], IconName> = { info: 'info', success: 'check', warning: 'warning', error: 'warning' };

/** The messages in the corner. */
export function Toasts({ notices }: { notices: Notices }): JSX.Element {
  return (
    <div class="toasts" aria-live="polite">
      {notices.list.value.map((notice) => (
        <div key={notice.id} class="toast" data-testid="toast" data-tone={notice.tone} role={notice.tone === 'error' ? 'alert' : 'status'}>
          <Icon name={icons[notice.tone]} />
          <div class="toast-message">{notice.message}</div>
          <button type="button" class="icon-button" aria-label="Dismiss" title="Dismiss" onClick={() => notices.dismiss(notice.id)}>
            <Icon name="close" />
          </button>
          {notice.detail === undefined ? null : <div class="toast-detail">{notice.detail}</div>}
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
