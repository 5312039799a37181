import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { Mesa } from '../../src/runtime/node.ts';
import { openBackend } from '../../worker/cli/backend.ts';
import { mesafs } from './run.ts';

let folder: string;

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'mesafs-import-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('directories with nothing in them are imported too', async () => {
  for (const path of ['bare', 'deep/er/empty', 'deep/full', 'nested/.git']) mkdirSync(join(folder, 'project', path), { recursive: true });
  writeFileSync(join(folder, 'project/deep/full/plan.md'), 'ship\n');
  mkdirSync(join(folder, 'hollow/all/the/way'), { recursive: true });
  const run = await mesafs(folder, 'import', 'project', '--data', 'store');
  expect(run).toMatchObject({ code: 0, err: expect.stringMatching(/^Imported 1 file and 3 empty folders, 5 B /m) as string });
  expect(await mesafs(folder, 'import', 'hollow', '--data', 'store')).toMatchObject({ code: 0 });

  const backend = await openBackend({ data: join(folder, 'store') }, 'find');
  onTestFinished(() => backend.close());
  await using fs = await new Mesa({ apiUrl: backend.apiUrl, apiKey: backend.key, fetch: backend.fetch }).fs.mount({ repos: ['project', 'hollow'] });
  const list = async (path: string): Promise<string[]> => (await fs.readdir(`/acme/${path}`)).toSorted();
  expect(await list('project')).toEqual(['bare', 'deep', 'nested']);
  expect(await Promise.all(['bare', 'deep', 'deep/er', 'deep/er/empty', 'nested'].map((path) => list(`project/${path}`)))).toEqual([
    [],
    ['er', 'full'],
    ['empty'],
    [],
    [],
  ]);
  expect(await list('hollow/all/the/way')).toEqual([]);
});
