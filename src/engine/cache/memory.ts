import type { StoredObject } from '../../core/resolve.ts';

/** Bytes an object costs beside its content. */
const OVERHEAD = 200;

/** Keeps the most recently used objects in memory, up to a number of bytes. */
export class MemoryCache {
  readonly #objects = new Map<string, StoredObject>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The object, which becomes the most recently used. */
  get(oid: string): StoredObject | undefined {
    const object = this.#objects.get(oid);
    if (object === undefined) return undefined;
    this.#objects.delete(oid);
    this.#objects.set(oid, object);
    return object;
  }

  /** The ids of what it holds, the most recently used last. */
  get oids(): string[] {
    return [...this.#objects.keys()];
  }

  has(oid: string): boolean {
    return this.#objects.has(oid);
  }

  put(object: StoredObject): void {
    if (this.#objects.has(object.oid)) return;
    const cost = object.bytes.length + OVERHEAD;
    // One that would push out a good part of the others is not worth it.
    if (cost > this.#maxBytes / 2) return;
    this.#objects.set(object.oid, object);
    this.#bytes += cost;
    for (const [oid, oldest] of this.#objects) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#objects.delete(oid);
      this.#bytes -= oldest.bytes.length + OVERHEAD;
    }
  }

  clear(): void {
    this.#objects.clear();
    this.#bytes = 0;
  }
}
