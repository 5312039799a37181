import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHash } from 'node:crypto';
import { afterAll, expect, onTestFailed, test } from 'vitest';
import { encodeFrames } from '../../src/wire/frames.ts';
import type { Frame, ObjectKind } from '../../src/wire/frames.ts';
import { operationFrame } from '../../src/wire/operations.ts';
import type { WireEdit } from '../../src/wire/operations.ts';
import { openBackend } from '../../worker/cli/backend.ts';
import { openData } from '../../worker/node.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'mesafs-cli-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

/** Runs the command as a user does, on a data directory of this test's own. */
function mesafs(...args: string[]): { out: string; code: number } {
  try {
    const out = execFileSync(process.execPath, [join(root, 'worker/cli.ts'), ...args, '--data', join(data, 'store')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { out, code: 0 };
  } catch (error) {
    const failure = error as { status: number; stderr: string };
    return { out: failure.stderr, code: failure.status };
  }
}

/** A backend on the same directory, which is free for the command again when the test fails. */
async function openStore(): ReturnType<typeof openBackend> {
  const backend = await openBackend({ data: join(data, 'store') }, 'begin');
  onTestFailed(() => backend.close());
  return backend;
}

const git = (folder: string, ...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });

/** An object as it is sent. */
function object(kind: ObjectKind, bytes: Buffer): Extract<Frame, { type: 'object' }> {
  return { type: 'object', kind, oid: createHash('sha1').update(`${kind} ${bytes.length}\0`).update(bytes).digest('hex'), bytes };
}

/** Every file and symlink under a folder with its kind, exec bit and content. */
function inventory(folder: string, skip: (path: string) => boolean = () => false): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (directory: string): void => {
    for (const name of readdirSync(join(folder, directory))) {
      const path = directory === '' ? name : `${directory}/${name}`;
      if (name === '.git' || skip(path)) continue;
      const info = lstatSync(join(folder, path));
      if (info.isDirectory()) walk(path);
      else if (info.isSymbolicLink()) found.set(path, `link ${readlinkSync(join(folder, path))}`);
      else found.set(path, `${(info.mode & 0o100) === 0 ? 'file' : 'executable'} ${readFileSync(join(folder, path)).toString('base64')}`);
    }
  };
  walk('');
  return found;
}

test('a package of more than 5,000 files comes back byte for byte, and git finds nothing wrong', { timeout: 180_000 }, () => {
  const source = join(root, 'node_modules/date-fns');
  const before = inventory(source);
  expect(before.size).toBeGreaterThan(5_000);
  const began = performance.now();
  expect(mesafs('import', source, '--repo', 'date-fns')).toMatchObject({ code: 0 });
  const imported = performance.now();
  const out = join(data, 'date-fns');
  expect(mesafs('export', 'date-fns', out)).toMatchObject({ code: 0 });
  console.log(`${before.size} files: import ${(imported - began).toFixed(0)} ms, export ${(performance.now() - imported).toFixed(0)} ms`);
  expect(inventory(out)).toEqual(before);
  expect(git(out, 'fsck', '--strict')).toBe('');
  expect(git(out, 'status', '--porcelain')).toBe('');
  expect(git(out, 'log', '--all', '--format=%s'), 'the open change on top, with nothing in it, is no commit').toBe('Import date-fns\n');
  const paths = [...before.keys()];
  const ids = git(out, 'ls-tree', '-r', '--full-tree', '--format=%(objectname)', 'HEAD').trim().split('\n');
  const named = git(out, 'ls-tree', '-r', '-z', '--full-tree', '--name-only', 'HEAD').split('\0').filter(Boolean);
  expect(named.toSorted()).toEqual(paths.toSorted());
  const hashed = execFileSync('git', ['hash-object', '--stdin-paths', '--no-filters'], {
    cwd: source,
    input: named.map((path) => join(source, path)).join('\n'),
    encoding: 'utf8',
  })
    .trim()
    .split('\n');
  expect(ids).toEqual(hashed);
});

test("this project's own checkout comes back as it is on disk, without what git ignores", { timeout: 120_000 }, () => {
  const listed = git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate').split('\0').filter(Boolean);
  const wanted = new Set(listed);
  expect(mesafs('import', root, '--repo', 'self')).toMatchObject({ code: 0 });
  const out = join(data, 'self');
  expect(mesafs('export', 'self', out)).toMatchObject({ code: 0 });
  const ours = (path: string): boolean => ['node_modules', 'target', 'dist', '.mesafs', 'test-results'].includes(path);
  const expected = new Map([...inventory(root, ours)].filter(([path]) => wanted.has(path)));
  expect(inventory(out)).toEqual(expected);
  expect(git(out, 'fsck', '--strict')).toBe('');
});

test('exec bits, symlinks, empty files, strange names and binary content survive; what no repo can hold is named', () => {
  const source = join(data, 'odd');
  mkdirSync(join(source, 'deep/er'), { recursive: true });
  mkdirSync(join(source, 'nested/.git'), { recursive: true });
  writeFileSync(join(source, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(source, 'run.sh'), 0o755);
  writeFileSync(join(source, 'empty'), '');
  writeFileSync(join(source, 'deep/er/näme with "quotes"\tand\ttabs'), 'x');
  writeFileSync(
    join(source, 'binary'),
    Uint8Array.from({ length: 70_000 }, (_, index) => index % 256),
  );
  writeFileSync(join(source, 'nested/.git/config'), 'left out');
  symlinkSync('../run.sh', join(source, 'deep/link'));
  symlinkSync('/nowhere/at all', join(source, 'dangling'));
  const run = mesafs('import', source, '--repo', 'odd', '--message', 'Odd things');
  expect(run.code).toBe(0);
  const out = join(data, 'odd-out');
  expect(mesafs('export', 'odd', out).code).toBe(0);
  expect(inventory(out)).toEqual(inventory(source));
  expect(git(out, 'fsck', '--strict')).toBe('');
  // The import is closed by a change on top, in which nothing was written.
  expect(git(out, 'log', '--format=%s')).toBe('Odd things\n');
});

test('a name that is not UTF-8 is left out and told of, from a folder, a checkout and a commit', () => {
  const source = join(data, 'latin');
  mkdirSync(source);
  const name = (text: string): Buffer => Buffer.concat([Buffer.from(`${source}/`), Buffer.from(text, 'latin1')]);
  for (const text of ['caf\u00e9', 'caf\u00e8', 'cafe']) writeFileSync(name(text), text);
  writeFileSync(join(source, 'grün'), 'in UTF-8');
  const told = (...args: string[]): string => {
    const run = spawnSync(process.execPath, [join(root, 'worker/cli.ts'), 'import', ...args, '--data', join(data, 'store')], { encoding: 'utf8' });
    expect(run.status).toBe(0);
    return run.stdout + run.stderr;
  };
  const expectBoth = (printed: string, repo: string): void => {
    for (const left of ['caf\\350', 'caf\\351']) expect(printed).toContain(`left out ${left}: the name is not valid UTF-8`);
    const out = join(data, `${repo}-out`);
    expect(mesafs('export', repo, out).code).toBe(0);
    expect([...inventory(out).keys()].toSorted()).toEqual(['cafe', 'grün']);
  };
  expectBoth(told(source, '--repo', 'latin-folder'), 'latin-folder');
  git(source, 'init', '--quiet');
  git(source, 'add', '.');
  git(source, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'Everything');
  expectBoth(told(source, '--repo', 'latin-checkout'), 'latin-checkout');
  const bare = join(data, 'latin.git');
  git(data, 'clone', '--quiet', '--bare', source, bare);
  expectBoth(told(bare, '--repo', 'latin-commit'), 'latin-commit');
});

test('what a checkout had in a directory that is a link now is gone, whatever the link leads to', () => {
  const source = join(data, 'linked');
  const outside = join(data, 'outside');
  for (const folder of [join(source, 'moved/deep'), outside]) mkdirSync(folder, { recursive: true });
  for (const name of ['moved/file', 'moved/deep/file', 'beside']) writeFileSync(join(source, name), 'tracked');
  writeFileSync(join(outside, 'file'), 'of nobody’s business');
  git(source, 'init', '--quiet');
  git(source, 'add', '.');
  rmSync(join(source, 'moved'), { recursive: true });
  symlinkSync('../outside', join(source, 'moved'));
  expect(mesafs('import', source, '--repo', 'linked')).toMatchObject({ code: 0 });
  const out = join(data, 'linked-out');
  expect(mesafs('export', 'linked', out)).toMatchObject({ code: 0 });
  expect(inventory(out)).toEqual(inventory(source));
});

test('in a hook of another repository, and where new ones have other ids, it is the one named that is read and written', () => {
  const [other, meant, out] = [join(data, 'other'), join(data, 'meant'), join(data, 'meant-out')];
  for (const folder of [other, meant]) {
    mkdirSync(folder);
    git(folder, 'init', '--quiet');
    writeFileSync(join(folder, 'file'), `of ${folder}`);
    git(folder, 'add', '.');
    git(folder, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'Everything');
  }
  const env = { ...process.env, GIT_DIR: join(other, '.git'), GIT_DEFAULT_HASH: 'sha256' };
  for (const args of [
    ['import', meant, '--rev', 'HEAD', '--repo', 'meant'],
    ['export', 'meant', out],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'worker/cli.ts'), ...args, '--data', join(data, 'store')], { encoding: 'utf8', env });
    expect(status, stderr).toBe(0);
  }
  expect(inventory(out)).toEqual(inventory(meant));
});

test('what git finds fault with keeps nothing else back: it is exported and told of', async () => {
  let backend = await openStore();
  const send = async (path: string, body: BodyInit): Promise<void> => {
    const request = new Request(`${backend.apiUrl}/acme${path}`, { method: 'POST', headers: { Authorization: `Bearer ${backend.key}` }, body });
    expect((await backend.fetch(request)).ok).toBe(true);
  };
  const change = 'k'.repeat(32);
  const file = object('blob', Buffer.from('kept\n'));
  const tree = object('tree', Buffer.concat([Buffer.from('100644 git~1\0'), Buffer.from(file.oid, 'hex')]));
  const write = (path: string, { oid }: { oid: string }, mode: number): WireEdit => ({ type: 'write', path, was: [null], entry: [{ oid, mode }] });
  const edits = [write('d', tree, 0o40000), write('a', file, 0o100644)];
  const operation = operationFrame({ seq: 1, kind: 'files', target: { bookmark: 'main', newChange: change }, edits });
  await send('/repos', JSON.stringify({ name: 'faulty' }));
  // No directory like this is taken any more; stores may have some from before.
  await backend.close();
  const storage = openData(join(data, 'store'));
  const org = await storage.orgBySlug('acme');
  const repo = await storage.repoByName(org?.id ?? '', 'faulty');
  await storage.putObjects(repo?.id ?? '', [tree]);
  await storage.close();
  backend = await openStore();
  await send('/faulty/-/ops', encodeFrames([{ type: 'header', value: { client: 'c'.repeat(22) } }, operation, file]));
  for (const name of ['main/x', 'feature']) await send('/faulty/bookmarks', JSON.stringify({ name, change_id: change }));
  await backend.close();

  const out = join(data, 'faulty');
  expect(mesafs('export', 'faulty', out)).toEqual({ code: 0, out: `${out} has branches main, feature\n` });
  expect(git(out, 'show', 'feature:a')).toBe('kept\n');
  expect(git(out, 'show', 'main:d/git~1')).toBe('kept\n');
});

test('a change of more paths than can be told is exported', async () => {
  const backend = await openStore();
  const send = async (path: string, body: BodyInit): Promise<void> => {
    const request = new Request(`${backend.apiUrl}/acme${path}`, { method: 'POST', headers: { Authorization: `Bearer ${backend.key}` }, body });
    expect((await backend.fetch(request)).ok).toBe(true);
  };
  // Each tree has ten times the next: a million files. The default bookmark, which is checked out, is elsewhere.
  const file = object('blob', Buffer.from('one\n'));
  const frames: Frame[] = [file];
  let [oid, mode] = [file.oid, 0o100644];
  for (let level = 0; level < 6; level += 1) {
    const entries = Array.from({ length: 10 }, (_, index) => [Buffer.from(`${mode.toString(8)} d${index}\0`), Buffer.from(oid, 'hex')]);
    const tree = object('tree', Buffer.concat(entries.flat()));
    frames.push(tree);
    [oid, mode] = [tree.oid, 0o40000];
  }
  const edit = (path: string, entry: { oid: string; mode: number }): WireEdit[] => [{ type: 'write', path, was: [null], entry: [entry] }];
  const [main, change] = ['l'.repeat(32), 'k'.repeat(32)];
  const first = operationFrame({ seq: 1, kind: 'files', target: { bookmark: 'main', newChange: main }, edits: edit('a', { oid: file.oid, mode: 0o100644 }) });
  const create = operationFrame({ seq: 2, kind: 'change.create', id: change, parents: ['z'.repeat(32)], message: '' });
  const write = operationFrame({ seq: 3, kind: 'files', target: { change }, edits: edit('wide', { oid, mode }) });
  await send('/repos', JSON.stringify({ name: 'wide' }));
  await send('/wide/-/ops', encodeFrames([{ type: 'header', value: { client: 'c'.repeat(22) } }, first, create, write, ...frames]));
  await send('/wide/bookmarks', JSON.stringify({ name: 'million', change_id: change }));
  await backend.close();

  const out = join(data, 'wide');
  const run = spawnSync(process.execPath, [join(root, 'worker/cli.ts'), 'export', 'wide', out, '--data', join(data, 'store')], { encoding: 'utf8' });
  expect(run).toMatchObject({
    status: 0,
    stdout: `${out} has branches main, million\n`,
    stderr: expect.stringContaining('Exported 2 commits, 11 objects, ') as string,
  });
  expect(git(out, 'show', 'million:wide/d1/d2/d3/d4/d5/d6')).toBe('one\n');
});

test('an export that fails leaves the folder as it was', () => {
  const tools = join(data, 'tools');
  mkdirSync(tools);
  const real = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh\nif [ "$1" = index-pack ]; then echo "no space left" >&2; exit 1; fi\nexec ${real} "$@"\n`;
  writeFileSync(join(tools, 'git'), script, { mode: 0o755 });
  const fail = (out: string): unknown =>
    spawnSync(process.execPath, [join(root, 'worker/cli.ts'), 'export', 'odd', out, '--data', join(data, 'store')], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${tools}:${process.env['PATH']}` },
    });
  const [fresh, empty] = [join(data, 'failed/deep'), join(data, 'empty')];
  mkdirSync(empty);
  for (const out of [fresh, empty]) expect(fail(out)).toMatchObject({ status: 1, stderr: expect.stringContaining('index-pack failed') as string });
  expect([existsSync(join(data, 'failed')), readdirSync(empty)]).toEqual([false, []]);
});

test('a default bookmark that git takes for no branch is left out and told of', () => {
  const out = join(data, 'head-out');
  expect(mesafs('import', join(root, 'demo/public'), '--repo', 'head', '--bookmark', 'HEAD').code).toBe(0);
  expect(mesafs('export', 'head', out)).toEqual({ code: 0, out: `${out} has no branch\n` });
  expect(readdirSync(out)).toEqual(['.git']);
});

test('a bare repository is read at a revision', () => {
  const bare = join(data, 'bare.git');
  git(data, 'clone', '--quiet', '--bare', join(data, 'odd-out'), bare);
  expect(mesafs('import', bare).code).toBe(0);
  const out = join(data, 'bare-out');
  expect(mesafs('export', 'bare', out).code).toBe(0);
  expect(git(out, 'rev-parse', 'HEAD^{tree}')).toBe(git(bare, 'rev-parse', 'HEAD^{tree}'));
});

test('a repository with SHA-256 is read like any other', () => {
  const [source, bare, out] = ['sha256', 'sha256.git', 'sha256-out'].map((name) => join(data, name)) as [string, string, string];
  git(data, 'init', '--quiet', '--object-format=sha256', source);
  mkdirSync(join(source, 'd'));
  writeFileSync(join(source, 'd/näme'), 'content\n');
  writeFileSync(join(source, 'empty'), '');
  git(source, 'add', '.');
  git(source, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'Everything');
  git(data, 'clone', '--quiet', '--bare', source, bare);
  expect(mesafs('import', bare).code).toBe(0);
  expect(mesafs('export', 'sha256', out).code).toBe(0);
  expect(inventory(out)).toEqual(inventory(source));
});

test('mistakes get a sentence that names the value and the remedy', () => {
  expect(mesafs('import', '/no/such/folder')).toEqual({ code: 1, out: 'mesafs: /no/such/folder is not a folder\n' });
  expect(mesafs('import', join(root, 'docs'), '--repo', 'odd').out).toMatch(/odd already has content; import into another one with --repo|is not a folder/);
  expect(mesafs('export', 'odd', join(data, 'odd-out')).out).toMatch(/is not empty; export into a new or empty folder/);
  expect(mesafs('export', 'no-such-repo', join(data, 'x')).out).toMatch(/REPO_NOT_FOUND/);
  expect(mesafs('frobnicate').out).toMatch(/There is no command "frobnicate"/);
  expect(mesafs('serve', '--port', 'abc').out).toMatch(/--port abc is not a port/);
  expect(mesafs('--frobnicate').out).toBe("mesafs: Unknown option '--frobnicate'; mesafs --help lists the options\n");
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(mesafs('--version')).toEqual({ code: 0, out: `${version}\n` });
});

test('a port that is taken costs no admin key, and another key can be made', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const refused = mesafs('serve', '--port', String(port));
  expect(refused).toEqual({ code: 1, out: `mesafs: Port ${port} of 127.0.0.1 is taken; stop what listens there, or choose another port\n` });
  holder.close();
  expect(mesafs('key').out).toMatch(/^mesa_\S+\n$/);
});
