import type { StoredObject } from '../../core/resolve.ts';

/**
 * Keeps objects by id. What it is given was checked against its id, but may have been altered since: whoever reads checks it again. It may lose
 * anything at any time, and it never fails a caller: what cannot be read is a miss, what cannot be written is not kept.
 */
export interface ObjectCache {
  /** Those of the objects that it holds, in any order. */
  get(oids: readonly string[]): Promise<StoredObject[]>;
  /** Keeps objects, each in the place of what it had under its oid. */
  put(objects: readonly StoredObject[]): void;
  /**
   * Keeps these objects, as far as it holds them, whatever else has to go. What was retained under the name before is as any other again; with no objects
   * nothing is under it any more. Answers whether that is kept.
   */
  retain(name: string, oids: readonly string[]): Promise<boolean>;
  /** Those of the objects that are not stored: what waits to be written out is not. Where that can't be told, all of them. */
  lacking(oids: readonly string[]): Promise<string[]>;
  /** The names that anything is retained under, whichever page has done it. */
  retained(): Promise<string[]>;
  /**
   * Keeps a small value beside the objects, once all objects that were put before are kept: what `over` makes of the one that is there, whichever page has
   * kept that, in one step. `undefined` is none. Made of what it has made it is to make the same.
   */
  note(key: string, over: (stored: unknown) => unknown): void;
  /** The value kept under a key, or `undefined`. */
  noted(key: string): Promise<unknown>;
  /** Puts again what was given up since it could not be stored, if other objects can be by now: until then nothing is noted. `load` brings it in. */
  recover(load: (oids: string[]) => Promise<StoredObject[]>): Promise<void>;
  /** Writes out what waits; answers whether all that was put and noted so far is kept. Never rejects. */
  flush(): Promise<boolean>;
  /** Gives up half of what it holds, these last: the room is needed for what must not be lost. What is a mebibyte at most stays. */
  shrink(recent: readonly string[]): Promise<void>;
  /** Removes all that it holds, notes included. */
  clear(): Promise<void>;
  /** Writes out what waits and lets go of the storage. */
  close(): Promise<void>;
}

/** Makes a cache that outlives the page. `name` is unique to an API address, a login, an org and a repo. */
export type OpenDiskCache = (name: string, maxBytes: number) => ObjectCache;
