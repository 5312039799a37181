/** A name that matches what was typed, and which of its characters do. */
export interface FuzzyMatch<T> {
  item: T;
  score: number;
  /** Offsets of the characters that matched. */
  at: number[];
}

/** The best matches first: letters in order, with a premium on starts of words, runs, and the file's own name. */
export function fuzzyFilter<T>(items: Iterable<T>, query: string, text: (item: T) => string, limit: number): FuzzyMatch<T>[] {
  const wanted = query.toLowerCase().replaceAll(' ', '');
  const matches: FuzzyMatch<T>[] = [];
  for (const item of items) {
    const match = wanted === '' ? { score: 0, at: [] } : matchText(text(item), wanted);
    if (match) matches.push({ item, ...match });
    if (wanted === '' && matches.length >= limit) break;
  }
  // Without letters to go by, the given order is the best there is.
  if (wanted === '') return matches;
  return matches.toSorted((a, b) => b.score - a.score || text(a.item).length - text(b.item).length).slice(0, limit);
}

function matchText(text: string, wanted: string): { score: number; at: number[] } | null {
  // The name alone first: “read” should find README.md before src/reader/ad.ts.
  const cut = text.lastIndexOf('/') + 1;
  const own = cut > 0 ? matchFrom(text, wanted, cut) : null;
  const whole = matchFrom(text, wanted, 0);
  if (own && (!whole || own.score + 20 >= whole.score)) return { score: own.score + 20, at: own.at };
  return whole;
}

function matchFrom(text: string, wanted: string, start: number): { score: number; at: number[] } | null {
  const lower = text.toLowerCase();
  const at: number[] = [];
  let score = 0;
  let from = start;
  const latest = latestPlaces(lower, wanted, start);
  if (latest === null) return null;
  for (const [index, character] of Array.from(wanted).entries()) {
    const found = bestNext(text, lower, character, from, at.at(-1), latest[index] ?? 0);
    const afterLast = at.length > 0 && found === (at.at(-1) ?? 0) + 1;
    score += afterLast ? 8 : isWordStart(text, found) ? 6 : 1;
    at.push(found);
    from = found + 1;
  }
  return { score: score - (at[0] ?? 0) / 50 - text.length / 200, at };
}

/** The last place each character may have so that those behind it are still found; `null` where they are not all there, in order. */
function latestPlaces(lower: string, wanted: string, start: number): number[] | null {
  const out: number[] = [];
  let before = lower.length;
  for (const character of Array.from(wanted).toReversed()) {
    const found = before > start ? lower.lastIndexOf(character, before - 1) : -1;
    if (found < start) return null;
    out.unshift(found);
    before = found;
  }
  return out;
}

/** The next place of a character, no later than `latest`: right after the last one if possible, then the next start of a word, then anywhere. */
function bestNext(text: string, lower: string, character: string, from: number, last: number | undefined, latest: number): number {
  const next = lower.indexOf(character, from);
  if (last !== undefined && next === last + 1) return next;
  for (let found = next; found >= 0 && found <= latest; found = lower.indexOf(character, found + 1)) if (isWordStart(text, found)) return found;
  return next;
}

function isWordStart(text: string, at: number): boolean {
  const before = text[at - 1];
  if (before === undefined || /[^\p{L}\p{N}]/u.test(before)) return true;
  const own = text[at] ?? '';
  return own !== own.toLowerCase() && before === before.toLowerCase();
}
