import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { Mesa } from '../../src/runtime/node.ts';
import { openBackend } from '../../worker/cli/backend.ts';
import { mesafs } from './run.ts';

let folder: string;

beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), 'mesafs-import-')))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });

test('what holds nothing is told of before anything is made', async () => {
  mkdirSync(join(folder, 'empty'));
  git('init', '--quiet', 'fresh');
  writeFileSync(join(folder, 'fresh/.gitignore'), '*\n');
  git('init', '--quiet', '--bare', 'bare.git');
  git('init', '--quiet', 'linked');
  git('init', '--quiet', 'linked/inner');
  git('init', '--quiet', 'hollow');
  git('-C', 'hollow', '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', 'Nothing');
  const told = async (name: string, sentence: string, ...options: string[]): Promise<void> => {
    expect(await mesafs(folder, 'import', name, '--data', 'store', ...options)).toEqual({ code: 1, out: '', err: `mesafs: ${sentence}\n` });
  };
  const nothing = (name: string): string => `There is nothing to import in ${join(folder, name)}:`;
  await told('empty', `${nothing('empty')} it is empty`);
  await told('fresh', `${nothing('fresh')} it has no files that git does not ignore`);
  await told('linked', `${nothing('linked')} no repo can hold what is there (inner: a nested git repository)`);
  await told('hollow', `${nothing('hollow')} the commit "HEAD" has no files`, '--rev', 'HEAD');
  const none = `${join(folder, 'bare.git')} has no commit at HEAD, so there is nothing to import; name another revision with --rev, or commit first`;
  await told('bare.git', none);
  for (const revision of ['nope', 'HEAD^{tree}']) {
    await told('hollow', `${join(folder, 'hollow')} has no commit "${revision}"; name one that is there with --rev: a branch, a tag, an id`, '--rev', revision);
  }
  expect(existsSync(join(folder, 'store'))).toBe(false);
});

test('a commit that nothing takes does not keep the command from ending', async () => {
  git('init', '--quiet', 'project');
  writeFileSync(join(folder, 'project/plan.md'), 'ship\n');
  git('-C', 'project', 'add', '.');
  git('-C', 'project', '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'Plan');
  const run = await mesafs(folder, 'import', 'project', '--rev', 'HEAD', '--key', 'none', '--api', 'nowhere');
  expect(run).toEqual({ code: 1, out: '', err: 'mesafs: --api nowhere is not an address; it looks like http://127.0.0.1:4870/v1\n' });
});

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
