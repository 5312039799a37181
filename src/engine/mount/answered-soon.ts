import { delay } from '../../base/env.ts';
import type { Checkout } from './checkout.ts';
import type { Context } from './context.ts';

/** Milliseconds that the server is given for its answer. */
const PATIENCE = 10_000;

/** Waits for the server's answer to what was written to a checkout where that can be had now: it may refuse what is safe here. @throws MesaApiError */
export async function answeredSoon(context: Context, checkout: Checkout, answered: Promise<unknown> | undefined): Promise<void> {
  const patience = new AbortController();
  const late = delay(context.env.clock, PATIENCE, patience.signal).catch(() => undefined);
  const settled = checkout.settled().then((isDone) => (isDone ? answered : undefined));
  try {
    await Promise.race([answered, settled, late]);
  } finally {
    patience.abort();
  }
}
