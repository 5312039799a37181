import type { Shell } from './client.ts';
import { cutAround, patternOf, type HitText } from './hit-text.ts';

/** A line that holds what was searched for. */
export interface SearchHit extends HitText {
  path: string;
  line: number;
}

/** How a search is meant. */
export interface SearchOptions {
  matchCase: boolean;
  regex: boolean;
}

/** What a search found; `more` says that it was cut off, in all or in one file, `partial` that some of the files couldn't be read. */
export interface SearchResult {
  hits: SearchHit[];
  more: boolean;
  partial: boolean;
}

const maxHits = 1_000;
const maxPerFile = 200;

/**
 * Searches all files, beside the data: the shell's rg reads them, and only the lines found come here. Binary files are left out. rg passes over what it can't
 * read without a word, so a search that was not connected all the time (`connected`) counts as partial.
 */
export async function searchText(
  shell: Shell,
  root: string,
  query: string,
  options: SearchOptions,
  signal: AbortSignal,
  connected: () => boolean,
): Promise<SearchResult> {
  const before = connected();
  const flags = `-n --heading --hidden --no-ignore -m ${maxPerFile} ${options.matchCase ? '-s' : '-i'}${options.regex ? '' : ' -F'}`;
  const { stdout, stderr, exitCode } = await shell.exec(`rg ${flags} -e ${quote(query)} ${quote(root)}`, { signal, cwd: root });
  if (exitCode > 1 || (stdout === '' && stderr !== '')) throw new Error(stderr.trim() || `rg ended with ${exitCode}`);
  return { ...readHits(stdout, patternOf(query, options)), partial: stderr !== '' || !before || !connected() };
}

/**
 * Reads what rg prints, a file's absolute path and below it `12:text`, and finds in each line what it was found for. Only `\n` ends a line of it: another end, as of
 * CRLF, is in the text.
 */
export function readHits(output: string, pattern: RegExp | null): Omit<SearchResult, 'partial'> {
  const hits: SearchHit[] = [];
  let more = false;
  let [path, ofFile] = ['', 0];
  for (const row of output.split('\n')) {
    if (row.startsWith('/')) [path, ofFile] = [row, 0];
    const found = /^(\d+):(.*)$/s.exec(row);
    if (!found) continue;
    if (hits.length >= maxHits) {
      more = true;
      break;
    }
    const [, line = '', text = ''] = found;
    ofFile += 1;
    // Here rg leaves a file; whether it had reached its end, it does not say.
    if (ofFile >= maxPerFile) more = true;
    hits.push({ path, line: Number(line), ...cutAround(text, pattern) });
  }
  return { hits, more };
}

/** A word for the shell, whatever is in it. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
