import { refusalBehind } from '../../rpc/api-error.ts';
import type { SyncStatus } from '../../rpc/types.ts';
import type { FeedState } from '../sync/feed.ts';
import type { Checkout } from './checkout.ts';

/** Sums up how a mount stands with the backend. */
export function statusOf(
  checkouts: readonly Checkout[],
  feed: { state: FeedState; refusal: unknown },
  storage: 'persistent' | 'best-effort',
  closed: boolean,
): SyncStatus {
  const drivers = checkouts.flatMap((checkout) => checkout.backlog.drivers);
  const pending = checkouts.flatMap((checkout) => checkout.backlog.pending);
  const parked = checkouts.reduce((sum, checkout) => sum + checkout.backlog.parked.length, 0);
  const elsewhere = checkouts.reduce((sum, checkout) => sum + checkout.backlog.elsewhere, 0);
  const retries = drivers.map((driver) => driver.retryAt).filter((at) => at !== null);
  const failure = drivers.find((driver) => driver.lastError !== null)?.lastError ?? feed.refusal;
  return {
    state: stateOf(drivers, feed.state, closed),
    online:
      !closed &&
      feed.state !== 'reconnecting' &&
      !checkouts.some(({ isStale }) => isStale) &&
      !drivers.some(({ state }) => state === 'offline' || state === 'backing-off'),
    pending: pending.length,
    pendingBytes: pending.reduce((sum, operation) => sum + operation.bytes, 0),
    lastAcceptedSeq: Math.max(0, ...checkouts.map((checkout) => checkout.backlog.own.lastAcceptedSeq)),
    storage: checkouts.every((checkout) => checkout.backlog.keeps) ? storage : 'memory',
    ...(parked === 0 ? {} : { parked }),
    ...(elsewhere === 0 ? {} : { elsewhere }),
    ...(retries.length === 0 ? {} : { retryAt: Math.min(...retries) }),
    ...(failure === undefined || failure === null ? {} : { error: describe(failure) }),
  };
}

function stateOf(drivers: { state: string }[], feed: FeedState, closed: boolean): SyncStatus['state'] {
  if (closed) return 'closed';
  const some = (state: string): boolean => drivers.some((driver) => driver.state === state);
  if (some('expired') || feed === 'expired') return 'expired';
  if (some('offline')) return 'offline';
  if (some('backing-off') || some('resetting')) return 'reconnecting';
  return feed;
}

function describe(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const refusal = refusalBehind(error);
  return { code: refusal === null ? 'NETWORK' : (refusal.code ?? `HTTP_${refusal.status}`), message };
}
