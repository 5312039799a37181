import type { ConflictHunk } from './parse-conflict.ts';

/** Names the conflicts of a file by what their sides are, wherever they stand: one that is settled leaves the names of the others as they were. */
export function hunkKeys(hunks: readonly Pick<ConflictHunk, 'sides'>[]): string[] {
  const seen = new Map<string, number>();
  return hunks.map(({ sides }) => {
    const key = JSON.stringify(sides.map((side) => side.text));
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return `${key} ${before}`;
  });
}
