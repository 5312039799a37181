import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repoPathProblem } from '../../src/base/path-problem.ts';
import { dirname } from '../../src/base/paths.ts';
import { readName, splitNul } from './raw-name.ts';
import type { Source } from './source.ts';
import { addFile } from './source.ts';
import { UsageError } from './usage-error.ts';

const execute = promisify(execFile);

/** Git that ended with a complaint. */
class GitFailure extends UsageError {
  readonly status: number | null;

  constructor(message: string, status: number | null) {
    super(message);
    this.status = status;
  }
}

/** What git is told of a repository by, which is another than the one meant here: hooks are run with it. */
const ELSEWHERE = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_NAMESPACE'];

/** The environment that git is run in. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ELSEWHERE.includes(name)));
}

/** Runs git in `folder` and answers what it printed. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  return (await gitBytes(folder, ...args)).toString('utf8');
}

async function gitBytes(folder: string, ...args: string[]): Promise<Buffer> {
  try {
    const { stdout } = await execute('git', args, { cwd: folder, env: environment(), maxBuffer: 1 << 30, encoding: 'buffer' });
    return stdout;
  } catch (error) {
    const failure = error as Omit<NodeJS.ErrnoException, 'code'> & { code?: string | number; stderr?: Buffer };
    if (failure.code === 'ENOENT') throw new UsageError('git is not on PATH; it is needed to read a git repository');
    const message = `git ${args[0] ?? ''} failed in ${folder}: ${failure.stderr?.toString('utf8').trim() ?? failure.message}`;
    throw new GitFailure(message, typeof failure.code === 'number' ? failure.code : null);
  }
}

/** Tells whether a folder is the root of a git checkout (`checkout`), a bare repository (`bare`), or neither (`null`). */
export function gitKind(folder: string): 'checkout' | 'bare' | null {
  if (existsSync(join(folder, '.git'))) return 'checkout';
  return existsSync(join(folder, 'HEAD')) && existsSync(join(folder, 'objects')) && existsSync(join(folder, 'refs')) ? 'bare' : null;
}

/** The files of a checkout as they are on disk: tracked, or new and not ignored. */
export async function checkoutSource(root: string): Promise<Source> {
  const source: Source = { entries: [], emptyDirectories: [], skipped: [] };
  const behind = new Map([['', false]]);
  for (const bytes of splitNul(await gitBytes(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'))) {
    const { text, problem } = readName(bytes);
    if (problem !== null) {
      source.skipped.push({ path: text, reason: problem });
      continue;
    }
    const path = text.replace(/\/$/, '');
    if (await leadsThroughLink(root, dirname(path), behind)) continue;
    const there = await lstat(join(root, path)).catch(() => null);
    if (there !== null) await addFile(source, root, path);
  }
  return source;
}

/**
 * Tells whether a directory is a link, or behind one: what git had in it is gone as git sees it, and what is there now may be outside of the checkout.
 *
 * @param known what was found out before
 */
async function leadsThroughLink(root: string, directory: string, known: Map<string, boolean>): Promise<boolean> {
  const before = known.get(directory);
  if (before !== undefined) return before;
  const isLink = async (): Promise<boolean> => (await lstat(join(root, directory)).catch(() => null))?.isSymbolicLink() === true;
  const through = (await leadsThroughLink(root, dirname(directory), known)) || (await isLink());
  known.set(directory, through);
  return through;
}

/** The files of a commit, read through git; nothing need be checked out. */
export async function revisionSource(root: string, revision: string): Promise<Source> {
  const source: Source = { entries: [], emptyDirectories: [], skipped: [] };
  const commit = await commitOf(root, revision);
  const entries = splitNul(await gitBytes(root, 'ls-tree', '-r', '-z', '--full-tree', commit)).map(readEntry);
  let cat: CatFile | undefined;
  source.close = () => cat?.close();
  for (const { mode, kind, oid, name } of entries) {
    const { text: path, problem } = readName(name);
    const reason = problem ?? (kind === 'commit' ? 'a submodule' : repoPathProblem(path));
    if (reason !== null) source.skipped.push({ path, reason });
    else source.entries.push({ path, mode, read: () => (cat ??= new CatFile(root)).read(oid) });
  }
  return source;
}

/** @throws UsageError when there is no such commit */
async function commitOf(root: string, revision: string): Promise<string> {
  try {
    return (await git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)).trim();
  } catch (error) {
    // What keeps git from looking has another status.
    if (!(error instanceof GitFailure && error.status === 1)) throw error;
    if (revision === 'HEAD')
      throw new UsageError(`${root} has no commit at HEAD, so there is nothing to import; name another revision with --rev, or commit first`);
    throw new UsageError(`${root} has no commit "${revision}"; name one that is there with --rev: a branch, a tag, an id`);
  }
}

/** Reads a line of `git ls-tree`. An id has 40 digits, or 64 in a repository with SHA-256. */
function readEntry(line: Buffer): { mode: number; kind: string; oid: string; name: Buffer } {
  const tab = line.indexOf('\t');
  const match = /^(\d{6}) (\w+) ([0-9a-f]{40}|[0-9a-f]{64})$/.exec(line.toString('latin1', 0, Math.max(0, tab)));
  if (match === null) throw new UsageError(`git ls-tree answered what is not understood here: ${JSON.stringify(line.toString('utf8'))}`);
  const [, mode = '', kind = '', oid = ''] = match;
  return { mode: Number.parseInt(mode, 8), kind, oid, name: line.subarray(tab + 1) };
}

/** One `git cat-file --batch` process; reads are answered in the order they were asked. */
class CatFile {
  readonly #child;
  readonly #waiting: { resolve: (bytes: Uint8Array) => void; reject: (error: Error) => void }[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #have = 0;
  #need = 0;

  constructor(root: string) {
    this.#child = spawn('git', ['cat-file', '--batch'], { cwd: root, env: environment(), stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('git cat-file ended before it answered'));
    });
  }

  close(): void {
    this.#child.stdin.end();
  }

  read(oid: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${oid}\n`);
    });
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    if (this.#have < this.#need) return;
    this.#buffer = Buffer.concat(this.#chunks);
    while (this.#answer());
    this.#chunks = [this.#buffer];
    this.#have = this.#buffer.length;
  }

  /** Takes one whole answer (`<oid> <kind> <size>\n<content>\n`) off the buffer, if it is there. */
  #answer(): boolean {
    const newline = this.#buffer.indexOf(10);
    if (newline < 0) return false;
    const header = this.#buffer.toString('latin1', 0, newline);
    const size = Number(header.split(' ')[2]);
    const end = newline + 1 + (Number.isNaN(size) ? 0 : size + 1);
    this.#need = end;
    if (this.#buffer.length < end) return false;
    const waiting = this.#waiting.shift();
    if (Number.isNaN(size)) waiting?.reject(new Error(`git cat-file: ${header}`));
    else waiting?.resolve(new Uint8Array(this.#buffer.subarray(newline + 1, end - 1)));
    this.#buffer = this.#buffer.subarray(end);
    this.#need = 0;
    return this.#buffer.length > 0;
  }
}
