import { delay } from '../../base/env.ts';
import type { Clock } from '../../base/env.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Pending } from '../sync/pending.ts';
import type { Checkout } from './checkout.ts';

/** Milliseconds that other engines of this device are given to send what shows here, and between two looks whether they have. */
const PATIENCE = 10_000;
const LOOK = 20;

/**
 * The change looked at, once it is known: a first write by a bookmark's name that waits to be sent may begin another one, whichever engine of this device
 * sends it. `ofOthers`: where it is another engine's that is waited for, the present one will do.
 *
 * @throws MesaApiError UNAVAILABLE when that has to wait for the network
 */
export async function certainChange(checkout: Checkout, clock: Clock, syscall: string, { ofOthers = false }: { ofOthers?: boolean } = {}): Promise<string> {
  const isKnown = (await settled(checkout, clock)) || (ofOthers && isOurs(checkout));
  if (isKnown) return checkout.head.change;
  const message = `${syscall} has to wait: the server has not said yet which change the last writes went into, and it cannot be reached now`;
  throw new MesaApiError(message, { status: 0, code: 'UNAVAILABLE' });
}

async function settled(checkout: Checkout, clock: Clock): Promise<boolean> {
  const { own, drivers } = checkout.backlog;
  for (const driver of drivers) await driver.drained();
  if (!isOurs(checkout) || isAll(checkout)) return isOurs(checkout);
  // Another engine sends it: that the server can't be asked shows only when it is.
  void own.reset();
  for (const end = clock.now() + PATIENCE; !isAll(checkout); await delay(clock, LOOK)) {
    if (own.isStuck || own.state === 'closed' || clock.now() >= end) return false;
  }
  return isOurs(checkout);
}

/** Whether nothing that is sent from here can move it to another change. */
function isOurs({ backlog }: Checkout): boolean {
  return !backlog.pending.some(isByName);
}

/** Whether nothing that shows here can. */
function isAll({ overlay, head, bookmark }: Checkout): boolean {
  return !overlay.over(head, bookmark).some(isByName);
}

function isByName({ body }: Pending): boolean {
  return body.kind === 'files' && 'bookmark' in body.target;
}
