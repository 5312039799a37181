import type { SearchOptions } from './text-search.ts';

/** A line as a search shows it: what was found, and what stands around it. Where that isn't known, all of it stands after. */
export interface HitText {
  before: string;
  match: string;
  after: string;
}

const maxBefore = 80;
const maxAfter = 300;

/** What a search looks for, as this page finds it again in a line; `null` when it can't be said here. */
export function patternOf(query: string, { matchCase, regex }: SearchOptions): RegExp | null {
  try {
    return new RegExp(regex ? query : query.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`), matchCase ? 'u' : 'iu');
  } catch {
    // rg knows forms that scripts don't.
    return null;
  }
}

/** Cuts a line, which may be very long, to what was found in it first and some text around that. */
export function cutAround(line: string, pattern: RegExp | null): HitText {
  const text = line.trimEnd();
  const found = pattern?.exec(text);
  if (!found || found[0] === '') return { before: '', match: '', after: head(text.trimStart(), maxAfter) };
  const end = found.index + found[0].length;
  return { before: tail(text.slice(0, found.index).trimStart(), maxBefore), match: head(found[0], maxAfter), after: head(text.slice(end), maxAfter) };
}

function head(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function tail(text: string, length: number): string {
  return text.length > length ? `…${text.slice(-length)}` : text;
}
