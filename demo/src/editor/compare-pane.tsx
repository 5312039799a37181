import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Waiting } from '../ui/lazy.tsx';
import { useIde } from '../ui/context.ts';
import type { OpenDocument } from '../workspace/document.ts';
import { decodeText } from '../workspace/text-format.ts';
import { MergePane } from './merge-pane.tsx';

/** What is stored beside what is in the editor. */
export function ComparePane({ document: shown }: { document: OpenDocument }): JSX.Element {
  const ide = useIde();
  const [stored, setStored] = useState<string | null>(null);
  const elsewhere = shown.elsewhere.value;
  const path = shown.path.value;
  useEffect(() => {
    if (elsewhere) {
      setStored(elsewhere.text);
      return;
    }
    ide.workspace.fs.readVersioned(path).then(
      (file) => setStored(decodeText(file.bytes)?.text ?? ''),
      (error: unknown) => {
        ide.notices.fail('The stored version couldn’t be read', error);
        shown.pane.value = 'default';
      },
    );
  }, [elsewhere, path]);
  return (
    <>
      <div class="bar">
        <p>Saving merges the two; where both changed the same lines, both are kept as a conflict.</p>
        <button type="button" class="button button-primary" onClick={() => void shown.save()}>
          Save and merge
        </button>
        <button type="button" class="button" onClick={() => void ide.reload(shown)}>
          Take the stored version
        </button>
        <button type="button" class="button button-quiet" onClick={() => (shown.pane.value = 'default')}>
          Back to the editor
        </button>
      </div>
      <div class="compare-heads">
        <span>Stored</span>
        <span>In the editor</span>
      </div>
      {stored === null ? <Waiting /> : <MergePane path={path} before={stored} after={shown.buffer?.read() ?? ''} />}
    </>
  );
}
