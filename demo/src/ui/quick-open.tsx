import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { fuzzyFilter } from '../workspace/fuzzy.ts';
import { useIde } from './context.ts';
import { FileBadge } from './icons.tsx';
import { Highlighted, Picker, type PickerOption } from './picker.tsx';

const shown = 60;

/** Finds a file by some letters of its name: open files first, then whatever the walk through the folders has found so far. */
export function QuickOpen(): JSX.Element {
  const ide = useIde();
  const [query, setQuery] = useState('');
  useEffect(() => {
    void ide.index.walk();
    return () => ide.index.stop();
  }, []);
  const paths = ide.index.paths.value;
  const { state, files, unread } = ide.index.progress.value;
  const options = useMemo((): PickerOption[] => {
    const open = ide.workspace.documents.list.peek().map((document) => document.path.peek());
    const all = new Set([...open, ...paths]);
    const [name = '', line] = query.split(':');
    return fuzzyFilter(all, name, (path) => ide.relative(path), shown).map(({ item: path, at }) => {
      const relative = ide.relative(path);
      const cut = relative.lastIndexOf('/') + 1;
      return {
        key: path,
        content: (
          <>
            <FileBadge path={path} />
            <span class="picker-label">
              <Highlighted text={relative.slice(cut)} at={at.filter((index) => index >= cut).map((index) => index - cut)} />
            </span>
            <span class="picker-detail">
              <Highlighted text={relative.slice(0, Math.max(cut - 1, 0))} at={at} />
            </span>
          </>
        ),
        choose: () => {
          const at = line === undefined || line === '' ? null : Number(line);
          if (ide.index.isLink(path)) void ide.openWhatever(path, at);
          else ide.openAt(path, at);
        },
      };
    });
  }, [query, paths]);
  return (
    <Picker
      label="Go to file"
      placeholder="Type some letters of a file’s name; add :12 for a line"
      testId="quick-open"
      query={query}
      setQuery={setQuery}
      options={options}
      empty={state === 'walking' ? 'Looking through the folders…' : 'No file matches'}
      foot={
        <>
          {state === 'walking' ? <span class="spinner" /> : null}
          <span role="status">
            {state === 'walking' ? `Looking through the folders, ${files.toLocaleString('en')} files so far` : `${files.toLocaleString('en')} files`}
            {state === 'bounded' ? ' and more: only the upper folders were looked through' : ''}
            {unread > 0 ? `; ${unread === 1 ? 'one folder' : `${unread.toLocaleString('en')} folders`} could not be read here` : ''}
          </span>
        </>
      }
      onClose={() => (ide.picker.value = null)}
    />
  );
}
