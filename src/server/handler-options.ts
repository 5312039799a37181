import type { Env } from '../base/env.ts';
import { strayName } from '../base/option-names.ts';
import type { CheckedSha1 } from '../core/checked.ts';
import type { Core } from '../core/load.ts';
import type { StreamLimits } from './events/streams.ts';
import type { Storage } from './storage/interface.ts';

/** What a backend is made of. */
export interface HandlerOptions {
  core: Core;
  storage: Storage;
  /** What tells attacks on SHA-1: the module of `checked.wasm`. Has to be given only where nothing may be compiled at run time (workerd). */
  checked?: WebAssembly.Module | CheckedSha1;
  /** Clock and randomness; the platform's unless given. */
  env?: Pick<Env, 'clock' | 'random'>;
  /** Hears of errors nobody expected, with the trace id the answer carries. */
  log?: (entry: { traceId: string; method: string; path: string; error: unknown }) => void;
  /** Waits until those about to write have had the chance to join the next commit to storage; not at all unless given. */
  gather?: () => Promise<void>;
  /** Heartbeat, life and buffer of event streams. */
  streams?: Partial<StreamLimits>;
  /** Refuse to move a bookmark backwards unless the request says `allow_backwards: true`; off unless given. */
  strictBookmarkMoves?: boolean;
  /** Offer the live endpoints, all under a `-` segment; on unless `false`: then the backend is a plain Mesa REST API. */
  live?: boolean;
}

/** What plain JavaScript may pass. */
const OPTIONS: readonly (keyof HandlerOptions)[] = ['core', 'storage', 'checked', 'env', 'log', 'gather', 'streams', 'strictBookmarkMoves', 'live'];

/** @throws TypeError that names what is wrong, and what to pass instead */
export function checkOptions(options: Partial<HandlerOptions> | undefined): void {
  const stray = strayName(options, OPTIONS);
  if (stray !== null) throw new TypeError(`createHandler ${stray}`);
  const { core, storage } = options ?? {};
  if (typeof core?.hashObject !== 'function') {
    throw new TypeError(`createHandler: core must be what loadCore() of mesafs-web/core answers, not ${nameOf(core)}`);
  }
  if (typeof storage?.epoch !== 'function') {
    throw new TypeError(`createHandler: storage must be a Storage, such as memoryStorage() of mesafs-web/server/memory makes, not ${nameOf(storage)}`);
  }
}

function nameOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise: await it first';
  return typeof value === 'object' && value !== null ? 'an object that is none' : String(value);
}
