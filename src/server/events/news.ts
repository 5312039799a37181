import type { StoredObject } from '../../core/resolve.ts';
import type { ChangeEvent } from '../../wire/events.ts';
import { oidText } from '../../wire/frames.ts';
import type { EventRecord } from '../storage/records.ts';

/** Bytes of objects that go along with one event at most, and of one of them. */
const MAX_BYTES = 64 * 1024;
const MAX_ONE = 16 * 1024;

/** Says what the versions that one commit to storage made have that was not there before, so that whoever hears of them need not ask. */
export class News {
  readonly #made: ReadonlyMap<string, StoredObject>;
  /** What readers of a room were given already. */
  readonly #told = new Map<string, Set<string>>();

  /** `objects`: all that the commit stored. */
  constructor(objects: readonly StoredObject[]) {
    this.#made = new Map(objects.map((object) => [object.oid, object]));
  }

  /** The new objects of an event's version, from its roots down, as far as they are few and small. Events have to be asked about in order. */
  of({ kind, subject, data }: EventRecord): StoredObject[] {
    if (kind !== 'change' || this.#made.size === 0) return [];
    const { trees, side } = JSON.parse(data) as ChangeEvent;
    const told = this.#told.get(subject) ?? new Set<string>();
    this.#told.set(subject, told);
    const found: StoredObject[] = [];
    let bytes = 0;
    for (let level = side === null ? trees : [...trees, side]; level.length > 0;) {
      const below: string[] = [];
      for (const oid of level) {
        const object = this.#made.get(oid);
        if (object === undefined || told.has(oid) || object.bytes.length > MAX_ONE) continue;
        bytes += object.bytes.length;
        if (bytes > MAX_BYTES) return found;
        told.add(oid);
        found.push(object);
        if (object.kind === 'tree') below.push(...oidsIn(object.bytes));
      }
      level = below;
    }
    return found;
  }
}

/** The ids in a tree, be it one of content or of times: `<mode> <name>`, a zero, and 20 bytes for each entry. */
function oidsIn(tree: Uint8Array): string[] {
  const oids: string[] = [];
  for (let at = tree.indexOf(0) + 1; at > 0 && at + 20 <= tree.length; at = tree.indexOf(0, at + 20) + 1) oids.push(oidText(tree, at));
  return oids;
}
