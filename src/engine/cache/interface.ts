import type { StoredObject } from '../../core/resolve.ts';

/**
 * Keeps objects by id. What it holds was checked against its id before, so its answers are trusted. It may lose anything at any time, and it never
 * fails a caller: what cannot be read is a miss, what cannot be written is not kept.
 */
export interface ObjectCache {
  /** Those of the objects that it holds, in any order. */
  get(oids: readonly string[]): Promise<StoredObject[]>;
  put(objects: readonly StoredObject[]): void;
  /** Writes out what waits and lets go of the storage. */
  close(): Promise<void>;
}

/** Makes a cache that outlives the page. `name` is unique to an API address, a login, an org and a repo. */
export type OpenDiskCache = (name: string, maxBytes: number) => ObjectCache;
