import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { Icon } from '../ui/icons.tsx';
import { lazyView, Waiting } from '../ui/lazy.tsx';
import { Picture } from '../ui/picture.tsx';
import type { OpenDocument } from '../workspace/document.ts';
import type { Problem } from '../workspace/errors.ts';
import { formatSize } from '../workspace/file-kinds.ts';
import { baseName } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import { ConflictBanner } from './conflict-banner.tsx';
import { conflictShape, showsEditor } from './conflict-shape.ts';
import { DocumentNotices } from './document-notices.tsx';

const CodePane = lazyView<{ document: OpenDocument }>(async () => (await import('./editor-panes.ts')).CodePane);
const ComparePane = lazyView<{ document: OpenDocument }>(async () => (await import('./compare-pane.tsx')).ComparePane);
const ConflictView = lazyView<{ document: OpenDocument }>(async () => (await import('../conflict/conflict-view.tsx')).ConflictView);
const WholeConflict = lazyView<{ document: OpenDocument }>(async () => (await import('../conflict/whole-conflict.tsx')).WholeConflict);

/** Milliseconds between two tries to read a file that isn't on this device. */
const retryEvery = 5_000;

/** The active document: what is to be known about it, and its text or whatever it is instead. */
export function DocumentView({ document: shown }: { document: OpenDocument }): JSX.Element {
  const ide = useIde();
  const relative = shownText(ide.relative(shown.path.value)).split('/');
  return (
    <section class="document" id="active-document" role="tabpanel" aria-labelledby="active-tab">
      <div class="crumbs" aria-hidden="true">
        {relative.flatMap((part, index) =>
          index === 0
            ? [<span key={part}>{part}</span>]
            : [<i key={`${relative.slice(0, index).join('/')}/`}>›</i>, <span key={relative.slice(0, index + 1).join('/')}>{part}</span>],
        )}
      </div>
      <DocumentNotices document={shown} />
      <ConflictBanner document={shown} />
      <DocumentBody document={shown} />
    </section>
  );
}

function DocumentBody({ document: shown }: { document: OpenDocument }): JSX.Element {
  const view = shown.view.value;
  const pane = shown.pane.value;
  if (conflictShape(shown) === 'whole' && pane !== 'markers') return <WholeConflict document={shown} />;
  switch (view.kind) {
    case 'loading':
      return <Waiting what={`Opening ${shownText(baseName(shown.path.value))}`} />;
    case 'failed':
      return <NotOpened document={shown} problem={view.problem} />;
    case 'large':
      return (
        <div class="message">
          <h2>A large file: {formatSize(view.size)}</h2>
          <p>It was not read yet. If it is text, it can make the editor slow.</p>
          <div class="message-actions">
            <button type="button" class="button button-primary" onClick={() => void shown.load(true)}>
              Open it anyway
            </button>
            <DownloadButton document={shown} />
          </div>
        </div>
      );
    case 'binary':
      return (
        <div class="message" data-testid="binary">
          <h2>{shownText(baseName(shown.path.value))}</h2>
          <p>A binary file of {formatSize(view.bytes.length)}.</p>
          <div class="message-actions">
            <DownloadButton document={shown} />
          </div>
        </div>
      );
    case 'image':
      return <PictureDocument document={shown} bytes={view.bytes} type={view.type} />;
    case 'text':
      if (pane === 'compare') return <ComparePane document={shown} />;
      return showsEditor(shown) ? <CodePane document={shown} /> : <ConflictView document={shown} />;
  }
}

function NotOpened({ document: shown, problem }: { document: OpenDocument; problem: Problem }): JSX.Element {
  const ide = useIde();
  const path = shown.path.value;
  const missing = problem.code === 'ENOENT';
  const unread = problem.unreachable === true;
  useEffect(() => {
    if (!unread) return;
    // A reconnect tries again, too; here the connection may have gone on all the while.
    const timer = setInterval(() => ide.workspace.sync.peek().state === 'live' && void shown.retryLook(), retryEvery);
    return () => clearInterval(timer);
  }, [unread]);
  const create = async (): Promise<void> => {
    if (!(await ide.files.createFile(ide.workspace.root, ide.relative(path)))) return;
    await shown.load();
    ide.focusText(shown);
  };
  return (
    <div class="message" role={unread ? 'status' : 'alert'} data-testid="not-opened">
      {unread ? <Icon name="device" class="message-icon" /> : null}
      <h2>{missing ? 'There is no such file' : unread ? `“${shownText(baseName(path))}” is not yet on this device` : 'This file couldn’t be opened'}</h2>
      <p>{missing ? <code>{shownText(ide.relative(path))}</code> : unread ? 'It opens by itself once the server can be reached.' : problem.message}</p>
      {problem.remedy === undefined ? null : <p>{problem.remedy}</p>}
      <div class="message-actions">
        {missing ? (
          <button type="button" class="button button-primary" onClick={() => void create()}>
            Create it
          </button>
        ) : null}
        <button type="button" class="button" onClick={() => void shown.load()}>
          Try again
        </button>
        <button type="button" class="button" onClick={() => ide.workspace.documents.close(shown)}>
          Close
        </button>
      </div>
      {problem.details === undefined ? null : (
        <details class="message-details">
          <summary>Details</summary>
          <code>{problem.details}</code>
        </details>
      )}
    </div>
  );
}

function PictureDocument({ document: shown, bytes, type }: { document: OpenDocument; bytes: Uint8Array; type: string }): JSX.Element {
  return (
    <>
      <div class="bar">
        <p>{type}</p>
        {type === 'image/svg+xml' ? (
          <button type="button" class="button" onClick={() => void shown.load(true)}>
            Edit as text
          </button>
        ) : null}
        <DownloadButton document={shown} />
      </div>
      <div class="image-stage">
        <Picture bytes={bytes} type={type} alt={baseName(shown.path.value)} />
      </div>
    </>
  );
}

function DownloadButton({ document: shown }: { document: OpenDocument }): JSX.Element {
  const ide = useIde();
  return (
    <button type="button" class="button" onClick={() => void ide.files.download(shown.path.peek())}>
      Download
    </button>
  );
}
