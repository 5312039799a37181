import type { JSX } from 'preact';
import { hunkKeys } from '../conflict/hunk-keys.ts';
import { parseConflictText } from '../conflict/parse-conflict.ts';
import { useIde } from '../ui/context.ts';
import { Icon } from '../ui/icons.tsx';
import type { OpenDocument } from '../workspace/document.ts';
import { saveToDisk } from '../workspace/file-actions.ts';
import { baseName } from '../workspace/paths.ts';

/** What a person should know about a document before typing on: it changed elsewhere, was deleted, couldn't be saved. */
export function DocumentNotices({ document: shown }: { document: OpenDocument }): JSX.Element {
  return (
    <>
      <SaveFailed document={shown} />
      {shown.deleted.value ? <Deleted document={shown} /> : null}
      <DraftsLeftOver document={shown} />
      {shown.elsewhere.value && shown.pane.value !== 'compare' ? <ChangedElsewhere document={shown} /> : null}
    </>
  );
}

function ChangedElsewhere({ document: shown }: { document: OpenDocument }): JSX.Element {
  const ide = useIde();
  return (
    <div class="bar bar-warn" role="status" data-testid="changed-elsewhere">
      <Icon name="info" />
      <p>
        <strong>Changed elsewhere.</strong> Your unsaved text stays as it is; saving will merge.
      </p>
      <button type="button" class="button" onClick={() => (shown.pane.value = 'compare')}>
        Compare
      </button>
      <button type="button" class="button" onClick={() => void shown.save()}>
        Save and merge
      </button>
      <button type="button" class="button" onClick={() => void ide.reload(shown)}>
        Reload
      </button>
    </div>
  );
}

function Deleted({ document: shown }: { document: OpenDocument }): JSX.Element {
  const ide = useIde();
  return (
    <div class="bar bar-warn" role="status" data-testid="deleted-elsewhere">
      <Icon name="warning" />
      <p>
        <strong>This file is no longer there.</strong> It was deleted or renamed; the text below is the last you saw of it.
      </p>
      {shown.buffer ? (
        <button type="button" class="button" onClick={() => void shown.save()}>
          Create it again
        </button>
      ) : null}
      <button type="button" class="button" onClick={() => void ide.closeTab(shown)}>
        Close
      </button>
    </div>
  );
}

/** Texts begun in conflicts that were settled or changed elsewhere meanwhile: no card shows them any more. */
function DraftsLeftOver({ document: shown }: { document: OpenDocument }): JSX.Element | null {
  const ide = useIde();
  // The revision says when the text is another one.
  void shown.revision.value;
  if (!shown.drafts.any.value) return null;
  const hunks = shown.conflicted.value ? parseConflictText(shown.buffer?.read() ?? '').hunks : [];
  const left = shown.drafts.without(hunkKeys(hunks));
  if (left.length === 0) return null;
  return (
    <div class="bar bar-warn" role="status" data-testid="drafts-left-over">
      <Icon name="info" />
      <p>
        <strong>A conflict you were writing a text for was settled or changed.</strong> Your text is still here, and nowhere else.
      </p>
      <button type="button" class="button" onClick={() => void ide.copy(left.map(([, text]) => text).join('\n'), 'Your text')}>
        Copy my text
      </button>
      <button type="button" class="button" onClick={() => left.forEach(([key]) => shown.drafts.drop(key))}>
        Drop it
      </button>
    </div>
  );
}

function SaveFailed({ document: shown }: { document: OpenDocument }): JSX.Element | null {
  const saving = shown.saving.value;
  if (saving.state !== 'failed') return null;
  const { message, remedy } = saving.problem;
  return (
    <div class="bar bar-danger" role="alert" data-testid="save-failed">
      <Icon name="warning" />
      <p>
        <strong>Not saved.</strong> {message}. {remedy ?? ''} Your text is still here.
      </p>
      <button type="button" class="button button-primary" onClick={() => void shown.save()}>
        Try again
      </button>
      <button type="button" class="button" onClick={() => saveToDisk(baseName(shown.path.peek()), shown.bytes)}>
        Download my text
      </button>
    </div>
  );
}
