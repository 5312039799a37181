import { expect, test } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { bringBack, keepFiles, mostKept } from './kept-files.ts';

const root = '/acme/app';

test('a folder is brought back with all that was in it, but what is there again by now', async () => {
  const fs = new FakeFs({ [`${root}/d/a`]: 'a', [`${root}/d/e/b`]: 'b', [`${root}/c`]: 'c' });
  const kept = await keepFiles(fs, [`${root}/d`]);
  await fs.rm(`${root}/d`);
  fs.files.set(`${root}/d/a`, { text: 'new', conflicted: false });
  if (kept) expect(await bringBack(fs, kept)).toBe(1);
  expect([...fs.files].map(([path, { text }]) => [path, text])).toEqual([
    [`${root}/c`, 'c'],
    [`${root}/d/a`, 'new'],
    [`${root}/d/e/b`, 'b'],
  ]);
});

test('what can’t be kept whole is not kept at all', async () => {
  const many = Array.from({ length: mostKept.files + 1 }, (_, index) => [`${root}/many/${index}`, 'x'] as const);
  const fs = new FakeFs({ ...Object.fromEntries(many), [`${root}/few/a`]: 'a', [`${root}/few/b`]: 'b' });
  expect(await keepFiles(fs, [`${root}/many`])).toBeNull();
  expect((await keepFiles(fs, [`${root}/few`]))?.files).toHaveLength(2);
  fs.files.set(`${root}/few/b`, { text: 'b', conflicted: true });
  expect(await keepFiles(fs, [`${root}/few`])).toBeNull();
  expect(await keepFiles(fs, [`${root}/gone`])).toBeNull();
});
