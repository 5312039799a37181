import * as bindings from './generated/mesa_core.js';
import { CoreTrapError } from './trap-error.ts';

let generation = 0;

/** Counts the instances: what was made in an earlier one is gone. */
export function currentInstance(): number {
  return generation;
}

/**
 * Makes a call into the instance. An instance that trapped can't be trusted with anything any more: it is replaced at once.
 *
 * @throws CoreTrapError when the instance gave up
 */
export function guarded<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!isTrap(error)) throw error;
    generation += 1;
    // The next call but this begins with a new instance; one without arguments, since arguments would still be laid out in the old one.
    bindings.restart();
    bindings.coreVersion();
    throw new CoreTrapError(what, error);
  }
}

/** Traps, and a stack that ran out, which engines tell in their own ways. */
function isTrap(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError || (error instanceof Error && error.name === 'InternalError');
}

/** The functions of the generated module, guarded. */
export function guardedFunctions<K extends keyof typeof bindings>(): Pick<typeof bindings, K> {
  const guard = ([name, value]: [string, unknown]): [string, unknown] => {
    const call = value as (...args: unknown[]) => unknown;
    return [name, (...args: unknown[]) => guarded(name, () => call(...args))];
  };
  const functions = Object.entries(bindings).filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name));
  return Object.fromEntries(functions.map(guard)) as Pick<typeof bindings, K>;
}

/**
 * A pool that outlives its instance: after a trap it is empty, so that its next answer names everything it needs, and whoever asked brings it in
 * again from where it is kept. Of what it made, only what was not taken yet is gone, and the call that made it failed.
 */
export const GuardedPool: new () => bindings.ObjectPool = outliving(bindings.ObjectPool);

function outliving<T extends object>(Class: new () => T): new () => T {
  class Outliving {
    #inner: T | null = null;
    #instance = -1;

    static {
      for (const name of [...Object.getOwnPropertyNames(Class.prototype), Symbol.dispose]) {
        if (name === 'constructor' || (typeof name === 'string' && name.startsWith('__'))) continue;
        const free = name === 'free' || name === Symbol.dispose;
        const value = free
          ? function (this: Outliving): void {
              this.#free();
            }
          : function (this: Outliving, ...args: unknown[]): unknown {
              return guarded(String(name), () => {
                const inner = this.#live() as Record<PropertyKey, (...args: unknown[]) => unknown>;
                return inner[name]?.(...args);
              });
            };
        Object.defineProperty(this.prototype, name, { value });
      }
    }

    #live(): T {
      if (this.#inner === null || this.#instance !== generation) {
        this.#inner = new Class();
        this.#instance = generation;
      }
      return this.#inner;
    }

    #free(): void {
      const inner = this.#inner as { free(): void } | null;
      this.#inner = null;
      if (inner !== null && this.#instance === generation) guarded('free', () => inner.free());
    }
  }
  return Outliving as unknown as new () => T;
}
