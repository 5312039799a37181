import type { JSX } from 'preact';
import { useIde } from '../ui/context.ts';
import type { OpenDocument } from '../workspace/document.ts';
import { baseName } from '../workspace/paths.ts';
import { unsentText } from './sync-text.ts';

type Overall = 'saved' | 'saving' | 'unsaved' | 'failed';

/** How all open documents' saves stand, the worst first. */
export function SaveItem(): JSX.Element {
  const ide = useIde();
  const documents = ide.workspace.documents.list.value;
  const state = overall(documents);
  const sync = ide.workspace.sync.value;
  const unsaved = documents.filter((document) => document.dirty.value);
  const failed = documents.filter((document) => document.saving.value.state === 'failed');
  const names = (list: readonly OpenDocument[]): string => list.map((document) => baseName(document.path.value)).join(', ');
  const label: Record<Overall, string> = {
    saved: `Saved${unsentText(sync)}`,
    saving: sync.online ? 'Saving' : 'Saving, waits for the connection',
    unsaved: unsaved.length === 1 ? 'Unsaved' : `${unsaved.length} unsaved`,
    failed: 'Save failed, retry',
  };
  const title: Record<Overall, string> = {
    saved: sync.pending === 0 ? 'Everything is saved' : 'Everything is saved on this device; the rest is on its way to the server',
    saving: sync.online ? 'Saving' : 'The server has to answer first; your edits are kept here until then. Leave this page open.',
    unsaved: `Unsaved: ${names(unsaved)}. Click to save all.`,
    failed: `Not saved: ${names(failed)}. Click to try again.`,
  };
  const retry = (): void => {
    for (const document of failed.length > 0 ? failed : unsaved) void document.save();
  };
  return (
    <button type="button" class="status-item" data-testid="status-save" data-state={state} title={title[state]} onClick={retry}>
      <span aria-live="polite">{label[state]}</span>
    </button>
  );
}

function overall(documents: readonly OpenDocument[]): Overall {
  const states = documents.map((document) => document.saving.value.state);
  if (states.includes('failed')) return 'failed';
  if (states.includes('saving')) return 'saving';
  return documents.some((document) => document.dirty.value) ? 'unsaved' : 'saved';
}
