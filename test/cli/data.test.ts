import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mesafs } from './run.ts';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'mesafs-data-')));
  mkdirSync(join(folder, 'project'));
  writeFileSync(join(folder, 'project/plan.md'), 'ship\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what only reads makes no data where none is', async () => {
  const typo = join(folder, 'typo');
  const refused = {
    code: 1,
    out: '',
    err: `mesafs: There is no data in ${typo}; name the folder it is in with --data, or make new data with: mesafs serve, mesafs import\n`,
  };
  expect(await mesafs(folder, 'key', '--data', 'typo')).toEqual(refused);
  expect(await mesafs(folder, 'export', 'project', 'out', '--data', typo)).toEqual(refused);
  mkdirSync(typo);
  expect(await mesafs(folder, 'key', '--data', 'typo'), 'a folder of something else').toEqual(refused);
  expect([readdirSync(folder).toSorted(), readdirSync(typo)]).toEqual([['project', 'typo'], []]);
});

test('an import makes new data where none is, and says so', async () => {
  const began = `Made new data in ${join(folder, 'new')}\n`;
  expect(await mesafs(folder, 'import', 'project', '--data', 'new')).toMatchObject({ code: 0, err: expect.stringContaining(began) as string });
  const again = await mesafs(folder, 'import', 'project', '--repo', 'again', '--data', 'new');
  expect([again.code, again.err]).toEqual([0, expect.not.stringContaining('Made new data')]);
  expect(await mesafs(folder, 'key', '--data', 'new')).toMatchObject({ code: 0, out: expect.stringMatching(/^mesa_\S+\n$/) as string });
});

test('an org that is not there is not made by what only reads', async () => {
  await mesafs(folder, 'import', 'project', '--data', 'new');
  const err = `mesafs: There is no org "acne" in the data in ${join(folder, 'new')}; name one that is there with --org, or make it with: mesafs serve\n`;
  for (const command of [['key'], ['export', 'project', 'out']]) {
    expect(await mesafs(folder, ...command, '--data', 'new', '--org', 'acne')).toEqual({ code: 1, out: '', err });
  }
});

test('--data that names no folder is refused', async () => {
  const err = 'mesafs: --data "" names no folder; give the one the data is in, such as --data .mesafs\n';
  for (const command of [['serve', '--port', '0'], ['key'], ['import', 'project'], ['export', 'project', 'out']]) {
    expect(await mesafs(folder, ...command, '--data', '')).toEqual({ code: 1, out: '', err });
  }
  expect(readdirSync(folder)).toEqual(['project']);
});
