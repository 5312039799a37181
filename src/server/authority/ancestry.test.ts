import { expect, test } from 'vitest';
import type { ChangeRecord } from '../storage/records.ts';
import type { Content, History } from './ancestry.ts';
import { mergeVersions } from './ancestry.ts';
import type { Asker } from './objects.ts';

const WIDTH = 16;
const idOf = (level: number, place: number): string => `${level}/${place}`;

/** Levels of 16 changes each; the last one is merged. `standsOn` tells which of those before a change stands on. */
function crossed(levels: number, standsOn: (level: number, place: number, on: number, at: number) => boolean) {
  const changes = new Map<string, ChangeRecord>();
  const person = { name: 'a', email: 'a', timestamp: 0, tzOffset: 0 };
  for (let index = 0; index < levels * WIDTH; index += 1) {
    const [level, place] = [Math.floor(index / WIDTH), index % WIDTH];
    const before = Array.from({ length: level * WIDTH }, (_, other) => [Math.floor(other / WIDTH), other % WIDTH] as const);
    const parents = before.filter(([on, at]) => standsOn(level, place, on, at)).map(([on, at]) => idOf(on, at));
    const version = { id: idOf(level, place), commit: '', trees: [], side: null, message: '', author: person, committer: person };
    changes.set(version.id, { ...version, parents, seq: index, createdSeq: index, createdAt: 0, updatedAt: 0 });
  }
  let asked = 0;
  const view: History = { change: async (name) => changes.get(name) ?? null };
  const versionOf = async (name: string): Promise<Content> => {
    asked += 1;
    if (asked > 100_000) throw new Error('versions are asked for without end');
    return { trees: [name], side: null };
  };
  // What it merges is of no interest, only how often.
  const objects: Asker = { ask: async (question) => question({ mergeTrees: ([ours]: string[][]) => ({ trees: ours }) } as never) as never };
  const tips = Array.from({ length: WIDTH }, (_, place) => idOf(levels - 1, place));
  return { merge: () => mergeVersions(view, objects, tips, versionOf), asked: () => asked };
}

test('histories that cross take as long to merge as they are deep', async () => {
  const ways: number[] = [];
  for (const levels of [4, 8]) {
    const { merge, asked } = crossed(levels, (level, _place, on) => on === level - 1);
    expect(await merge()).toEqual({ trees: [`${levels - 1}/0`], side: null });
    ways.push(asked());
  }
  expect(ways).toEqual([4 * 16, 8 * 16]);
});

test('histories that cross in too many ways are refused instead of followed for ever', async () => {
  const { merge } = crossed(24, (level, place, on, at) => level - on <= 3 && mixed((level * WIDTH + place) * 1_024 + on * WIDTH + at) < 0.25);
  await expect(merge()).rejects.toMatchObject({ code: 'MERGE_CONFLICT', message: expect.stringContaining('merge fewer of them') as string });
});

/** A number from 0 to 1 that looks random and is always the same. */
function mixed(number: number): number {
  const once = Math.imul(number ^ (number >>> 15), 0x2c1b3c6d);
  return (Math.imul(once ^ (once >>> 12), 0x297a2d39) >>> 8) / 2 ** 24;
}
