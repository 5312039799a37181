import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { Icon } from '../ui/icons.tsx';
import { KeysHint } from '../ui/keys-hint.tsx';
import { Picture } from '../ui/picture.tsx';
import type { Conflict, ConflictSide, Resolution } from '../workspace/client.ts';
import type { OpenDocument } from '../workspace/document.ts';
import { saveToDisk } from '../workspace/file-actions.ts';
import { formatSize, imageType } from '../workspace/file-kinds.ts';
import { baseName } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import { decodeText } from '../workspace/text-format.ts';
import { CodeLines } from './code-lines.tsx';
import { changedRanges, paintLines } from './paint-code.ts';

/** Characters of a side that are shown. */
const previewed = 20_000;

/** A conflict about a file as a whole: changed here and deleted there, binary, or a file where the other side has a folder. */
export function WholeConflict({ document: shown }: { document: OpenDocument }): JSX.Element {
  const ide = useIde();
  const [busy, setBusy] = useState(false);
  const conflict = shown.conflict.value;
  if (!conflict) return <div class="message" />;
  const settle = async (resolution: Resolution): Promise<void> => {
    setBusy(true);
    try {
      await shown.resolveWhole(resolution);
    } catch (error) {
      ide.notices.fail('The conflict couldn’t be resolved', error);
    } finally {
      setBusy(false);
    }
  };
  const [base] = conflict.bases;
  const keepBase = base?.kind === 'file' && base.content ? base.content : null;
  const onKeyDown = (event: KeyboardEvent): void => {
    const side = Number(event.key);
    if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
    if (side >= 1 && side <= conflict.sides.length) void settle({ take: side - 1 });
    else if (event.key === '0' && keepBase) void settle({ content: keepBase });
    else return;
    event.preventDefault();
  };
  return (
    <div class="conflict" data-testid="conflict-view" tabIndex={-1}>
      <div class="whole">
        <p class="whole-note">{explain(conflict)}</p>
        <section class="hunk" tabIndex={0} data-testid="conflict-hunk" aria-label="The sides of this conflict" onKeyDown={onKeyDown}>
          <header class="hunk-head">
            <h3 class="hunk-title">{shownText(baseName(conflict.path))}</h3>
            {keepBase ? (
              <button type="button" class="button" data-testid="keep-base" disabled={busy} onClick={() => void settle({ content: keepBase })}>
                Keep base
              </button>
            ) : null}
            {conflict.sides.some((side) => side.kind === 'absent') ? null : (
              <button type="button" class="button" data-testid="delete-file" disabled={busy} onClick={() => void settle({ delete: true })}>
                Delete the file
              </button>
            )}
          </header>
          <div class="hunk-columns">
            {conflict.sides.flatMap((side, index) => {
              const between = conflict.bases[index];
              const keep = (
                <button
                  type="button"
                  class="button button-keep"
                  data-testid={`keep-side-${index + 1}`}
                  disabled={busy}
                  onClick={() => void settle({ take: index })}
                >
                  {' '}
                  Keep side #{index + 1} <KeysHint binding={String(index + 1)} />
                </button>
              );
              const column = (
                <WholeSide
                  key={`side ${index}`}
                  path={conflict.path}
                  side={side}
                  own={shown.ownSides.value[index] === true}
                  against={conflict.bases[Math.max(index - 1, 0)]}
                  column={`column-${(index % 3) + 1}`}
                  action={keep}
                />
              );
              return between ? [column, <WholeSide key={`base ${index}`} path={conflict.path} side={between} column="" action={null} />] : [column];
            })}
          </div>
        </section>
      </div>
    </div>
  );
}

function WholeSide({
  path,
  side,
  own = false,
  against,
  column,
  action,
}: {
  path: string;
  side: ConflictSide;
  own?: boolean;
  against?: ConflictSide | undefined;
  column: string;
  action: JSX.Element | null;
}): JSX.Element {
  return (
    <div class={`column ${column}`}>
      <div class="column-head">
        <span class="column-label">
          {side.label}
          <small>{own ? `yours, ${kindOf(side)}` : kindOf(side)}</small>
        </span>
        {side.content && side.kind === 'file' ? (
          <button
            type="button"
            class="icon-button"
            aria-label={`Download ${side.label}`}
            title={`Download ${side.label}`}
            onClick={() => saveToDisk(sideName(path, side), side.content ?? new Uint8Array())}
          >
            <Icon name="download" />
          </button>
        ) : null}
        {action}
      </div>
      <div class="column-code">
        <Preview path={path} side={side} against={against} />
      </div>
    </div>
  );
}

function Preview({ path, side, against }: { path: string; side: ConflictSide; against: ConflictSide | undefined }): JSX.Element {
  const { content } = side;
  const type = imageType(path);
  const shown = useMemo(() => {
    const text = content ? decodeText(content)?.text : undefined;
    if (text === undefined) return null;
    const before = against?.content ? (decodeText(against.content)?.text ?? '') : null;
    const begin = text.slice(0, previewed);
    return { lines: paintLines(begin, [], before === null ? [] : changedRanges(before.slice(0, previewed), begin)), isWhole: text.length <= previewed };
  }, [content, against]);
  if (type !== null && content && side.kind === 'file') return <Picture bytes={content} type={type} alt={side.label} />;
  if (side.kind === 'absent') return <p class="column-empty">The file is not there on this side</p>;
  if (side.kind === 'dir') return <p class="column-empty">A folder stands here on this side</p>;
  if (side.kind === 'submodule') return <p class="column-empty">Another repository stands here on this side</p>;
  if (!content || content.length === 0) return <p class="column-empty">An empty file</p>;
  if (!shown) return <p class="column-empty">Binary, {formatSize(content.length)}</p>;
  return (
    <>
      <CodeLines lines={shown.lines} />
      {shown.isWhole ? null : <p class="column-empty">This is its beginning only. Download it to see all of it.</p>}
    </>
  );
}

function sideName(path: string, side: ConflictSide): string {
  return `${side.label.replaceAll(/\W+/g, '-')}-${baseName(path)}`;
}

function kindOf(side: ConflictSide): string {
  if (side.kind === 'absent') return 'deleted';
  if (side.kind === 'dir') return 'folder';
  if (side.kind !== 'file') return side.kind === 'symlink' ? 'link' : 'submodule';
  return `${formatSize(side.content?.length ?? 0)}${(side.mode & 0o100) !== 0 ? ', executable' : ''}`;
}

function explain(conflict: Conflict): string {
  if (conflict.sides.some((side) => side.kind === 'absent'))
    return 'One side changed this file while another deleted it. Choose which should stand; nothing is lost until you do.';
  if (conflict.kind === 'binary') return 'The sides have different bytes here and can’t be joined line by line. Choose one, or download both and make a third.';
  return 'The sides don’t agree about what stands at this path. Choose one.';
}
