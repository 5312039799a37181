import type { JSX } from 'preact';
import { lazyView } from '../ui/lazy.tsx';
import { Picture } from '../ui/picture.tsx';
import { sameBytes } from '../workspace/bytes.ts';
import { formatSize, imageType } from '../workspace/file-kinds.ts';
import { decodeText } from '../workspace/text-format.ts';
import type { FileVersion } from './history-source.ts';

const MergePane = lazyView<{ path: string; before: string; after: string; unified?: boolean }>(
  async () => (await import('../editor/merge-pane.tsx')).MergePane,
);

/** Bytes of a text that is still compared. */
const largest = 1024 * 1024;

/** A file as it was at one time; `null` where it was not there. */
export interface VersionSide {
  /** When: `Before`, `In this version`, `Now`. */
  head: string;
  file: FileVersion | null;
}

/** What a file was and what became of it, beside each other: as text, as pictures, or in words where it can be shown as neither. */
export function VersionBeside({ path, left, right }: { path: string; left: VersionSide; right: VersionSide }): JSX.Element {
  const sides = [left, right];
  if (left.file && right.file && sameBytes(left.file.bytes, right.file.bytes))
    return (
      <Said
        title="The file is the same"
        words={left.head === 'In this version' ? 'It is now as it was then.' : 'It was moved, or only its mode was changed.'}
      />
    );
  const large = sides.some(({ file }) => file !== null && file.bytes.length > largest);
  const [before, after] = sides.map(({ file }) => (file === null ? '' : large ? null : (decodeText(file.bytes)?.text ?? null)));
  const type = imageType(path);
  if (before !== null && before !== undefined && after !== null && after !== undefined) {
    if (before === after && left.file && right.file)
      return <Said title="The text is the same" words="Only the ends of its lines, or the mark at its beginning, are written in another way." />;
    const narrow = matchMedia('(width < 720px)').matches;
    return (
      <>
        {narrow ? null : <Heads sides={sides} />}
        <MergePane path={path} before={before} after={after} unified={narrow} />
      </>
    );
  }
  if (type !== null) {
    return (
      <div class="compare-pictures" data-testid="compare-pictures">
        {sides.map(({ head, file }) => (
          <div key={head} class="image-stage">
            <h3>{head}</h3>
            {file === null ? <p class="picture-broken">It was not there</p> : <Picture bytes={file.bytes} type={type} alt={`${path}, ${head.toLowerCase()}`} />}
          </div>
        ))}
      </div>
    );
  }
  const sizes = sides.map(({ head, file }) => `${head}: ${file === null ? 'not there' : formatSize(file.bytes.length)}.`);
  return <Said title={large ? 'This file is too large to compare' : 'This file is binary'} words={sizes.join(' ')} />;
}

function Heads({ sides }: { sides: readonly VersionSide[] }): JSX.Element {
  return (
    <div class="compare-heads">
      {sides.map(({ head, file }) => (
        <span key={head}>{file === null ? `${head}: not there` : head}</span>
      ))}
    </div>
  );
}

function Said({ title, words }: { title: string; words: string }): JSX.Element {
  return (
    <div class="message">
      <h2>{title}</h2>
      <p>{words}</p>
    </div>
  );
}
