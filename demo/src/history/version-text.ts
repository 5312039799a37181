import type { FileChange, Version } from './history-source.ts';

/** What a version is called where nobody has said what it is about. */
export const unnamed = 'No message yet';

/** The first line of a version's message. */
export function titleOf({ message }: Version): string {
  return message.trim().split('\n')[0] || unnamed;
}

/** A version as a sentence names it. */
export function nameOf(version: Version): string {
  return version.message.trim() === '' ? 'a version without a message' : `“${titleOf(version)}”`;
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
