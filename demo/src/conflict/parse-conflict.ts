/** One term of a hunk: a side, or a base between two sides. */
export interface HunkTerm {
  /** As the marker line names it: `side #1`, `base`, `side #2 (Ada)`. */
  label: string;
  text: string;
}

/** One place of a file where the sides disagree. */
export interface ConflictHunk {
  /** From 0, in the order of the file. */
  index: number;
  /** Where the region with its markers lies in the text. */
  from: number;
  to: number;
  /** The line of the first marker, from 1. */
  line: number;
  sides: HunkTerm[];
  bases: HunkTerm[];
}

/** A conflicted file's text, cut where the markers are. */
export interface ConflictText {
  segments: ({ kind: 'text'; from: number; to: number } | { kind: 'hunk'; hunk: ConflictHunk })[];
  hunks: ConflictHunk[];
}

/** A hunk's terms in the order they are shown: each side, and behind it the base it is measured against, where that is another one. */
export function termsInOrder(hunk: Pick<ConflictHunk, 'sides' | 'bases'>): { kind: 'side' | 'base'; index: number }[] {
  return hunk.sides.flatMap((_, index) => {
    const base = hunk.bases[index];
    const known = hunk.bases.slice(0, index).some((other) => other.text === base?.text);
    return base && !known
      ? [
          { kind: 'side' as const, index },
          { kind: 'base' as const, index },
        ]
      : [{ kind: 'side' as const, index }];
  });
}

interface Line {
  from: number;
  to: number;
  /** Without its line end. */
  text: string;
  ended: boolean;
}

/**
 * Reads the marker text of a conflicted file: `<<<<<<< conflict 1 of 2`, then `+++++++ side #1`, `------- base`, `+++++++ side #2` and
 * so on, then `>>>>>>> conflict 1 of 2 ends`. The markers have seven characters or more: always more than any in the texts themselves, so that the
 * longest count. A region that doesn't hold one side more than bases is left as plain text.
 */
export function parseConflictText(text: string): ConflictText {
  const lines = splitLines(text);
  const length = markerLength(lines);
  const out: ConflictText = { segments: [], hunks: [] };
  let at = 0;
  let start = -1;
  for (const [number, line] of lines.entries()) {
    if (isMarker(line.text, '<', length)) start = number;
    else if (start >= 0 && isMarker(line.text, '>', length)) {
      const first = lines[start];
      const terms = first ? readTerms(text, lines.slice(start + 1, number), length, line.ended) : null;
      if (first && terms) {
        if (first.from > at) out.segments.push({ kind: 'text', from: at, to: first.from });
        const hunk = { index: out.hunks.length, from: first.from, to: line.to, line: start + 1, ...terms };
        out.hunks.push(hunk);
        out.segments.push({ kind: 'hunk', hunk });
        at = line.to;
      }
      start = -1;
    }
  }
  if (at < text.length) out.segments.push({ kind: 'text', from: at, to: text.length });
  return out;
}

function markerLength(lines: readonly Line[]): number {
  const lengths = lines.map((line) => /^(<{7,}) conflict \d+ of \d+\r?$/.exec(line.text)?.[1]?.length ?? 0);
  const ended = new Set(lengths.filter((length) => length > 0 && lines.some((line) => isMarker(line.text, '>', length))));
  return Math.max(7, ...ended);
}

/** A marker line is one character repeated exactly `length` times, then the end of the line or a space. */
function isMarker(line: string, character: string, length: number): boolean {
  if (!line.startsWith(character.repeat(length))) return false;
  const next = line[length];
  return next === undefined || next === ' ' || next === '\t' || next === '\r';
}

function readTerms(text: string, body: readonly Line[], length: number, ended: boolean): { sides: HunkTerm[]; bases: HunkTerm[] } | null {
  const sides: HunkTerm[] = [];
  const bases: HunkTerm[] = [];
  let open: { term: HunkTerm; from: number } | null = null;
  const close = (to: number): void => {
    if (!open) return;
    const content = text.slice(open.from, to);
    // Without a line end after the last marker, every term got one that isn't its own.
    open.term.text = ended ? content : content.replace(/\r?\n$/, '');
  };
  for (const line of body) {
    const side = isMarker(line.text, '+', length);
    if (side || isMarker(line.text, '-', length)) {
      close(line.from);
      open = { term: { label: line.text.slice(length).trim().replace(' (no terminating newline)', ''), text: '' }, from: line.to };
      (side ? sides : bases).push(open.term);
    } else if (isMarker(line.text, '%', length) || isMarker(line.text, '\\', length) || !open) return null;
  }
  close(body.at(-1)?.to ?? 0);
  return sides.length >= 2 && sides.length === bases.length + 1 ? { sides, bases } : null;
}

function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end + 1;
    lines.push({ from, to, text: text.slice(from, end < 0 ? to : end), ended: end >= 0 });
    from = to;
  }
  return lines;
}
