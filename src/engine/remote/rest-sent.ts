import type { Changed, Terms } from '../../core/generated/mesa_core.js';
import type { OpResult } from '../../wire/operations.ts';
import type { Planned } from './rest-plan.ts';
import type { KnownChange, RestRepo } from './rest-repo.ts';

/** A patch that went out and was not answered for: whether it was made shows in the change's content. */
export interface SentPatch {
  /** The commit it holds for. */
  base: string;
  /** The operations it makes. */
  operations: readonly Extract<Planned, { ok: true }>[];
  /** What tells: none where the patch is not the last one that these operations take. */
  files: { path: string; before: string; after: string }[];
}

/** Where an operation's effect stands. */
export function placeOf({ id, commit, tree, side, seq }: KnownChange): {
  repoSeq: number;
  change: string;
  commit: string;
  trees: string[];
  side: string | null;
} {
  return { repoSeq: seq, change: id, commit, trees: [tree], side };
}

/** Names an operation among those of all clients. */
export function nameOf(client: string, seq: number): string {
  return `${client} ${seq}`;
}

/** Notes of one client's patches that were sent, one for each change. */
export class SentPatches {
  readonly #notes = new Map<string, SentPatch>();

  has(client: string, change: string): boolean {
    return this.#notes.has(`${client} ${change}`);
  }

  /** Runs what sends a patch, and notes it until {@link settle} or {@link answered}. What is refused was not made; an earlier one on the same base may still be. */
  async around<T>(client: string, change: string, patch: SentPatch, send: () => Promise<T>, isRefusal: (error: unknown) => boolean): Promise<T> {
    const key = `${client} ${change}`;
    const earlier = this.#notes.get(key);
    this.#notes.set(key, patch);
    try {
      return await send();
    } catch (error) {
      if (isRefusal(error)) {
        if (earlier?.base === patch.base) this.#notes.set(key, earlier);
        else this.#notes.delete(key);
      }
      throw error;
    }
  }

  /** Its operations have their results. */
  answered(client: string, change: string): void {
    this.#notes.delete(`${client} ${change}`);
  }

  /**
   * Finds out what became of a patch whose answer was lost, and notes the results of its operations where it was made. It is all or nothing, so one path that
   * still holds what it replaced says no, and paths that hold what it wrote say yes, though others may have been written over since. Where nothing tells, it
   * is merged once more. Answers where the change stands now; `null` when nothing was open.
   */
  async settle(repo: RestRepo, client: string, change: string, signal: AbortSignal): Promise<KnownChange | null> {
    const key = `${client} ${change}`;
    const sent = this.#notes.get(key);
    if (sent === undefined) return null;
    const now = await repo.look(change, signal);
    // It never arrived, or is on its way still: then the next is on the same base, and only one of the two is made.
    if (now.commit === sent.base) return now;
    if (await shows(repo, now, sent)) {
      for (const { seq, outcome, paths } of sent.operations) {
        const result: OpResult = { seq, ok: true, outcome, paths, ...placeOf(now) };
        repo.done.set(nameOf(client, seq), result);
      }
    }
    this.#notes.delete(key);
    return now;
  }
}

/** The files that tell whether a patch was made. */
export function telltales(changed: readonly Changed[]): SentPatch['files'] {
  return changed.map(({ path, before, after }) => ({ path, before: keyOf(before), after: keyOf(after) }));
}

async function shows(repo: RestRepo, now: KnownChange, { files }: SentPatch): Promise<boolean> {
  if (files.length === 0) return false;
  const paths = files.map(({ path }) => path);
  const { found } = await repo.versions.ask((pool) => pool.lookup([now.tree], null, paths));
  const holds = files.map((file, index) => ({ ...file, now: keyOf(found[index]?.terms ?? [null]) }));
  return holds.some((file) => file.now === file.after) && !holds.some((file) => file.now === file.before);
}

function keyOf(terms: Terms): string {
  return terms.map((term) => (term === null ? '' : `${term.mode.toString(8)} ${term.oid}`)).join();
}
