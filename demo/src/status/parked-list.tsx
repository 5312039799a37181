import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import type { ParkedOperation } from '../workspace/client.ts';
import { shownText } from '../workspace/shown-text.ts';

const kinds: Record<ParkedOperation['kind'], string> = {
  files: 'Edit',
  'change.create': 'New change',
  'change.describe': 'Description of a change',
  'bookmark.create': 'New bookmark',
  'bookmark.move': 'Move of a bookmark',
};

/** What the server refused after it had been saved here: each with its reason, and what can be done with it. `count` changes when the list does. */
export function ParkedList({ count }: { count: number }): JSX.Element {
  const ide = useIde();
  const { workspace, notices } = ide;
  const { sync } = workspace.fs;
  const [list, setList] = useState<readonly ParkedOperation[]>([]);
  useEffect(() => {
    let current = true;
    sync.parked().then(
      (parked) => current && setList(parked),
      (error: unknown) => notices.fail('The refused edits couldn’t be listed', error),
    );
    return () => void (current = false);
  }, [count]);
  const save = (ids: string[]): void => {
    sync.saveParked({ repo: workspace.place.repo, ids, message: 'Edits that were refused elsewhere' }).then(
      ({ changeOid }) => {
        workspace.changes.memory.note({ id: changeOid, message: 'Edits that were refused elsewhere' });
        const open = { label: 'Open it', run: () => void workspace.changes.open(changeOid) };
        notices.show('success', 'Saved to a new change', { detail: `Change ${changeOid.slice(0, 8)} holds the refused edits.`, actions: [open] });
      },
      (error: unknown) => notices.fail('The edits couldn’t be saved to a new change', error),
    );
  };
  const discard = async (ids: string[], what: string): Promise<void> => {
    const answer = await notices.ask({
      title: `Discard ${what}?`,
      text: 'The server doesn’t have it, and this device lets it go for good.',
      choices: [
        { value: 'cancel', label: 'Keep it' },
        { value: 'discard', label: 'Discard', tone: 'danger' },
      ],
    });
    // The question closed the panel.
    requestAnimationFrame(() => workspace.showSync?.());
    if (answer === 'discard') await sync.discardParked({ ids }).catch((error: unknown) => notices.fail('It couldn’t be discarded', error));
  };
  const edits = list.filter(({ kind }) => kind === 'files');
  return (
    <section class="parked" aria-label="Refused by the server" data-testid="parked">
      <div class="parked-head">
        <h3>{count === 1 ? '1 edit was refused' : `${count} edits were refused`}</h3>
        {edits.length > 1 ? (
          <button type="button" class="button" onClick={() => save(edits.map(({ id }) => id))}>
            Save all to a new change
          </button>
        ) : null}
      </div>
      <ul>
        {list.map((parked) => {
          const what = describe(parked, (path) => shownText(ide.relative(path)));
          return (
            <li key={parked.id} class="parked-item" data-testid="parked-item">
              <strong>{what}</strong>
              <span>{parked.message === '' ? parked.code : parked.message.replace(/^[A-Z]+(_[A-Z]+)*: /, '')}</span>
              <div class="parked-actions">
                {parked.kind === 'files' ? (
                  <button type="button" class="button" data-testid="parked-save" onClick={() => save([parked.id])}>
                    Save to a new change
                  </button>
                ) : null}
                <button type="button" class="button" data-testid="parked-discard" onClick={() => void discard([parked.id], `“${what}”`)}>
                  Discard…
                </button>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function describe({ kind, paths }: ParkedOperation, relative: (path: string) => string): string {
  const [first] = paths;
  if (first === undefined) return kinds[kind];
  return paths.length === 1 ? relative(first) : `${relative(first)} and ${paths.length - 1} more`;
}
