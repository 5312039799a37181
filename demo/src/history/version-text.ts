import { shownText } from '../workspace/shown-text.ts';
import type { FileChange, Version } from './history-source.ts';

/** What a version is called where nobody has said what it is about: the present one at first holds nothing but what the one below it does. */
const unnamed = 'No message yet';
const untouched = 'Nothing new yet';

/** A version in one line: the first of its message, or what is known of one that has none. */
export function titleOf(version: Version): string {
  return isNamed(version) ? shownText(version.message.trim().split('\n')[0] ?? '') : version.empty ? untouched : unnamed;
}

/** Whether somebody has said what a version is about. */
export function isNamed({ message }: Version): boolean {
  return message.trim() !== '';
}

/** A version as a sentence names it. */
export function nameOf(version: Version): string {
  return isNamed(version) ? `“${titleOf(version)}”` : 'a version without a message';
}

/** What happened to a file, as a letter and as a word. */
export const statusWords: Record<FileChange['status'], readonly [letter: string, word: string]> = {
  added: ['A', 'added'],
  modified: ['M', 'changed'],
  deleted: ['D', 'deleted'],
  renamed: ['R', 'renamed'],
  conflicted: ['!', 'in conflict'],
};

/** Files as a sentence counts them: `3 files`. */
export function countFiles(count: number): string {
  return count === 1 ? '1 file' : `${count.toLocaleString('en')} files`;
}
