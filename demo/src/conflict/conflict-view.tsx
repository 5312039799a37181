import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import type { OpenDocument } from '../workspace/document.ts';
import { isBinding } from '../workspace/keys.ts';
import { CodeLines } from './code-lines.tsx';
import { HunkCard, type HunkTokens } from './hunk-card.tsx';
import { hunkKeys } from './hunk-keys.ts';
import { paintLines, tokensOf, tokensWithin, type Token } from './paint-code.ts';
import { parseConflictText, type ConflictText } from './parse-conflict.ts';
import { resolveHunk, type Choice } from './resolve-hunk.ts';
import { wholeText } from './side-texts.ts';

/** The syntax of the whole file, as each side and each base has it. */
interface Syntax {
  text: string;
  sides: Token[][];
  bases: Token[][];
}

/** Lines shown around a conflict before the rest is folded away. */
const around = 4;

/** A file in conflict: its text, with a card in place of every conflict. Each choice is saved at once; the others stay. */
export function ConflictView({ document: shown }: { document: OpenDocument }): JSX.Element {
  const ide = useIde();
  const element = useRef<HTMLDivElement>(null);
  const revision = shown.revision.value;
  const path = shown.path.value;
  const text = useMemo(() => shown.buffer?.read() ?? '', [revision, shown]);
  const conflict = useMemo(() => parseConflictText(text), [text]);
  const keys = useMemo(() => hunkKeys(conflict.hunks), [conflict]);
  const syntax = useSyntax(path, text, conflict);
  const [now, setNow] = useState(0);
  const busy = shown.saving.value.state === 'saving';

  const focusHunk = (index: number): void => {
    const card = element.current?.querySelectorAll<HTMLElement>('.hunk')[index];
    card?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
    card?.focus({ preventScroll: true });
    setNow(index);
  };
  useEffect(() => {
    const steps = {
      step: (by: 1 | -1): boolean => {
        const cards = [...(element.current?.querySelectorAll('.hunk') ?? [])];
        const focused = cards.findIndex((card) => card.contains(document.activeElement));
        const next = focused < 0 ? (by > 0 ? 0 : cards.length - 1) : focused + by;
        if (next < 0 || next >= cards.length) return false;
        focusHunk(next);
        return true;
      },
    };
    ide.hunks = steps;
    // The editor is gone, and what was being typed must not end up as choices: the keyboard waits beside them.
    if (document.activeElement === document.body) element.current?.focus({ preventScroll: true });
    return () => {
      if (ide.hunks === steps) ide.hunks = null;
    };
  }, [ide]);
  const choose = async (index: number, choice: Choice): Promise<void> => {
    const hunk = conflict.hunks[index];
    if (!hunk) return;
    if (!shown.replace(text, resolveHunk(text, hunk, choice))) {
      ide.notices.show('warning', 'This file changed just now', { detail: 'Nothing was chosen. Look at the conflict again, then choose.' });
      return;
    }
    // From here on it is the document's text that has what was begun.
    shown.drafts.drop(keys[index] ?? '');
    await shown.save();
    // The keyboard goes on with the one that took its place, or with the text when there is none.
    requestAnimationFrame(() => (shown.conflicted.peek() ? focusHunk(Math.min(index, conflict.hunks.length - 2)) : ide.focusEditor()));
  };

  const undoChoice = async (): Promise<void> => {
    if (busy || !(await shown.undoChoice())) return;
    requestAnimationFrame(() => focusHunk(now));
  };

  let line = 1;
  let offset = 0;
  return (
    <div
      ref={element}
      class="conflict"
      data-testid="conflict-view"
      tabIndex={-1}
      onKeyDown={(event) => {
        // From here Enter, as Tab does, leads to the first of them, where the keys choose.
        if (event.key === 'Enter' && event.target === event.currentTarget) focusHunk(0);
        // A text that is written in place of a conflict has an undo of its own.
        if (!isBinding(event, 'Mod+Z') || (event.target as Element).closest('.hunk-edit')) return;
        event.preventDefault();
        void undoChoice();
      }}
    >
      <div class="conflict-page">
        {conflict.segments.map((segment, index) => {
          if (segment.kind === 'hunk') {
            const { hunk } = segment;
            const key = keys[hunk.index] ?? '';
            line += countLines(hunk.sides[0]?.text ?? '');
            offset += hunk.sides[0]?.text.length ?? 0;
            return (
              <HunkCard
                key={`hunk ${key}`}
                path={path}
                hunk={hunk}
                count={conflict.hunks.length}
                tokens={hunkTokens(text, conflict, syntax, hunk.index)}
                own={shown.ownSides.value}
                now={now === hunk.index && conflict.hunks.length > 1}
                busy={busy}
                readDraft={() => shown.drafts.of(key)}
                onDraft={(draft) => (draft === null ? shown.drafts.drop(key) : shown.drafts.keep(key, draft))}
                onChoose={(choice) => void choose(hunk.index, choice)}
                onFocus={() => setNow(hunk.index)}
              />
            );
          }
          const content = text.slice(segment.from, segment.to);
          const first = line;
          const from = offset;
          line += countLines(content);
          offset += content.length;
          const tokens = syntax.text === text ? tokensWithin(syntax.sides[0] ?? [], from, from + content.length) : [];
          return (
            <Context
              key={`text ${index}`}
              content={content}
              tokens={tokens}
              first={first}
              edge={index === 0 ? 'start' : index === conflict.segments.length - 1 ? 'end' : 'none'}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Text between conflicts; what is far from any is folded away. */
function Context({ content, tokens, first, edge }: { content: string; tokens: readonly Token[]; first: number; edge: 'start' | 'end' | 'none' }): JSX.Element {
  const [open, setOpen] = useState(false);
  const lines = useMemo(() => paintLines(content, tokens, []), [content, tokens]);
  const before = edge === 'start' ? 0 : around;
  const after = edge === 'end' ? 0 : around;
  const hidden = lines.length - before - after;
  if (open || hidden < 8) return <CodeLines lines={lines} first={first} />;
  return (
    <>
      <CodeLines lines={lines.slice(0, before)} first={first} />
      <button type="button" class="conflict-fold" onClick={() => setOpen(true)}>
        {hidden} lines without conflicts
      </button>
      <CodeLines lines={lines.slice(lines.length - after)} first={first + lines.length - after} />
    </>
  );
}

function useSyntax(path: string, text: string, conflict: ConflictText): Syntax {
  const [syntax, setSyntax] = useState<Syntax>({ text: '', sides: [], bases: [] });
  useEffect(() => {
    let left = false;
    const sides = Math.max(...conflict.hunks.map((hunk) => hunk.sides.length), 0);
    const read = async (): Promise<void> => {
      const of = (kind: 'side' | 'base', count: number): Promise<Token[][]> =>
        Promise.all(Array.from({ length: count }, (_, index) => tokensOf(path, wholeText(text, conflict, kind, index).text)));
      const [sideTokens, baseTokens] = [await of('side', sides), await of('base', sides - 1)];
      if (!left) setSyntax({ text, sides: sideTokens, bases: baseTokens });
    };
    // Without its grammar the code is shown without colours.
    read().catch(() => undefined);
    return () => {
      left = true;
    };
  }, [path, text]);
  return syntax;
}

function hunkTokens(text: string, conflict: ConflictText, syntax: Syntax, index: number): HunkTokens {
  const hunk = conflict.hunks[index];
  if (!hunk || syntax.text !== text) return { sides: [], bases: [] };
  const part = (kind: 'side' | 'base', tokens: Token[][]): Token[][] =>
    tokens.map((all, term) => {
      const from = wholeText(text, conflict, kind, term).at[index] ?? 0;
      const length = (kind === 'side' ? hunk.sides : hunk.bases)[term]?.text.length ?? 0;
      return tokensWithin(all, from, from + length);
    });
  return { sides: part('side', syntax.sides), bases: part('base', syntax.bases) };
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
