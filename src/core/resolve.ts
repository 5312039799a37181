import type { ObjectPool } from './generated/mesa_core.js';
import { CoreTrapError } from './trap-error.ts';

/** An object as it is stored and sent. */
export interface StoredObject {
  oid: string;
  kind: 'blob' | 'tree' | 'commit';
  bytes: Uint8Array;
}

/** Is thrown when an object the core asked for can be had nowhere. */
export class MissingObjectError extends Error {
  override readonly name: string = 'MissingObjectError';
  readonly code = 'MISSING_OBJECT';
  readonly oids: readonly string[];

  constructor(oids: readonly string[]) {
    super(`Object ${oids[0] ?? '?'}${oids.length > 1 ? ` and ${oids.length - 1} more` : ''} is missing from the repo`);
    this.oids = oids;
  }
}

/** Fetches objects by id; what it cannot find it leaves out. */
export type FetchObjects = (oids: string[]) => Promise<StoredObject[]>;

/**
 * Asks the core, fetches what it says is missing, and asks again until it answers. The bytes fetched are trusted: whoever brings them in from
 * outside checks them against their ids first. Should the core give up, it is asked once more: a fresh instance has its memory back.
 *
 * @throws MissingObjectError when an object is not to be had
 * @throws CoreTrapError when the core gave up twice
 */
export async function withObjects<T extends object>(pool: ObjectPool, fetch: FetchObjects, ask: (pool: ObjectPool) => T | { missing: string[] }): Promise<T> {
  let gaveUp = false;
  for (;;) {
    try {
      const answer = ask(pool);
      if (!isMissing(answer)) return answer;
      await bring(pool, answer.missing, fetch);
    } catch (error) {
      if (!(error instanceof CoreTrapError) || gaveUp) throw error;
      gaveUp = true;
    }
  }
}

async function bring(pool: ObjectPool, missing: string[], fetch: FetchObjects): Promise<void> {
  const found = new Set<string>();
  for (const { oid, kind, bytes } of await fetch(missing)) {
    pool.putTrusted(oid, kind, bytes);
    found.add(oid);
  }
  const lacking = missing.filter((oid) => !found.has(oid) && !pool.has(oid));
  if (lacking.length > 0) throw new MissingObjectError(lacking);
}

function isMissing<T extends object>(answer: T | { missing: string[] }): answer is { missing: string[] } {
  return 'missing' in answer && Array.isArray(answer.missing);
}
