import type { StoredObject } from '../../core/resolve.ts';
import type { WireEdit } from '../../wire/operations.ts';
import type { Plan } from './outgoing.ts';

/** Bytes and edits of one operation: as much as is sent at once, and far from what the backend refuses. A single edit may be more. */
const MOST = { bytes: 16 * 1024 * 1024, edits: 10_000 };

/** Edits that belong together, as several operations where they are too much for one: each is sent, and may be refused, as a whole. */
export class Parts {
  /** The operations, in order. */
  readonly plans: Plan[] = [];
  /** Bytes of the last. */
  #bytes = 0;

  /** Whether an edit, with what is sent along, is no more than goes into one operation. */
  fits(edit: WireEdit, objects: readonly StoredObject[]): boolean {
    return sizeOf(edit, objects) <= MOST.bytes;
  }

  /** Adds an edit, with the objects it names that the backend may lack. */
  add(edit: WireEdit, objects: readonly StoredObject[]): void {
    const size = sizeOf(edit, objects);
    let last = this.plans.at(-1);
    if (last === undefined || last.edits.length >= MOST.edits || this.#bytes + size > MOST.bytes) {
      last = { edits: [], blobs: [] };
      this.plans.push(last);
      this.#bytes = 0;
    }
    last.edits.push(edit);
    for (const object of objects) last.blobs.push(object);
    this.#bytes += size;
  }
}

function sizeOf(edit: WireEdit, objects: readonly StoredObject[]): number {
  return objects.reduce((sum, { bytes }) => sum + bytes.length, new TextEncoder().encode(JSON.stringify(edit)).length);
}
