import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientId, TestBackend } from '../../src/server/test-support.ts';
import type { Operation, WireEdit } from '../../src/wire/operations.ts';
import { openData } from '../../worker/node.ts';

/** The real `jj`, which `npm run jj` installs. */
const program = process.env['MESAFS_JJ'] ?? 'jj';
const root = fileURLToPath(new URL('../..', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'mesafs-jj-'));
const [exported, cloned] = [join(data, 'exported'), join(data, 'cloned')];
const [FIRST, CONFLICTED, CHILD] = ['k', 'l', 'm'].map((letter) => letter.repeat(32)) as [string, string, string];

/** A conflicted path as the backend has it. */
interface Conflict {
  sides: number;
  text: string;
}
/** Something else than a plain file. */
interface Other {
  text: string;
  mode: number;
}

const conflicts = new Map<string, Conflict>();

const run = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, JJ_CONFIG: join(data, 'jj.toml') } });
const jj = (...args: string[]): string => run(program, ['--no-pager', '--color=never', ...args], cloned);
const git = (...args: string[]): string => run('git', args, cloned);

beforeAll(async () => {
  await makeConflicts();
  run(process.execPath, [join(root, 'worker/cli.ts'), 'export', 'app', exported, '--data', join(data, 'store')], data);
  writeFileSync(join(data, 'jj.toml'), '[user]\nname = "Test"\nemail = "test@example.com"\n[ui]\nconflict-marker-style = "snapshot"\n');
  run(program, ['git', 'clone', '--colocate', exported, cloned], data);
}, 120_000);

afterAll(() => rmSync(data, { recursive: true, force: true }));

/** Races that end in conflicts of every shape, several of them in one commit. */
async function makeConflicts(): Promise<void> {
  const storage = openData(join(data, 'store'));
  const backend = await TestBackend.start({ storage });
  await backend.repo();
  let seq = 0;
  type Files = Extract<Operation, { kind: 'files' }>;
  const op = (target: Files['target'], edits: WireEdit[], texts: string[]): Promise<unknown> =>
    backend.op(clientId('a'), { seq: ++seq, kind: 'files', target, edits }, texts);
  /** Several writers saw `was` at a path and each writes something else. */
  const race = async (path: string, was: string | null, ...writes: (string | null | Other)[]): Promise<void> => {
    for (const write of writes) {
      const other = typeof write === 'object' && write !== null ? write : null;
      const text = typeof write === 'string' ? write : (other?.text ?? null);
      const edit = backend.write(path, text, was);
      if (other !== null && edit.type === 'write') edit.entry = backend.file(other.text, other.mode);
      await op(
        { change: CONFLICTED },
        [edit],
        [was, text].filter((blob) => blob !== null),
      );
    }
  };
  const files: Record<string, string> = {
    'two.txt': 'one\ntwo\nthree\n',
    'deep/er/three.txt': 'base\n',
    'deleted.txt': 'base\n',
    'bits.sh': '#!/bin/sh\n',
    'no-newline.txt': 'base',
    'crlf.txt': 'a\r\nb\r\n',
    'Case.txt': 'upper\n',
    'case.txt': 'lower\n',
    'plain.txt': 'nobody races here\n',
    kind: 'a file\n',
  };
  const edits = Object.entries(files).map(([path, text]) => backend.write(path, text));
  await op({ bookmark: 'main', newChange: FIRST }, edits, Object.values(files));
  await backend.op(clientId('a'), { seq: ++seq, kind: 'change.create', id: CONFLICTED, parents: [FIRST], message: 'In conflict\n' });

  await race('two.txt', 'one\ntwo\nthree\n', 'one\nleft\nthree\n', 'one\nright\nthree\n');
  await race('deep/er/three.txt', 'base\n', 'first\n', 'second\n', 'third\n');
  await race('deleted.txt', 'base\n', 'changed\n', null);
  await race('new.txt', null, 'mine\n', 'yours\n', 'theirs\n', 'ours\n');
  await race('bits.sh', '#!/bin/sh\n', { text: '#!/bin/sh\necho left\n', mode: 0o100755 }, { text: '#!/bin/sh\necho right\n', mode: 0o100755 });
  await race('no-newline.txt', 'base', 'left', 'right\n');
  await race('crlf.txt', 'a\r\nb\r\n', 'A\r\nb\r\n', 'AA\r\nb\r\n');
  await race('case.txt', 'lower\n', 'lower 1\n', 'lower 2\n');
  await race('kind', 'a file\n', 'another file\n', { text: 'target', mode: 0o120000 });
  await race('plain.txt/below', null, 'a directory in the place of a file\n');

  // A change on top, in which some are resolved and one file is new.
  await backend.op(clientId('a'), { seq: ++seq, kind: 'change.create', id: CHILD, parents: [CONFLICTED], message: 'Half resolved\n' });
  const terms = [...backend.file('one\nleft\nthree\n'), ...backend.file('one\ntwo\nthree\n'), ...backend.file('one\nright\nthree\n')];
  await op(
    { change: CHILD },
    [backend.write('two.txt', 'one\nboth\nthree\n', terms), backend.write('fresh.txt', 'fresh\n')],
    ['one\nboth\nthree\n', 'fresh\n'],
  );
  await backend.op(clientId('a'), { seq: ++seq, kind: 'bookmark.move', name: 'main', change: CHILD });

  const { body } = await backend.json<{ conflicts: string[] }>('GET', `/acme/app/changes/${CONFLICTED}`);
  const [change] = await storage.changes((await storage.repoByName(backend.orgId, 'app'))?.id ?? '', [CONFLICTED]);
  for (const path of body.conflicts) {
    const terms = await termsAt(backend, change?.trees ?? [], path);
    conflicts.set(path, { sides: (terms + 1) / 2, text: await backend.read(path, CONFLICTED) });
  }
  expect(backend.logged).toEqual([]);
  await backend.handler.close();
  await storage.close();
}

async function termsAt(backend: TestBackend, trees: string[], path: string): Promise<number> {
  const pool = backend.core.pool();
  const repo = (await backend.storage.repoByName(backend.orgId, 'app'))?.id ?? '';
  for (;;) {
    const answer = pool.conflicts(trees);
    if ('paths' in answer) return answer.paths.find((conflict) => conflict.path === path)?.terms.length ?? 0;
    for (const { oid, kind, bytes } of await backend.storage.objects(repo, answer.missing)) pool.putTrusted(oid, kind, bytes);
  }
}

test('jj lists the same conflicted files with the same number of sides', () => {
  const template = 'if(conflict, path ++ " " ++ conflict_side_count ++ "\\n")';
  const listed = jj('file', 'list', '-r', CONFLICTED, '-T', template).trim().split('\n');
  const ours = [...conflicts].map(([path, { sides }]) => `${path} ${sides}`);
  expect(listed.toSorted()).toEqual(ours.toSorted());
  expect(Object.fromEntries([...conflicts].map(([path, { sides }]) => [path, sides]))).toEqual({
    'bits.sh': 2,
    'case.txt': 2,
    'crlf.txt': 2,
    'deep/er/three.txt': 3,
    'deleted.txt': 2,
    kind: 2,
    'new.txt': 4,
    'no-newline.txt': 2,
    'plain.txt': 2,
    'two.txt': 2,
  });
  // What people see of it.
  const told = jj('resolve', '--list', '-r', CONFLICTED);
  for (const [path, { sides }] of conflicts) expect(told).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')} +${sides}-sided conflict`, 'm'));
});

test('jj shows the same text for each of them', () => {
  for (const [path, { text }] of conflicts) expect(jj('file', 'show', '-r', CONFLICTED, path), path).toBe(text);
});

test('changes keep their ids, and what was resolved on top is resolved', () => {
  const log = jj('log', '--no-graph', '-r', '::main', '-T', 'change_id ++ " " ++ conflict ++ " " ++ description.first_line() ++ "\\n"');
  expect(log.trim().split('\n').slice(0, 3)).toEqual([`${CHILD} true Half resolved`, `${CONFLICTED} true In conflict`, `${FIRST} false `]);
  const left = jj('file', 'list', '-r', CHILD, '-T', 'if(conflict, path ++ "\\n")').trim().split('\n');
  expect(left.toSorted()).toEqual([...conflicts.keys()].filter((path) => path !== 'two.txt').toSorted());
  expect(jj('file', 'show', '-r', CHILD, 'two.txt')).toBe('one\nboth\nthree\n');
});

test('a conflicted commit that jj writes has the form of ours, byte for byte but for the text of its README', async () => {
  const ours = git('rev-parse', 'main~1').trim();
  const before = git('ls-tree', ours);
  jj('describe', '--ignore-immutable', '-r', CONFLICTED, '-m', 'Described by jj');
  const theirs = jj('log', '--no-graph', '-r', CONFLICTED, '-T', 'commit_id').trim();
  expect(theirs).not.toBe(ours);
  const withoutReadme = (listing: string): string => listing.replace(/[0-9a-f]{40}(\tJJ-CONFLICT-README)/, '$1');
  expect(withoutReadme(git('ls-tree', theirs))).toBe(withoutReadme(before));
  const headers = (commit: string): string[] => git('cat-file', 'commit', commit).split('\n\n')[0]?.split('\n') ?? [];
  const kept = (lines: string[]): string[] => lines.filter((line) => !/^(tree|committer) /.test(line));
  expect(kept(headers(theirs))).toEqual(kept(headers(ours)));
  // Read by the core and written again, it is the same commit.
  const { core } = await TestBackend.start();
  const bytes = execFileSync('git', ['cat-file', 'commit', theirs], { cwd: cloned });
  const decoded = core.decodeCommit(bytes);
  expect(Buffer.from(core.encodeCommit(decoded))).toEqual(bytes);
});
