import { IdbMedium } from '../../../../src/engine/journal/idb.ts';
import type { LogMedium } from '../../../../src/engine/journal/medium.ts';
import { OpfsMedium } from '../../../../src/engine/journal/opfs.ts';
import type { Found, Scenario } from '../scenario.ts';

/** Writes under way at once. */
const TOGETHER = 5;
/** How many writes lie between two rewrites, and how many of the latest are kept by one. */
const REWRITE = 60;
const KEPT = 20;

/** A log in the origin's private file system. */
export function opfs(): Scenario {
  return new LogScenario((name) => new OpfsMedium(async () => (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true })));
}

/** A log in IndexedDB. */
export function idb(): Scenario {
  return new LogScenario((name) => new IdbMedium({ indexedDB, IDBKeyRange }, name));
}

/** A log whose writes are told of before they are kept: what the harness has to notice. */
export function early(): Scenario {
  return new LogScenario(
    (name) => new IdbMedium({ indexedDB, IDBKeyRange }, name),
    (id, append, acknowledged) => {
      acknowledged(id);
      return append();
    },
  );
}

/** Appends and tells of it. */
type Step = (id: number, append: () => Promise<void>, acknowledged: (id: number) => void) => Promise<void>;

/** Appends groups of one to three records to a log, several at a time; now and then the log is rewritten to its latest ones. */
class LogScenario implements Scenario {
  readonly #make: (name: string) => LogMedium;
  readonly #step: Step;

  constructor(
    make: (name: string) => LogMedium,
    step: Step = async (id, append, acknowledged) => {
      await append();
      acknowledged(id);
    },
  ) {
    this.#make = make;
    this.#step = step;
  }

  async medium(name: string): Promise<LogMedium> {
    return this.#make(name);
  }

  async write(next: number, acknowledged: (id: number) => void): Promise<void> {
    const log = await this.#make('crash').open('log');
    const kept = new Set<number>();
    let last = next - 1;
    let through = next - 1;
    const append = async (): Promise<void> => {
      for (;;) {
        last += 1;
        const id = last;
        kept.add(id);
        await this.#step(id, () => log.append(group(id)), acknowledged);
        if (id === 0 || id % REWRITE !== 0) continue;
        // What is still being appended is in it, or comes after it.
        through = Math.max(through, id - KEPT);
        for (const old of kept) if (old <= through) kept.delete(old);
        await log.rewrite([record('through', through, 0, 1), ...[...kept].flatMap(group)]);
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, append));
  }

  async found(): Promise<Found> {
    const ids = new Set<number>();
    let through = -1;
    let open: { id: number; part: number; parts: number } | null = null;
    for (const bytes of await this.#make('crash').read('log')) {
      const { kind, id, part, parts } = parse(bytes);
      if (kind === 'through') {
        through = id;
      } else {
        if (part !== (open === null ? 0 : open.part + 1) || (open !== null && open.id !== id)) throw new Error(`group ${id} has part ${part} out of turn`);
        open = part + 1 === parts ? null : { id, part, parts };
        if (open === null) ids.add(id);
      }
    }
    if (open !== null) throw new Error(`group ${open.id} is torn`);
    return { through, ids: [...ids] };
  }
}

/** The records of a write; every so often they are long. */
function group(id: number): Uint8Array[] {
  const parts = (id % 3) + 1;
  return Array.from({ length: parts }, (_, part) => record('write', id, part, parts));
}

function record(kind: string, id: number, part: number, parts: number): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ kind, id, part, parts })}\n${body(id, part)}`);
}

function body(id: number, part: number): string {
  const length = id % 17 === 0 ? 100_000 : (id * 37 + part * 101) % 600;
  return `${id}.${part};`.repeat(Math.ceil(length / 4)).slice(0, length);
}

function parse(bytes: Uint8Array): { kind: string; id: number; part: number; parts: number } {
  const [head = '', ...rest] = new TextDecoder().decode(bytes).split('\n');
  const parsed = JSON.parse(head) as { kind: string; id: number; part: number; parts: number };
  if (rest.join('\n') !== body(parsed.id, parsed.part)) throw new Error(`record ${head} is not what was written`);
  return parsed;
}
