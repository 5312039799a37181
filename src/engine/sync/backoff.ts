import { delay } from '../../base/env.ts';
import type { Env } from '../../base/env.ts';
import { MesaApiError, refusalBehind } from '../../rpc/api-error.ts';

/** Milliseconds of the first and the longest wait between tries. */
const FIRST = 200;
const LONGEST = 30_000;
/** Milliseconds that a server is given at most when it asks for time: it may have meant a clock that is not ours. */
const PATIENCE = 300_000;

/**
 * How long to wait before try number `attempt` (0 is the first retry): exponential with full jitter, so that many clients that failed together do
 * not come back together. What the server asked for with `Retry-After` is the least.
 */
export function retryDelay(env: Env, attempt: number, retryAfter = 0): number {
  const ceiling = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 16));
  const random = new Uint8Array(4);
  env.random(random);
  const fraction = new DataView(random.buffer).getUint32(0) / 2 ** 32;
  return Math.max(retryAfter, Math.round(ceiling * fraction));
}

/** Statuses that say what is wrong with a request, whoever answers: a proxy may have limits of its own. */
const FINAL: ReadonlySet<number> = new Set([401, 413, 414, 431, 501]);

/**
 * Whether the same request may succeed later: the network failed, the server was busy or broken, or it was somebody on the way who answered. The API names
 * its refusals by a code; a page of a proxy, a portal or of a server that is being replaced says nothing of what was asked. Nor does what kept us from a token,
 * unless that is refused itself.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof MesaApiError) {
    const { status, code } = error;
    if (status >= 500 || code === undefined) return status > 0 && !FINAL.has(status);
    return status === 408 || status === 425 || status === 429;
  }
  return (
    !isUnauthorized(error) && !(error instanceof Error && (error.name === 'AbortError' || error.name === 'MissingObjectError' || error.name === 'CoreError'))
  );
}

/** Whether the token was refused and no other is to be had: a request's, or the key's that one was to be signed with. */
export function isUnauthorized(error: unknown): boolean {
  return refusalBehind(error)?.status === 401;
}

/** What the server asked for with `Retry-After`, in milliseconds, five minutes at most; 0 when it did not. */
export function retryAfterOf(env: Env, error: unknown): number {
  const header = refusalBehind(error)?.headers?.get('Retry-After');
  if (header === null || header === undefined || header === '') return 0;
  const seconds = Number(header);
  const wanted = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - env.clock.now();
  return Math.min(PATIENCE, Math.max(0, wanted || 0));
}

/** Runs `task` until it succeeds, fails for good, or has failed `tries` times. For calls that only read. */
export async function withRetries<T>(env: Env, task: () => Promise<T>, signal?: AbortSignal, tries = 4): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await task();
    } catch (error) {
      if (attempt + 1 >= tries || signal?.aborted === true || !isTransient(error)) throw error;
      await delay(env.clock, retryDelay(env, attempt, retryAfterOf(env, error)), signal);
    }
  }
}
