import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Commit } from '../../src/core/generated/mesa_core.js';
import type { Core } from '../../src/core/load.ts';
import { EMPTY_TREE_OID, MODE, VIRTUAL_ROOT_CHANGE_ID } from '../../src/base/ids.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import type { Api } from './api.ts';
import { git } from './git-source.ts';
import { PackWriter } from './pack.ts';
import type { Progress } from './progress.ts';
import { UsageError } from './usage-error.ts';

const BATCH = 1_000;

/** What an export wrote. */
export interface ExportReport {
  commits: number;
  objects: number;
  packBytes: number;
  bookmarks: string[];
  /** Bookmarks left out: their names are not valid in git or in the way of another's, or they have no commit yet. */
  skipped: string[];
  /** What git found wrong with what it was given, and took all the same. */
  complaints: string[];
}

/**
 * Exports a repo as a git repository with a branch for each bookmark, the history of their changes, and the default bookmark checked out. Where that fails, the
 * folder is as it was.
 */
export async function exportRepo(api: Api, core: Core, org: string, repo: string, folder: string, report: Progress): Promise<ExportReport> {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new UsageError(`${folder} is not empty; export into a new or empty folder`);
  const repoPath = `/${encodeURIComponent(org)}/${encodeURIComponent(repo)}`;
  const { default_bookmark: main } = await api.json<{ default_bookmark: string }>('GET', repoPath);
  const heads = await withoutOpen(api, core, repoPath, await bookmarkHeads(api, repoPath));
  const made = await mkdir(folder, { recursive: true });
  try {
    const branch = (await isBranchName(folder, main)) ? main : 'main';
    await git(folder, 'init', '--quiet', '--object-format=sha1', `--initial-branch=${branch}`);
    const complaints: string[] = [];
    const packed = await writePack(folder, heads, (pack) => new Walk(api, core, repoPath, pack, report), complaints);
    return await checkOut(folder, main, heads, { ...packed, bookmarks: [], skipped: [], complaints });
  } catch (error) {
    await rm(made ?? join(folder, '.git'), { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

type Heads = Map<string, string | null>;

/** Packs what the heads hold into the repository. */
async function writePack(
  folder: string,
  heads: Heads,
  walkInto: (pack: PackWriter) => Walk,
  complaints: string[],
): Promise<Pick<ExportReport, 'commits' | 'objects' | 'packBytes'>> {
  const packs = join(folder, '.git/objects/pack');
  const temporary = join(packs, 'export.pack');
  const pack = await PackWriter.create(temporary);
  const commits = await walkInto(pack).commits([...new Set(heads.values())].filter((oid) => oid !== null));
  const packBytes = await pack.close();
  if (pack.count > 0) {
    const name = await indexPack(folder, temporary, complaints);
    for (const suffix of ['pack', 'idx', 'rev']) {
      const from = join(packs, `export.${suffix}`);
      if (existsSync(from)) await rename(from, join(packs, `pack-${name}.${suffix}`));
    }
  } else await rm(temporary);
  return { commits, objects: pack.count, packBytes };
}

/** Makes the branches and checks the default one out. */
async function checkOut(folder: string, main: string, heads: Heads, done: ExportReport): Promise<ExportReport> {
  // The default one first: `main` and `main/x` cannot both be branches.
  const ordered = [...heads].sort(([a], [b]) => Number(b === main) - Number(a === main));
  for (const [name, oid] of ordered) {
    const isMade = oid !== null && (await makeBranch(folder, name, oid));
    (isMade ? done.bookmarks : done.skipped).push(name);
  }
  if (done.bookmarks.includes(main)) await git(folder, 'reset', '--hard', '--quiet').catch((error: UsageError) => void done.complaints.push(error.message));
  return done;
}

/** Indexes a pack. What git finds wrong with an object is no reason to keep the others back: it is told of. */
async function indexPack(folder: string, pack: string, complaints: string[]): Promise<string> {
  const index = (...how: string[]): Promise<string> => git(folder, 'index-pack', ...how, pack);
  const printed = await index('--strict').catch((error: UsageError) => {
    complaints.push(error.message);
    return index();
  });
  return printed.trim().split(/\s/).at(-1) ?? 'export';
}

async function makeBranch(folder: string, name: string, oid: string): Promise<boolean> {
  return (await isBranchName(folder, name)) && succeeds(git(folder, 'update-ref', `refs/heads/${name}`, oid));
}

/** Whether git takes a bookmark's name for a branch: `HEAD` is none. */
function isBranchName(folder: string, name: string): Promise<boolean> {
  return succeeds(git(folder, 'check-ref-format', '--branch', name));
}

function succeeds(done: Promise<unknown>): Promise<boolean> {
  return done.then(
    () => true,
    () => false,
  );
}

/** Every bookmark with the commit its change is at, `null` while the bookmark is at the virtual root. */
async function bookmarkHeads(api: Api, repoPath: string): Promise<Heads> {
  const heads = new Map<string, string | null>();
  let cursor = '';
  for (;;) {
    const page = await api.json<{ bookmarks: { name: string; change_id: string }[]; next_cursor: string | null }>(
      'GET',
      `${repoPath}/bookmarks?limit=100${cursor}`,
    );
    for (const { name, change_id: change } of page.bookmarks) {
      heads.set(name, change === VIRTUAL_ROOT_CHANGE_ID ? null : await headCommit(api, repoPath, name));
    }
    if (page.next_cursor === null) return heads;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}

/** The commit of the change a bookmark is at. The first of its history tells it; the change itself would tell all its files, which may be too many. */
async function headCommit(api: Api, repoPath: string, bookmark: string): Promise<string | null> {
  const query = new URLSearchParams({ bookmark, limit: '1' });
  const { changes } = await api.json<{ changes: { current_commit_oid: string }[] }>('GET', `${repoPath}/changes?${query}`);
  return changes[0]?.current_commit_oid ?? null;
}

/** The same without the open changes at the ends in which nothing was written yet: git has no use for an empty commit without a message. */
async function withoutOpen(api: Api, core: Core, repoPath: string, heads: Heads): Promise<Heads> {
  const commits = new Map<string, Commit>();
  const read = async (oids: Iterable<string>): Promise<void> => {
    const missing = [...new Set(oids)].filter((oid) => !commits.has(oid));
    for (let at = 0; at < missing.length; at += BATCH) {
      for (const { oid, bytes } of await api.objects(repoPath, missing.slice(at, at + BATCH))) commits.set(oid, core.decodeCommit(bytes));
    }
  };
  const undescribed = (): Commit[] => [...commits.values()].filter(({ message, parents }) => message.trim() === '' && parents.length === 1);
  await read([...heads.values()].filter((oid) => oid !== null));
  await read(undescribed().flatMap(({ parents }) => parents));
  const settled = (oid: string | null): string | null => {
    const { message = '', parents = [], tree } = (oid === null ? undefined : commits.get(oid)) ?? {};
    const [parent] = parents;
    if (parent === undefined || parents.length > 1 || message.trim() !== '' || commits.get(parent)?.tree !== tree) return oid;
    return parent;
  };
  return new Map([...heads].map(([name, oid]) => [name, settled(oid)]));
}

/** Walks from commits to everything they hold, a level at a time in batches, and packs each object once. */
class Walk {
  readonly #api: Api;
  readonly #core: Core;
  readonly #repoPath: string;
  readonly #pack: PackWriter;
  readonly #report: Progress;
  readonly #seen = new Set<string>();

  constructor(api: Api, core: Core, repoPath: string, pack: PackWriter, report: Progress) {
    this.#api = api;
    this.#core = core;
    this.#repoPath = repoPath;
    this.#pack = pack;
    this.#report = report;
  }

  /** Answers how many commits there were. */
  async commits(tips: string[]): Promise<number> {
    const roots: string[] = [];
    let commits = 0;
    let level = tips;
    while (level.length > 0) {
      const next: string[] = [];
      for await (const { bytes } of this.#fetch(level)) {
        const commit = this.#core.decodeCommit(bytes);
        roots.push(commit.tree);
        next.push(...commit.parents);
        commits += 1;
      }
      level = next;
    }
    await this.#trees(roots);
    return commits;
  }

  async #trees(roots: string[]): Promise<void> {
    const blobs: string[] = [];
    let level = roots;
    while (level.length > 0) {
      const next: string[] = [];
      for await (const { bytes } of this.#fetch(level)) {
        for (const { oid, mode } of this.#core.decodeTree(bytes)) {
          if (mode === MODE.tree) next.push(oid);
          else if (mode !== MODE.submodule) blobs.push(oid);
        }
      }
      level = next;
    }
    for await (const _ of this.#fetch(blobs));
  }

  async *#fetch(oids: string[]): AsyncGenerator<StoredObject> {
    const fresh = oids.filter((oid) => !this.#seen.has(oid) && this.#seen.add(oid));
    for (let at = 0; at < fresh.length; at += BATCH) {
      const batch = fresh.slice(at, at + BATCH);
      const stored = batch.filter((oid) => oid !== EMPTY_TREE_OID);
      const objects = stored.length === 0 ? [] : await this.#api.objects(this.#repoPath, stored);
      if (stored.length < batch.length) objects.push({ oid: EMPTY_TREE_OID, kind: 'tree', bytes: new Uint8Array(0) });
      for (const object of objects) {
        await this.#pack.add(object);
        this.#report.update(this.#pack.count, null);
        yield object;
      }
    }
  }
}
