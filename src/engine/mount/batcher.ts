import type { StoredObject } from '../../core/resolve.ts';

/** What one request may ask for: objects counted, and bytes as far as sizes are known. */
const MAX_OBJECTS = 1_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** What an object of unknown size is taken for. */
const USUAL_BYTES = 16 * 1024;
/** Rounds of the microtask queue in which nothing more may be asked for before a tick's requests go out. */
const QUIET_ROUNDS = 4;

/** What a {@link Batcher} is made of. Both sources leave out what they lack. */
export interface BatcherOptions {
  /** A near source, asked first: the disk. */
  near: (oids: string[]) => Promise<StoredObject[]>;
  far: (oids: string[]) => Promise<StoredObject[]>;
  sizeOf: (oid: string) => number | undefined;
}

/** Gathers the objects asked for in one tick into few requests; an object under way is shared by all who ask for it. */
export class Batcher {
  readonly #options: BatcherOptions;
  readonly #loading = new Map<string, Promise<StoredObject | undefined>>();
  #waiting: Waiting[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** The object, or `undefined` when neither source has it. */
  load(oid: string): Promise<StoredObject | undefined> {
    const under = this.#loading.get(oid);
    if (under !== undefined) return under;
    const promise = new Promise<StoredObject | undefined>((resolve, reject) => {
      this.#waiting.push({ oid, resolve, reject });
      if (this.#waiting.length === 1) void this.#flush();
    });
    this.#loading.set(oid, promise);
    const loaded = (): void => void this.#loading.delete(oid);
    promise.then(loaded, loaded);
    return promise;
  }

  /** Waits until a few rounds of microtasks bring no further wish, then asks for all of them. */
  async #flush(): Promise<void> {
    for (let quiet = 0, seen = 0; quiet < QUIET_ROUNDS; quiet += 1) {
      await Promise.resolve();
      if (this.#waiting.length > seen) quiet = 0;
      seen = this.#waiting.length;
    }
    const wishes = new Map(this.#waiting.map((wish) => [wish.oid, wish]));
    this.#waiting = [];
    try {
      settle(await this.#options.near([...wishes.keys()]), wishes);
    } catch {
      // The near source is a cache: the far one decides.
    }
    await Promise.all(this.#split([...wishes.values()]).map((part) => this.#fetch(part)));
  }

  async #fetch(part: Waiting[]): Promise<void> {
    const wishes = new Map(part.map((wish) => [wish.oid, wish]));
    try {
      settle(await this.#options.far([...wishes.keys()]), wishes);
      for (const { resolve } of wishes.values()) resolve(undefined);
    } catch (error) {
      for (const { reject } of wishes.values()) reject(error);
    }
  }

  #split(wishes: Waiting[]): Waiting[][] {
    const parts: Waiting[][] = [];
    let part: Waiting[] = [];
    let bytes = 0;
    for (const wish of wishes) {
      const size = this.#options.sizeOf(wish.oid) ?? USUAL_BYTES;
      if (part.length >= MAX_OBJECTS || (part.length > 0 && bytes + size > MAX_BYTES)) {
        parts.push(part);
        part = [];
        bytes = 0;
      }
      part.push(wish);
      bytes += size;
    }
    return part.length > 0 ? [...parts, part] : parts;
  }
}

interface Waiting {
  oid: string;
  resolve: (object: StoredObject | undefined) => void;
  reject: (error: unknown) => void;
}

/** Answers the wishes that were met and takes them out of the map. */
function settle(objects: readonly StoredObject[], wishes: Map<string, Waiting>): void {
  for (const object of objects) {
    wishes.get(object.oid)?.resolve(object);
    wishes.delete(object.oid);
  }
}
