import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { KeysHint } from '../ui/keys-hint.tsx';
import { CodeLines } from './code-lines.tsx';
import { HunkEditor } from './hunk-editor.tsx';
import { changedRanges, paintLines, type Token } from './paint-code.ts';
import { termsInOrder, type ConflictHunk, type HunkTerm } from './parse-conflict.ts';
import { chosenText, type Choice } from './resolve-hunk.ts';

/** The syntax of a hunk's terms, as offsets into each. */
export interface HunkTokens {
  sides: Token[][];
  bases: Token[][];
}

interface HunkCardProps {
  path: string;
  hunk: ConflictHunk;
  count: number;
  tokens: HunkTokens;
  /** Which of the sides this window has written. */
  own: readonly boolean[];
  now: boolean;
  busy: boolean;
  /** Answers the text that was begun in place of this conflict, if one was. */
  readDraft: () => string | undefined;
  /** Called with what is typed in place of the conflict; `null` when that is given up. */
  onDraft: (text: string | null) => void;
  onChoose: (choice: Choice) => void;
  onFocus: () => void;
}

/** One conflict of a file: its sides and what they both came from, next to each other, and what can be done about it. */
export function HunkCard({ path, hunk, count, tokens, own, now, busy, readDraft, onDraft, onChoose, onFocus }: HunkCardProps): JSX.Element {
  const [editing, setEditing] = useState(() => readDraft() !== undefined);
  const card = useRef<HTMLElement>(null);
  const begin = chosenText(hunk, { kind: 'both' });
  const title = `Conflict ${hunk.index + 1} of ${count}`;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (editing || busy || event.ctrlKey || event.metaKey || event.altKey) return;
    const side = Number(event.key);
    if (side >= 1 && side <= hunk.sides.length) onChoose({ kind: 'side', index: side - 1 });
    else if (event.key === 'b') onChoose({ kind: 'both' });
    else if (event.key === '0') onChoose({ kind: 'base' });
    else if (event.key === 'e') setEditing(true);
    else return;
    event.preventDefault();
  };
  const both = hunk.sides.length > 2 ? 'Keep all' : 'Keep both';
  return (
    <section
      ref={card}
      class="hunk"
      tabIndex={0}
      data-testid="conflict-hunk"
      data-index={hunk.index}
      data-now={now}
      aria-label={title}
      onKeyDown={onKeyDown}
      onFocusCapture={onFocus}
    >
      <header class="hunk-head">
        <h3 class="hunk-title">
          {title}
          <small>{hunk.sides.length > 2 ? `${hunk.sides.length} sides` : 'two sides changed the same lines'}</small>
        </h3>
        <button type="button" class="button" data-testid="keep-both" disabled={busy} title={`${both} (b)`} onClick={() => onChoose({ kind: 'both' })}>
          {both}
        </button>
        <button type="button" class="button" data-testid="keep-base" disabled={busy} title="Keep base (0)" onClick={() => onChoose({ kind: 'base' })}>
          Keep base
        </button>
        <button
          type="button"
          class="button"
          data-testid="edit-conflict"
          disabled={busy}
          aria-expanded={editing}
          title="Edit (e)"
          onClick={() => setEditing(!editing)}
        >
          {!editing && readDraft() !== undefined ? 'Edit on' : 'Edit'}
        </button>
      </header>
      <div class="hunk-columns">
        {termsInOrder(hunk).map(({ kind, index }) => {
          const side = hunk.sides[index];
          const base = hunk.bases[index];
          if (kind === 'base') return base ? <BaseColumn key={`base ${index}`} base={base} tokens={tokens.bases[index] ?? []} /> : null;
          const against = hunk.bases[Math.max(index - 1, 0)]?.text ?? '';
          return side ? (
            <SideColumn
              key={`side ${index}`}
              index={index}
              side={side}
              own={own[index] === true}
              base={against}
              tokens={tokens.sides[index] ?? []}
              busy={busy}
              onChoose={onChoose}
            />
          ) : null;
        })}
      </div>
      {editing ? (
        <HunkEditor
          path={path}
          initial={readDraft() ?? begin}
          onType={(text) => onDraft(text === begin ? null : text)}
          onDone={(text) => {
            if (text !== null) return onChoose({ kind: 'text', text });
            onDraft(null);
            setEditing(false);
          }}
          onLeave={() => {
            setEditing(false);
            card.current?.focus({ preventScroll: true });
          }}
        />
      ) : null}
    </section>
  );
}

function SideColumn({
  index,
  side,
  own,
  base,
  tokens,
  busy,
  onChoose,
}: {
  index: number;
  side: HunkTerm;
  own: boolean;
  base: string;
  tokens: readonly Token[];
  busy: boolean;
  onChoose: (choice: Choice) => void;
}): JSX.Element {
  const lines = useMemo(() => paintLines(side.text, tokens, changedRanges(base, side.text)), [side.text, base, tokens]);
  return (
    <div class={`column column-${(index % 3) + 1}`}>
      <div class="column-head">
        <span class="column-label">
          {side.label}
          {own ? <span class="column-own"> · yours</span> : null}
        </span>
        <button
          type="button"
          class="button button-keep"
          data-testid={`keep-side-${index + 1}`}
          disabled={busy}
          onClick={() => onChoose({ kind: 'side', index })}
        >
          Keep side #{index + 1} {index < 9 ? <KeysHint binding={String(index + 1)} /> : null}
        </button>
      </div>
      <div class="column-code">{side.text === '' ? <p class="column-empty">Nothing: these lines are deleted here</p> : <CodeLines lines={lines} />}</div>
    </div>
  );
}

function BaseColumn({ base, tokens }: { base: HunkTerm; tokens: readonly Token[] }): JSX.Element {
  const lines = useMemo(() => paintLines(base.text, tokens, []), [base.text, tokens]);
  return (
    <div class="column">
      <div class="column-head">
        <span class="column-label">{base.label}</span>
      </div>
      <div class="column-code">{base.text === '' ? <p class="column-empty">Nothing: these lines are new</p> : <CodeLines lines={lines} />}</div>
    </div>
  );
}
