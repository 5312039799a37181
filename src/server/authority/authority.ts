import type { Clock } from '../../base/env.ts';
import type { Core } from '../../core/load.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { ApiError } from '../../wire/errors.ts';
import type { OpsReply } from '../../wire/operations.ts';
import type { Principal } from '../auth/principal.ts';
import { personOf } from '../auth/principal.ts';
import { encodeCursor } from '../events/cursor.ts';
import type { Storage } from '../storage/interface.ts';
import type { EventRecord, RepoRecord } from '../storage/records.ts';
import type { Batch } from './batch.ts';
import { acceptedOf, runBatch } from './batch.ts';
import type { Author } from './draft.ts';
import { Draft } from './draft.ts';
import { RepoObjects } from './objects.ts';
import { rebaseDescendants } from './rebase.ts';
import type { Workshop } from './versions.ts';
import { CommittedView } from './view.ts';

/** What an authority is given. */
export interface AuthorityOptions {
  core: Core;
  storage: Storage;
  clock: Clock;
  random(bytes: Uint8Array): void;
  epoch: string;
  /** The slug of the repo's org. */
  org: string;
  /** Hears of events once they are stored, with the objects stored with them. */
  publish(repo: string, events: readonly EventRecord[], made: readonly StoredObject[]): void;
  /** Waits until those who are about to write have had the chance to join the next commit. */
  gather(): Promise<void>;
}

/** Whether nobody can use a key any more: what was begun with it goes on with another one. */
export async function isOver({ storage, clock }: Pick<AuthorityOptions, 'storage' | 'clock'>, id: string): Promise<boolean> {
  const key = await storage.key(id);
  return key === null || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= clock.now());
}

/** Jobs that one commit to storage takes along at most. */
const GROUP = 256;

/** How often a group is decided anew because somebody else has written to the repo. */
const TRIES = 4;

/** A write waiting for its turn. `run` answers what is to be called once the commit is stored. */
type Job = { fail(error: unknown): void } & ({ alone: false; run(group: Draft): Promise<() => void> } | { alone: true; run(): Promise<() => void> });

/**
 * Decides every write to one repo, one at a time, in the order they come. All that wait are stored in one commit; each is answered, and its events
 * are told, only after that. There should be exactly one for a repo. A second, such as a backend that was stopped and still finishes what it has begun, is
 * noticed by the storage (LOCK_CONFLICT): nothing is stored then, and the writes are decided anew on what the other has left.
 */
export class Authority {
  readonly #options: AuthorityOptions;
  readonly #repoId: string;
  readonly #shop: Workshop;
  readonly #queue: Job[] = [];
  #view: CommittedView | null = null;
  #working: Promise<void> | null = null;
  #closed: ApiError | null = null;

  constructor(options: AuthorityOptions, repo: RepoRecord) {
    const { core, storage, org, epoch } = options;
    this.#options = options;
    this.#repoId = repo.id;
    this.#shop = {
      core,
      objects: new RepoObjects(core, storage, repo.id),
      org,
      epoch,
      random: (bytes) => options.random(bytes),
      isOver: (key) => isOver(options, key),
    };
  }

  /** Carries out a batch of operations. @throws ApiError as {@link runBatch} does; then nothing of the batch stands */
  submit(principal: Principal, batch: Batch): Promise<OpsReply> {
    return this.write(principal, async (shop, draft, by) => {
      const results = await runBatch(shop, draft, batch, by);
      // What came to a change after the version that is answered is told to whoever goes on from there: an answer that is given again names an old one.
      const answered = new Map(results.flatMap((result) => (result.ok ? [[result.change, result.repoSeq]] : [])));
      const cursor = encodeCursor(shop.epoch, [[draft.repo.id, Math.min(draft.state.seq, ...answered.values())]]);
      return { results, cursor, ...(batch.clients === undefined ? {} : { accepted: await acceptedOf(shop, draft, batch.clients, results, by) }) };
    });
  }

  /** Carries out any other write. What it throws is thrown here, and nothing of it stands. */
  write<T>(principal: Principal, step: (shop: Workshop, draft: Draft, by: Author) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const run = async (group: Draft): Promise<() => void> => {
      const now = this.#options.clock.now();
      const by: Author = { principal: principal.keyId, person: personOf(principal, now), origin: null, now };
      const draft = group.fork();
      this.#shop.objects.bring(new Map());
      const value = await step(this.#shop, draft, by);
      await rebaseDescendants(this.#shop, draft, by);
      group.absorb(draft);
      return () => resolve(value);
    };
    this.#enqueue({ alone: false, run, fail: reject });
    return promise;
  }

  /** Does something to the repo as a whole while no write is under way; the repo is read anew afterwards. */
  exclusive<T>(step: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const run = async (): Promise<() => void> => {
      const value = await step();
      this.#forget();
      return () => resolve(value);
    };
    this.#enqueue({ alone: true, run, fail: reject });
    return promise;
  }

  /** Refuses further writes with `reason`, once those under way are done. */
  async close(reason: ApiError): Promise<void> {
    this.#closed = reason;
    await this.#working;
    this.#shop.objects.close();
  }

  /** Nothing is being written or waiting to be. */
  get idle(): boolean {
    return this.#working === null && this.#queue.length === 0;
  }

  #enqueue(job: Job): void {
    if (this.#closed !== null) return job.fail(this.#closed);
    this.#queue.push(job);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#options.gather();
      const alone = this.#queue.findIndex((job) => job.alone);
      await this.#runGroup(this.#queue.splice(0, alone === 0 ? 1 : Math.min(GROUP, alone < 0 ? GROUP : alone)));
    }
    this.#working = null;
  }

  async #runGroup(jobs: readonly Job[], tries = 1): Promise<void> {
    const answers: (() => void)[] = [];
    const open = new Set(jobs);
    try {
      const group = new Draft(await this.#current());
      for (const job of jobs) {
        const mark = this.#shop.objects.mark();
        try {
          answers.push(job.alone ? await job.run() : await job.run(group));
        } catch (error) {
          open.delete(job);
          this.#shop.objects.drop(mark);
          job.fail(error);
        }
      }
      if (!jobs.some((job) => job.alone)) await this.#commit(group);
      for (const answer of answers) answer();
    } catch (error) {
      this.#forget();
      const overtaken = error instanceof ApiError && error.code === 'LOCK_CONFLICT';
      if (overtaken && tries < TRIES) return this.#runGroup([...open], tries + 1);
      const failure = overtaken ? new ApiError('UNAVAILABLE', 'Another process keeps writing to this repo; try again in a moment.', undefined, error) : error;
      for (const job of open) job.fail(failure);
    }
  }

  /** Stores a group and tells of it. */
  async #commit(group: Draft): Promise<void> {
    const view = await this.#current();
    const objects = this.#shop.objects.pending();
    const written = group.state !== view.state || group.operations.size > 0 || group.clients.size > 0 || group.metadataRows.size > 0;
    if (!written) return this.#shop.objects.drop(0);
    await this.#options.storage.commit({
      repo: this.#repoId,
      expectedSeq: view.state.seq,
      state: group.state,
      objects,
      changes: [...group.changes.values()],
      bookmarks: [...group.bookmarks].map(([name, change]) => ({ name, change })),
      metadata: [...group.metadataRows].map(([path, metadata]) => ({ path, metadata })),
      evolution: group.evolution,
      clients: [...group.clients.values()],
      operations: [...group.operations.values()],
      events: group.events,
    });
    this.#shop.objects.stored();
    view.absorb(group);
    if (group.events.length > 0) this.#options.publish(this.#repoId, group.events, objects);
  }

  async #current(): Promise<CommittedView> {
    if (this.#view !== null) return this.#view;
    const { storage } = this.#options;
    const [repo, state] = await Promise.all([storage.repo(this.#repoId), storage.state(this.#repoId)]);
    if (repo === null || state === null) throw new ApiError('REPO_NOT_FOUND', 'The repo was deleted.');
    this.#view = new CommittedView(storage, repo, state);
    return this.#view;
  }

  #forget(): void {
    this.#view = null;
    this.#shop.objects.reset();
  }
}
