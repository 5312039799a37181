import type { Origin, TouchedPath } from '../../wire/events.ts';
import type { ChangeRecord, ClientRecord, EventRecord, EvolutionRecord, Metadata, OperationRecord, Person, RepoRecord, RepoState } from '../storage/records.ts';
import type { RepoView, Version } from './view.ts';

/** Paths an event names at most, and characters they have; of more it says that everything may have changed. */
const MAX_TOLD = 1_000;
const MAX_TOLD_LENGTH = 64 * 1024;

/** Who writes, and when. */
export interface Author {
  /** The id of the key. */
  principal: string;
  person: Person;
  /** The operation this is part of, or `null`. */
  origin: Origin | null;
  now: number;
}

/** A change that was edited: its version before, and the paths that look different since. */
export interface Edited {
  before: ChangeRecord;
  paths: TouchedPath[];
}

/**
 * What a step would change, over what it stands on: nothing of it is seen elsewhere until {@link Draft.absorb} or a commit takes it over, and
 * letting go of it undoes the step.
 */
export class Draft implements RepoView {
  readonly #base: RepoView;
  readonly changes: Map<string, ChangeRecord> = new Map();
  /** The changes that are new. */
  readonly made: ChangeRecord[] = [];
  readonly bookmarks: Map<string, string | null> = new Map();
  readonly metadataRows: Map<string, Metadata | null> = new Map();
  /** Their paths, sorted: what is below a directory lies together. */
  readonly #metadataPaths: string[] = [];
  readonly clients: Map<string, ClientRecord> = new Map();
  /** By client and number. */
  readonly operations: Map<string, OperationRecord> = new Map();
  readonly evolution: EvolutionRecord[] = [];
  readonly events: EventRecord[] = [];
  /** Changes that have a new version which their descendants don't know yet. */
  readonly edited: Map<string, Edited> = new Map();
  state: RepoState;

  constructor(base: RepoView) {
    this.#base = base;
    this.state = base.state;
  }

  get repo(): RepoRecord {
    return this.#base.repo;
  }

  /** A step within this one. */
  fork(): Draft {
    return new Draft(this);
  }

  /** Takes over a step that was forked off and has succeeded. */
  absorb(step: Draft): void {
    for (const [id, change] of step.changes) this.changes.set(id, change);
    for (const [name, change] of step.bookmarks) this.bookmarks.set(name, change);
    for (const [path, metadata] of step.metadataRows) this.#putMetadata(path, metadata);
    for (const [name, client] of step.clients) this.clients.set(name, client);
    for (const [id, { before, paths }] of step.edited) this.#noteEdit(id, before, paths);
    for (const change of step.made) this.made.push(change);
    for (const [name, row] of step.operations) this.operations.set(name, row);
    for (const row of step.evolution) this.evolution.push(row);
    for (const event of step.events) this.events.push(event);
    this.state = step.state;
  }

  async change(id: string): Promise<ChangeRecord | null> {
    return this.changes.get(id) ?? this.#base.change(id);
  }

  async children(id: string): Promise<readonly string[]> {
    const known = await this.#base.children(id);
    const added = this.made.filter((change) => change.parents.includes(id)).map((change) => change.id);
    return added.length === 0 ? known : [...known, ...added];
  }

  async bookmark(name: string): Promise<string | null> {
    const change = this.bookmarks.get(name);
    return change === undefined ? this.#base.bookmark(name) : change;
  }

  async bookmarksAt(change: string): Promise<readonly string[]> {
    const known = await this.#base.bookmarksAt(change);
    if (this.bookmarks.size === 0) return known;
    const added = [...this.bookmarks].filter(([, at]) => at === change).map(([name]) => name);
    return [...known.filter((name) => !this.bookmarks.has(name)), ...added];
  }

  async client(client: string): Promise<ClientRecord | null> {
    return this.clients.get(client) ?? this.#base.client(client);
  }

  async operation(client: string, seq: number): Promise<OperationRecord | null> {
    return this.operations.get(`${client}/${seq}`) ?? this.#base.operation(client, seq);
  }

  /** Remembers an operation with its answer. */
  answered(row: OperationRecord, client: ClientRecord): void {
    this.operations.set(`${row.client}/${row.seq}`, row);
    this.clients.set(client.client, client);
  }

  async metadata(path: string): Promise<Metadata | null> {
    const metadata = this.metadataRows.get(path);
    return metadata === undefined ? this.#base.metadata(path) : metadata;
  }

  async metadataUnder(directory: string): Promise<{ path: string; metadata: Metadata }[]> {
    const known = await this.#base.metadataUnder(directory);
    if (this.metadataRows.size === 0) return known;
    const rows = known.filter((row) => !this.metadataRows.has(row.path));
    const inside = directory === '' ? '' : `${directory}/`;
    for (let at = this.#placeOf(inside); at < this.#metadataPaths.length; at += 1) {
      const path = this.#metadataPaths[at] ?? '';
      if (!path.startsWith(inside)) break;
      const metadata = this.metadataRows.get(path) ?? null;
      if (metadata !== null && path !== directory) rows.push({ path, metadata });
    }
    return rows;
  }

  setMetadata(path: string, metadata: Metadata): void {
    this.#putMetadata(path, Object.keys(metadata).length === 0 ? null : metadata);
  }

  /** Takes the repo's next sequence number. */
  nextSeq(): number {
    this.state = { ...this.state, seq: this.state.seq + 1 };
    return this.state.seq;
  }

  /** Notes that the repo has had its first write. */
  filled(): void {
    this.state = { ...this.state, empty: false };
  }

  /** Gives a change a new version, or makes it, and tells its room. */
  putChange(
    version: Omit<ChangeRecord, 'seq' | 'createdSeq' | 'createdAt' | 'updatedAt'>,
    before: ChangeRecord | null,
    by: Author,
    paths: TouchedPath[],
  ): ChangeRecord {
    const seq = this.nextSeq();
    const since = before ?? { createdSeq: seq, createdAt: by.now };
    const change: ChangeRecord = { ...version, seq, createdSeq: since.createdSeq, createdAt: since.createdAt, updatedAt: by.now };
    this.changes.set(change.id, change);
    this.evolution.push({ change: change.id, seq, commit: change.commit, side: change.side, principal: by.principal, origin: by.origin, at: by.now });
    if (before === null) this.made.push(change);
    else this.#noteEdit(change.id, before, paths);
    this.tell(change, by.origin, paths, seq);
    return change;
  }

  /** Tells the room of a change that paths of it look different. */
  tell(change: Version, origin: Origin | null, paths: TouchedPath[], repoSeq: number = this.nextSeq()): void {
    const { id, commit, trees, side } = change;
    const length = paths.reduce((sum, { path }) => sum + path.length, 0);
    const told = paths.length > MAX_TOLD || length > MAX_TOLD_LENGTH ? [{ path: '', recursive: true }] : paths;
    const data = JSON.stringify({ repo: this.repo.name, change: id, commit, trees, side, repoSeq, origin, paths: told });
    this.events.push({ seq: repoSeq, kind: 'change', subject: id, data });
  }

  #putMetadata(path: string, metadata: Metadata | null): void {
    if (!this.metadataRows.has(path)) this.#metadataPaths.splice(this.#placeOf(path), 0, path);
    this.metadataRows.set(path, metadata);
  }

  /** Where a path is among the sorted ones, or would be. */
  #placeOf(path: string): number {
    let [from, to] = [0, this.#metadataPaths.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#metadataPaths[middle] ?? '') < path) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #noteEdit(id: string, before: ChangeRecord, paths: readonly TouchedPath[]): void {
    const known = this.edited.get(id);
    if (known === undefined) this.edited.set(id, { before, paths: [...paths] });
    else for (const path of paths) known.paths.push(path);
  }
}
