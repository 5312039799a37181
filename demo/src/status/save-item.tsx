import type { JSX } from 'preact';
import { useIde } from '../ui/context.ts';
import type { SyncStatus } from '../workspace/client.ts';
import type { OpenDocument } from '../workspace/document.ts';
import { baseName } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';

type Overall = 'synced' | 'kept' | 'tab' | 'saving' | 'unsaved' | 'failed';

/** How all open documents' saves stand, the worst first: unsaved, saved on this device, at the server. */
export function SaveItem(): JSX.Element {
  const ide = useIde();
  const documents = ide.workspace.documents.list.value;
  const state = overall(documents, ide.workspace.sync.value);
  const unsaved = documents.filter((document) => document.dirty.value);
  const failed = documents.filter((document) => document.saving.value.state === 'failed');
  const names = (list: readonly OpenDocument[]): string => list.map((document) => shownText(baseName(document.path.value))).join(', ');
  const label: Record<Overall, string> = {
    synced: 'Synced',
    kept: 'Saved on this device',
    tab: 'In this tab only',
    saving: 'Saving',
    unsaved: unsaved.length === 1 ? 'Unsaved' : `${unsaved.length} unsaved`,
    failed: 'Save failed, retry',
  };
  const title: Record<Overall, string> = {
    synced: 'The server has everything',
    kept: 'Saved on this device, and sent as soon as that can be. You may close this window.',
    tab: 'This browser keeps nothing for this page: leave it open until everything is sent.',
    saving: 'Saving',
    unsaved: `Unsaved: ${names(unsaved)}. Click to save all.`,
    failed: `Not saved: ${names(failed)}. Click to try again.`,
  };
  const retry = (): void => {
    for (const document of failed.length > 0 ? failed : unsaved) void document.save();
  };
  const saved = state === 'synced' || state === 'kept' || state === 'tab';
  return (
    <button
      type="button"
      class="status-item"
      data-testid="status-save"
      data-state={saved ? 'saved' : state}
      data-kept={state}
      title={title[state]}
      onClick={retry}
    >
      <span aria-live="polite">{label[state]}</span>
    </button>
  );
}

function overall(documents: readonly OpenDocument[], { pending, storage, elsewhere = 0 }: SyncStatus): Overall {
  const states = documents.map((document) => document.saving.value.state);
  if (states.includes('failed')) return 'failed';
  if (states.includes('saving')) return 'saving';
  if (documents.some((document) => document.dirty.value)) return 'unsaved';
  if (pending > 0) return storage === 'memory' ? 'tab' : 'kept';
  return elsewhere > 0 ? 'kept' : 'synced';
}
