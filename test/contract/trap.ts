import { loadCore } from '../../src/core/load.ts';
import type { Core } from '../../src/core/load.ts';
import type { ApplyResult, Missing, ObjectPool } from '../../src/core/generated/mesa_core.js';
import { withObjects } from '../../src/core/resolve.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import { CoreTrapError } from '../../src/core/trap-error.ts';
import { equal, ok } from './assert.ts';
import type { TestFunction } from './assert.ts';
import { blob } from './hashing.ts';
import { InProcess, noBash } from './in-process.ts';
import { openWorld } from './world.ts';

/** WebAssembly's unit of memory, in bytes. */
const PAGE = 65_536;
/** What the instance may have in all: the core runs, and an input of half as much exhausts it. */
const MEMORY = 64 * PAGE;

/** Makes the instance really trap, by input larger than its memory, and shows that nothing is lost. */
export function trapSuite(test: TestFunction, file: () => Promise<Uint8Array>): void {
  const load = async (): Promise<Core> => loadCore(withMemory(await file(), MEMORY));
  const huge = new Uint8Array(MEMORY);

  test('a trap is one call that fails, and the next one works', async () => {
    const core = await load();
    for (let round = 0; round < 3; round += 1) {
      const error = thrown(() => core.diffText(huge, huge, 3));
      ok(error instanceof CoreTrapError && error.cause instanceof WebAssembly.RuntimeError, `the instance trapped: ${String(error)}`);
      equal({ code: error.code, retryable: error.retryable }, { code: 'CORE_TRAPPED', retryable: true });
      equal(core.hashObject('blob', new TextEncoder().encode('hello\n')), 'ce013625030ba8dba906f756967f9e9ca394464a');
      equal(core.hashBlobs([new TextEncoder().encode('hello\n')]), ['ce013625030ba8dba906f756967f9e9ca394464a']);
    }
  });

  test('a pool outlives a trap: what was read and made is brought in again', async () => {
    const core = await load();
    const store = new Map<string, StoredObject>();
    const fetched: string[][] = [];
    const fetch = (oids: string[]): Promise<StoredObject[]> => {
      fetched.push(oids);
      return Promise.resolve(oids.map((oid) => store.get(oid)).filter((object) => object !== undefined));
    };
    const pool = core.pool();
    const write = async (trees: string[], path: string, trap: boolean): Promise<string[]> => {
      const oid = core.hashObject('blob', blob(path.length));
      let traps = trap ? 1 : 0;
      const answer = await withObjects(pool, fetch, () => {
        if (traps > 0) {
          traps -= 1;
          core.diffText(huge, huge, 3);
        }
        const applied: Missing | ApplyResult = pool.apply(trees, undefined, [
          { type: 'write', path, was: [null], entry: [{ oid, mode: 0o100644 }], mtime: null },
        ]);
        if (!('missing' in applied)) for (const object of pool.takeCreated()) store.set(object.oid, object);
        return applied;
      });
      return answer.trees;
    };
    let trees = await write([core.hashObject('tree', new Uint8Array(0))], 'a/one', false);
    trees = await write(trees, 'a/b/two', false);
    equal(fetched, []);
    trees = await write(trees, 'c/three', true);
    ok(fetched.length > 0, 'the pool had lost its trees');
    const { found } = await withObjects(pool, fetch, () => pool.lookup(trees, undefined, ['a/one', 'a/b/two', 'c/three', 'd']));
    equal(
      found.map(({ kind }) => kind),
      ['file', 'file', 'file', 'absent'],
    );
    pool.free();
  });

  test('a question that traps each time fails clearly, and other pools go on', async () => {
    const core = await load();
    const [pool, other] = [core.pool(), core.pool()];
    const oid = core.hashObject('tree', new Uint8Array(0));
    let asked = 0;
    const ask = (): never => {
      asked += 1;
      return core.diffText(huge, huge, 3) as never;
    };
    const error = await withObjects(pool, () => Promise.resolve([]), ask).catch((reason: unknown) => reason);
    ok(error instanceof CoreTrapError, 'it failed as a trap');
    equal(asked, 2);
    equal(other.lookup([oid], undefined, ['x']), { found: [{ terms: [null], kind: 'absent', mtime: null, through: null, throughTerms: null }] });
    // Both were made before the trap: giving them up touches no memory of the new instance.
    pool.free();
    other.free();
    equal(core.pool().has(oid), true);
  });

  test('a server in which the core gives up says when to come again, and a mount does', async () => {
    const core = await load();
    let traps = 0;
    const trapping = (pool: ObjectPool): ObjectPool =>
      new Proxy(pool, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          return (...args: unknown[]): unknown => {
            if (name === 'apply' && traps > 0) {
              traps -= 1;
              core.diffText(huge, huge, 3);
            }
            return (value as (...args: unknown[]) => unknown).apply(target, args);
          };
        },
      });
    const world = await openWorld(() => InProcess.start(core, noBash, null, true, { core: { ...core, pool: () => trapping(core.pool()) } }));
    try {
      const { backend, fs } = world;
      await fs.writeFile(world.at('a'), 'before');
      const answers: Response[] = [];
      backend.intercept = async (request) => {
        if (!backend.isWrite(request)) return null;
        // Twice: the core is asked once more by itself.
        if (answers.length === 0) traps = 2;
        const answer = await backend.handler(request);
        answers.push(answer.clone());
        return answer;
      };
      await fs.writeFile(world.at('a'), 'after');
      const [first] = answers;
      equal(
        answers.map(({ status, headers }) => [status, headers.get('Retry-After')]),
        [
          [503, '1'],
          [200, null],
        ],
      );
      ok(first !== undefined);
      const { error } = (await first.json()) as { error: { code: string; message: string; trace_id: string } };
      ok(error.code === 'UNAVAILABLE' && error.trace_id.startsWith('trace_') && error.message.includes('again'), error.message);
      equal(await (await world.peer()).readFile(world.at('a')), 'after');
      // Whoever runs the server hears of it.
      const logged = backend.logged.splice(0);
      ok(logged.length === 1 && logged[0] instanceof CoreTrapError, 'one trap is logged');
    } finally {
      await world.close();
    }
  });

  test('an object too large for the memory leaves the pool usable', async () => {
    const core = await load();
    const pool = core.pool();
    ok(thrown(() => pool.put('blob', huge)) instanceof CoreTrapError, 'it did not fit');
    const oid = pool.put('blob', blob(3));
    equal(pool.get(oid)?.bytes, blob(3));
  });

  test('the id of a large blob in pieces needs no memory, and what a trap interrupts says so', async () => {
    const core = await load();
    const whole = core.blobHasher(huge.length * 2);
    for (let half = 0; half < 2; half += 1) for (let at = 0; at < huge.length; at += PAGE) whole.update(huge.subarray(at, at + PAGE));
    equal(whole.finish().length, 40);
    const interrupted = core.blobHasher(10);
    interrupted.update(blob(5));
    ok(thrown(() => core.diffText(huge, huge, 3)) instanceof CoreTrapError, 'a trap');
    ok(thrown(() => interrupted.update(blob(5))) instanceof CoreTrapError, 'its state is gone');
  });

  test('a stack that runs out inside the core is a trap too', async () => {
    const core = await load();
    const bytes = blob(20_000);
    const dive = (): string => {
      core.hashObject('blob', bytes);
      return dive();
    };
    const error = thrown(dive);
    // Where the stack ends, in the core or before it, depends on the engine, and so does what that is called; the core works on either way.
    ok(error instanceof CoreTrapError || error instanceof RangeError || (error as Error).name === 'InternalError', `the stack ran out: ${String(error)}`);
    equal(core.hashObject('blob', new TextEncoder().encode('hello\n')), 'ce013625030ba8dba906f756967f9e9ca394464a');
  });
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The same module, whose memory ends at so many bytes. */
function withMemory(file: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  let at = 8;
  for (;;) {
    const start = at;
    const id = file[at++];
    const [size, begin] = readNumber(file, at);
    at = begin + size;
    if (id !== 5) continue;
    // One memory, its limits a flag (1: with a maximum), the minimum and the maximum in pages.
    const [minimum] = readNumber(file, begin + 2);
    const limits = [1, 1, ...number(minimum), ...number(bytes / PAGE)];
    return Uint8Array.from([...file.subarray(0, start), 5, ...number(limits.length), ...limits, ...file.subarray(at)]);
  }
}

/** A number in WebAssembly's form, seven bits a byte; and where it ends. */
function readNumber(file: Uint8Array, from: number): [value: number, end: number] {
  let value = 0;
  for (let at = from, shift = 0; ; at += 1, shift += 7) {
    const byte = file[at] ?? 0;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at + 1];
  }
}

function number(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)];
}
