/** What can happen at one call: it fails, once; the tab ends before it, or in the middle of what it does. */
export type FileFate = 'done' | 'fail' | 'full' | 'die' | 'die-in';

/** Calls that are counted: everything that reads or changes what is stored. */
const CALLS: readonly string[] = ['getFileHandle', 'removeEntry', 'createSyncAccessHandle', 'write', 'truncate', 'flush', 'read', 'getSize'];

/**
 * A directory of the origin's private file system as one tab sees it, in which each call can go wrong. What is stored is in the directory it stands on,
 * so that is what the next tab finds.
 */
export class FaultyDirectory {
  /** What the tab works in. */
  readonly directory: FileSystemDirectoryHandle;
  readonly #fate: (index: number, call: string) => FileFate;
  readonly #open = new Set<{ close(): void }>();
  calls = 0;
  /** Whether the tab has ended: nothing it asks is answered. */
  dead = false;

  constructor(under: FileSystemDirectoryHandle, fate: (index: number, call: string) => FileFate) {
    this.#fate = fate;
    this.directory = this.#wrap(under);
  }

  #wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== 'function') return value;
        if (typeof property !== 'string' || !CALLS.includes(property)) return value.bind(target);
        return (...args: unknown[]) => this.#call(target, property, args);
      },
    });
  }

  #call(target: object, name: string, args: unknown[]): unknown {
    const fate = this.dead ? 'die' : this.#fate(this.calls, name);
    this.calls += 1;
    const run = (given: unknown[] = args): unknown => (Reflect.get(target, name, target) as (...all: unknown[]) => unknown).apply(target, given);
    const synchronous = ['write', 'truncate', 'flush', 'read', 'getSize'].includes(name);
    if (fate === 'done') return synchronous ? run() : (run() as Promise<object | undefined>).then((value) => this.#answer(name, value));
    if (fate === 'fail' || fate === 'full') {
      const error = new DOMException('planned', fate === 'full' ? 'QuotaExceededError' : 'UnknownError');
      if (name === 'write') run([half(args[0] as Uint8Array), args[1]]);
      if (synchronous) throw error;
      return Promise.reject(error);
    }
    if (!this.dead && fate === 'die-in') {
      const result = run(name === 'write' ? [half(args[0] as Uint8Array), args[1]] : args);
      // A handle that nobody was given is closed with the tab.
      if (name === 'createSyncAccessHandle') void (result as Promise<{ close(): void }>).then((handle) => handle.close());
    }
    this.#end();
    // Of calls that answer at once an end can only be thrown: whoever catches it finds that nothing else is answered either.
    if (synchronous) throw new DOMException('the tab has ended', 'UnknownError');
    return new Promise(() => undefined);
  }

  #answer(name: string, value: object | undefined): object | undefined {
    if (value === undefined) return value;
    if (name === 'createSyncAccessHandle') {
      const handle = value as { close(): void };
      if (this.dead) handle.close();
      else this.#open.add(handle);
    }
    return this.#wrap(value);
  }

  /** Ends the tab: the platform closes what it had open. */
  #end(): void {
    this.dead = true;
    for (const handle of this.#open) handle.close();
    this.#open.clear();
  }
}

function half(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length / 2);
}
