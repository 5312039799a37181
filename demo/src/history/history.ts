import { signal, type Signal } from '@preact/signals';
import type { WorkspaceFs } from '../workspace/client.ts';
import { coalesce } from '../workspace/coalesce.ts';
import { describeError, type Problem } from '../workspace/errors.ts';
import type { FileChange, FileChanges, HistorySource, Version } from './history-source.ts';
import { isNamed } from './version-text.ts';

/** How many versions are listed at first, and how many more each time. */
export const pageSize = 50;

/** The files of the version that is unfolded. */
export type Listing = { state: 'loading' } | ({ state: 'ready' } & FileChanges) | { state: 'failed'; problem: Problem };

/** A version of a file beside the one before it, to be looked at. */
export interface Comparison {
  version: Version;
  file: FileChange;
}

/** The changes from the one looked at down to the root. The order is the mount's; what is known about each comes from the server. */
export class History {
  readonly source: HistorySource;
  /** The newest first; `null` before they were read. */
  readonly versions: Signal<readonly Version[] | null> = signal(null);
  /** There are older ones than those listed. */
  readonly more: Signal<boolean> = signal(false);
  /** Why the list may be out of date, or isn't there. */
  readonly problem: Signal<Problem | null> = signal(null);
  readonly busy: Signal<boolean> = signal(false);
  /** The version that is unfolded. */
  readonly unfolded: Signal<string | null> = signal(null);
  readonly listing: Signal<Listing> = signal({ state: 'loading' });
  /** Reads the list again. */
  readonly refresh: () => Promise<void>;

  readonly #fs: Pick<WorkspaceFs, 'change'>;
  readonly #repo: string;
  readonly #known = new Map<string, Version>();
  #limit = pageSize;
  /** Where the head was when the list was read. */
  #seen = '';
  /** The commit whose files are listed. */
  #listed = '';

  constructor(fs: Pick<WorkspaceFs, 'change'>, repo: string, source: HistorySource) {
    this.#fs = fs;
    this.#repo = repo;
    this.source = source;
    this.refresh = coalesce(() => this.#read());
  }

  /** Reads the list again if the head has moved: a version was saved or a file was written, here or elsewhere. Asks no server. */
  async look(): Promise<void> {
    if (this.#seen === (await this.#head())) return;
    await this.refresh();
  }

  /** Lists older ones, too. */
  async showMore(): Promise<void> {
    this.#limit += pageSize;
    await this.refresh();
  }

  /** Shows the files of a version, or puts them away. */
  async toggle(id: string): Promise<void> {
    if (this.unfolded.peek() === id) this.unfolded.value = null;
    else {
      this.unfolded.value = id;
      this.#listed = '';
      await this.list();
    }
  }

  /** Lists the files of the version that is unfolded, if that isn't done. */
  async list(): Promise<void> {
    const version = this.versions.peek()?.find(({ id }) => id === this.unfolded.peek());
    if (version === undefined || version.commit === this.#listed) return;
    // Those of the commit before stay in sight meanwhile.
    if (this.#listed === '') this.listing.value = { state: 'loading' };
    this.#listed = version.commit;
    const listing = await this.source.files(version).then(
      (changes): Listing => ({ state: 'ready', ...changes }),
      (error: unknown): Listing => ({ state: 'failed', problem: describeError(error) }),
    );
    if (this.#listed === version.commit && this.unfolded.peek() === version.id) this.listing.value = listing;
    if (listing.state === 'failed' && this.#listed === version.commit) this.#listed = '';
  }

  async #read(): Promise<void> {
    this.busy.value = true;
    let seen = '';
    try {
      seen = await this.#head();
      // One more says whether there are more.
      const found = await this.#fs.change.list({ repo: this.#repo, limit: this.#limit + 1 });
      const listed = found.slice(0, this.#limit);
      await this.#learn(
        listed.filter(({ changeId, commitOid }) => this.#known.get(changeId)?.commit !== commitOid).map(({ changeId }) => changeId),
        listed[0]?.changeId,
      );
      this.versions.value = listed.flatMap(({ changeId }) => this.#known.get(changeId) ?? []).filter((version, index) => index === 0 || !isNothing(version));
      this.more.value = found.length > this.#limit;
      this.problem.value = null;
      this.#seen = seen;
      await this.list();
    } catch (error) {
      const problem = describeError(error);
      this.problem.value = problem;
      // What failed for another reason would fail again: a person may try, or the head moves.
      if (problem.unreachable !== true) this.#seen = seen;
    } finally {
      this.busy.value = false;
    }
  }

  async #head(): Promise<string> {
    const { changeId, commitOid } = await this.#fs.change.current({ repo: this.#repo });
    return `${changeId} ${commitOid}`;
  }

  /** Asks the server about changes: one by one where they are few, else by the bookmark's pages, which most of them are on. `newest` is always asked about: it may be empty. */
  async #learn(ids: readonly string[], newest: string | undefined): Promise<void> {
    let missing = new Set(ids);
    const unnamed: string[] = [];
    if (missing.size > few && newest !== undefined && missing.delete(newest)) this.#known.set(newest, await this.source.version(newest));
    for (let cursor: string | null = null; missing.size > few;) {
      const { versions, next } = await this.source.page(cursor);
      const before = missing.size;
      for (const version of versions) {
        if (!missing.delete(version.id)) continue;
        this.#known.set(version.id, version);
        // It may be nothing: a page doesn't say.
        if (!isNamed(version)) unnamed.push(version.id);
      }
      // A page of strangers: the change that is looked at stands elsewhere.
      if (next === null || (cursor !== null && missing.size === before)) break;
      cursor = next;
    }
    missing = new Set([...missing, ...unnamed]);
    while (missing.size > 0) {
      const some = [...missing].slice(0, few);
      for (const version of await Promise.all(some.map((id) => this.source.version(id)))) this.#known.set(version.id, version);
      missing = new Set([...missing].slice(few));
    }
  }
}

/** Whether a version says nothing: a change was begun on top of it before anything was written into it. */
function isNothing(version: Version): boolean {
  return version.empty && !isNamed(version) && version.parents.length < 2;
}

/** As many requests as are made at a time. */
const few = 4;
