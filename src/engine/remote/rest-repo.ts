import type { Env } from '../../base/env.ts';
import { EMPTY_TREE_OID, VIRTUAL_ROOT_CHANGE_ID, ZERO_OID } from '../../base/ids.ts';
import type { Core } from '../../core/load.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import type { Origin } from '../../wire/events.ts';
import type { OpResult } from '../../wire/operations.ts';
import type { RestApi, ShownChange } from './rest-api.ts';
import { Versions } from './rest-versions.ts';
import { RestObjects } from './rest-objects.ts';
import { carrySide, objectsOfSide } from './rest-side.ts';
import type { LocalVersion } from './rest-side.ts';
import { SentPatches } from './rest-sent.ts';

/** Held objects above which those of sides long gone are let go. */
const MAX_HELD = 4_000;
/** Times a question is asked whose answer is overtaken. */
const MAX_LOOKS = 5;
/** Changes whose place is remembered. */
const MAX_CHANGES = 256;
/** Milliseconds by which a number may be above the time that it stands for: what is learnt in one of them is told apart all the same. */
const TIE = 2;
/** Milliseconds after which it is asked, and told, once more where a change stands: by then what was under way when it was learnt has mostly been answered. */
const CONFIRM = 3_000;

/** Where a change stands, as far as this remote knows. */
export interface KnownChange extends LocalVersion {
  id: string;
  commit: string;
  /** The paths in conflict; their files hold marker text. */
  conflicts: readonly string[];
  /** As of when it is known to stand there, as a number that only grows: the API has no sequence. */
  seq: number;
  /** The number as of which that was news, and whether it was asked once more since. */
  learnt: number;
  confirmed: boolean;
  /** The last operation of this mount's that it holds, where one made it. */
  origin: Origin | null;
}

/** Where a bookmark stands, as far as this remote knows. */
export interface KnownBookmark {
  change: string;
  previous: string | null;
  seq: number;
  /** When the API last said so. */
  at: number;
}

/** What a {@link RestRepo} is made of. */
export interface RestRepoOptions {
  env: Env;
  core: Core;
  api: RestApi;
  /** There is something to tell of. */
  tell: () => void;
  /** There is something to look for. */
  look: () => void;
}

/** What is known of one repo of a plain REST API. Writes take turns. */
export class RestRepo {
  readonly env: Env;
  readonly api: RestApi;
  readonly objects: RestObjects;
  readonly versions: Versions;
  readonly #tell: () => void;
  readonly bookmarks: Map<string, KnownBookmark> = new Map();
  /** Every bookmark's change, and when they were listed: for telling which changes are shared. */
  listed: { at: number; changes: Map<string, string> } | null = null;
  /** Changes that others are known to stand on. */
  readonly bases: Set<string> = new Set();
  /** Changes by the ids that their makers here gave them: the API gives its own. */
  readonly aliases: Map<string, string> = new Map();
  /** Results of operations whose batch has not been answered whole, by client and number. */
  readonly done: Map<string, OpResult> = new Map();
  readonly sent: SentPatches = new SentPatches();
  /** The trees that patches under way make of changes. */
  readonly underWay: Map<string, string> = new Map();
  /** Bookmarks whose making got no answer. */
  readonly unsureBookmarks: Set<string> = new Set();
  defaultBookmark: string | null = null;
  /** The change that was opened or written last. */
  latest: string = VIRTUAL_ROOT_CHANGE_ID;
  /** When the API last answered. */
  answeredAt: number = Number.NEGATIVE_INFINITY;
  seq = 1;
  readonly #changes = new Map<string, KnownChange>();
  /** The change that a bookmark stood at before it went on to one that was not looked at yet. */
  readonly #previous = new Map<string, string>();
  #tail: Promise<unknown> = Promise.resolve();

  constructor({ env, core, api, tell, look }: RestRepoOptions) {
    this.env = env;
    this.api = api;
    this.#tell = tell;
    this.objects = new RestObjects({
      core,
      api,
      roots: () => [...this.#changes.values()].toReversed().map(({ id, tree }) => ({ change: id, tree })),
      moved: look,
    });
    this.versions = new Versions({ core, fetch: (oids) => this.objects.get(oids), made: (made) => this.objects.put(made) });
    this.#changes.set(ROOT.id, ROOT);
  }

  /** Runs a write after those given before it. */
  turn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** The API's id of a change that was named here. */
  real(change: string): string {
    return this.aliases.get(change) ?? change;
  }

  /** What is known of a change. */
  known(change: string): KnownChange | undefined {
    return this.#changes.get(change);
  }

  /**
   * Asks where a change stands. An answer that something newer has overtaken counts for nothing, and the question is asked again; so is one that was asked
   * before what has been counted meanwhile, since its number would say that it holds what it does not.
   *
   * @throws MesaApiError CHANGE_NOT_FOUND
   */
  async look(id: string, signal?: AbortSignal, origin: Origin | null = null): Promise<KnownChange> {
    for (let tries = 1; ; tries += 1) {
      const before = this.#changes.get(id);
      const asked = this.env.clock.now();
      const counted = this.seq;
      if (id === VIRTUAL_ROOT_CHANGE_ID) return before ?? ROOT;
      // The commit first: content that is newer than it shows at the next look, older content would not.
      const shown = await this.api.change(id, signal);
      this.answeredAt = this.env.clock.now();
      const newer = (): KnownChange | undefined => (this.#changes.get(id) === before ? undefined : this.#changes.get(id));
      const isLate = (): boolean => newer() !== undefined || (this.seq !== counted && this.#isAhead(asked));
      if (newer() !== undefined && tries < MAX_LOOKS) continue;
      if (before?.commit === shown.commit) return newer() ?? this.#confirm(before, asked);
      if (isLate() && tries < MAX_LOOKS) continue;
      const tree = await this.#readRoot(shown, signal);
      // What a plain API does not keep goes on with the bookmark.
      const from = before ?? this.#changes.get(this.#previous.get(id) ?? '');
      const side = from === undefined ? null : await this.#carry(from, tree);
      const known = newer();
      // What is known was learnt later, if perhaps not last: the next look tells.
      if (known !== undefined && tries >= MAX_LOOKS) return known;
      if (isLate() && tries < MAX_LOOKS) continue;
      // What is on its way there is told by its own answer.
      if (before !== undefined && this.underWay.get(id) === tree) return before;
      return this.set(id, { commit: shown.commit, tree, side, conflicts: shown.conflicts }, origin, asked);
    }
  }

  /** Notes where a change stands. `at`: when that was asked for. */
  async set(
    id: string,
    version: LocalVersion & { commit: string; conflicts: readonly string[] },
    origin: Origin | null = null,
    at: number = this.env.clock.now(),
  ): Promise<KnownChange> {
    await this.#holdSide(version.side);
    this.#count(at);
    const { commit, tree, side, conflicts } = version;
    const known: KnownChange = { id, commit, tree, side, conflicts, seq: this.seq, learnt: this.seq, confirmed: false, origin };
    this.#changes.delete(id);
    this.#previous.delete(id);
    this.#changes.set(id, known);
    for (const oldest of this.#changes.keys()) {
      if (this.#changes.size <= MAX_CHANGES) break;
      this.#changes.delete(oldest);
    }
    this.#tell();
    return known;
  }

  /** Asks for the default bookmark and where it stands. */
  async lookRepo(signal?: AbortSignal): Promise<{ name: string; id: string }> {
    const { answer, asked } = await this.ask(
      async () => this.api.repo(signal),
      ({ defaultBookmark: name, change: id }) => this.bookmarks.get(name)?.change !== id,
    );
    const { defaultBookmark, change } = answer;
    this.defaultBookmark = defaultBookmark;
    this.setBookmark(defaultBookmark, change, asked);
    return { name: defaultBookmark, id: change };
  }

  /** Asks where a bookmark stands. @throws MesaApiError BOOKMARK_NOT_FOUND */
  async lookBookmark(name: string, signal?: AbortSignal): Promise<string> {
    let before: number | undefined;
    const question = async (): Promise<string> => {
      before = this.bookmarks.get(name)?.seq;
      return this.api.bookmark(name, signal);
    };
    const { answer: change, asked } = await this.ask(question, (answer) => this.bookmarks.get(name)?.change !== answer);
    const now = this.bookmarks.get(name);
    // Moved from here meanwhile.
    if (now !== undefined && now.seq !== before) return now.change;
    this.setBookmark(name, change, asked);
    return change;
  }

  /** Lists all bookmarks. */
  async lookBookmarks(signal?: AbortSignal): Promise<Map<string, string>> {
    const before = this.seq;
    const { answer: changes, asked } = await this.ask(
      async () => this.api.bookmarks(signal),
      (listed) => [...listed].some(([name, change]) => (this.bookmarks.get(name)?.change ?? change) !== change),
    );
    for (const [name, change] of changes) {
      const now = this.bookmarks.get(name);
      // Moved from here meanwhile.
      if (now !== undefined && now.seq > before) changes.set(name, now.change);
      // One that nobody has asked for needs no number: thousands would be of seconds to come.
      else if (now !== undefined) this.setBookmark(name, change, asked);
    }
    this.listed = { at: this.answeredAt, changes };
    return changes;
  }

  /** Notes where a bookmark stands. `at`: when that was asked for. */
  setBookmark(name: string, change: string, at: number = this.env.clock.now()): void {
    this.listed?.changes.set(name, change);
    const before = this.bookmarks.get(name);
    if (before?.change === change) {
      this.bookmarks.set(name, { ...before, at });
      return;
    }
    this.#count(at);
    if (before !== undefined && !this.#changes.has(change)) this.#previous.set(change, before.change);
    this.bookmarks.set(name, { change, previous: before?.change ?? null, seq: this.seq, at });
    this.#tell();
  }

  /**
   * Asks anything; once more where the answer `isNews` and what has been counted meanwhile would give it too high a number. Who is overtaken {@link MAX_LOOKS}
   * times takes that number all the same.
   */
  async ask<T>(question: () => Promise<T>, isNews: (answer: T) => boolean): Promise<{ answer: T; asked: number }> {
    for (let tries = 1; ; tries += 1) {
      const asked = this.env.clock.now();
      const counted = this.seq;
      const answer = await question();
      this.answeredAt = this.env.clock.now();
      if (tries >= MAX_LOOKS || !isNews(answer) || this.seq === counted || !this.#isAhead(asked)) return { answer, asked };
    }
  }

  /**
   * A change stands where it stood: told once more after a while, with the number of now, since what another engine of this device has noted under a higher one
   * may be older, and be shown.
   */
  #confirm(known: KnownChange, asked: number): KnownChange {
    if (known.confirmed || asked - known.learnt < CONFIRM || this.#isAhead(asked)) return known;
    this.#count(asked);
    Object.assign(known, { seq: this.seq, confirmed: true });
    this.#tell();
    return known;
  }

  /** Whether the next number would be of a later time. */
  #isAhead(time: number): boolean {
    return this.seq + 1 > time + TIE;
  }

  /**
   * Counts what is learnt. The number is the time it was asked at, where that is higher: other engines of this device, which compare theirs with it,
   * then know that what they asked for later holds it.
   */
  #count(at: number): void {
    this.seq = Math.max(this.seq + 1, at);
  }

  /** The root of a change's content, its first level at hand. */
  async #readRoot(shown: ShownChange, signal: AbortSignal | undefined): Promise<string> {
    if (shown.conflicts.length > 0) return this.objects.readConflicted(shown.id, shown.conflicts, signal);
    this.objects.settled(shown.id);
    const listing = await this.api.list(shown.id, '', 1, signal);
    if (listing === null) throw new Error(`Change ${shown.id} has no content to list`);
    this.objects.takeIn(shown.id, '', listing, 1);
    return listing.sha;
  }

  async #carry(before: LocalVersion, tree: string): Promise<string | null> {
    try {
      return await carrySide(this.versions, before, tree);
    } catch (error) {
      if (!(error instanceof MissingObjectError)) throw error;
      // What was there before can't be had any more: its times and empty directories are forgotten.
      return null;
    }
  }

  /** Keeps a side's objects, which nobody else has. */
  async #holdSide(side: string | null): Promise<void> {
    this.objects.hold(await objectsOfSide(this.versions, side, (oid) => this.objects.isHeld(oid)));
    if (this.objects.heldCount <= MAX_HELD) return;
    const sides = [side, ...[...this.#changes.values()].map((known) => known.side)];
    const live = await Promise.all(sides.map((one) => objectsOfSide(this.versions, one, () => false)));
    this.objects.holdOnly(new Set(live.flat().map(({ oid }) => oid)));
  }
}

/** The change every repo starts from. */
const ROOT: KnownChange = {
  id: VIRTUAL_ROOT_CHANGE_ID,
  commit: ZERO_OID,
  tree: EMPTY_TREE_OID,
  side: null,
  conflicts: [],
  seq: 0,
  learnt: 0,
  confirmed: true,
  origin: null,
};
