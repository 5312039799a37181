import type { ConflictHunk } from './parse-conflict.ts';

/** What a conflict is: the texts of its sides. */
export function sidesKey({ sides }: Pick<ConflictHunk, 'sides'>): string {
  return JSON.stringify(sides.map((side) => side.text));
}

/** Names the conflicts of a file by what their sides are, wherever they stand: one that is settled leaves the names of the others as they were. */
export function hunkKeys(hunks: readonly Pick<ConflictHunk, 'sides'>[]): string[] {
  const seen = new Map<string, number>();
  return hunks.map((hunk) => {
    const key = sidesKey(hunk);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return `${key} ${before}`;
  });
}
