/** Turns of the message queue in which no further call may come before a burst is over. */
const QUIET_TURNS = 2;

/**
 * Makes a gate that holds calls until no more of them come: calls that a page makes in one tick arrive as messages of their own, and only when they
 * begin together can what they ask for be fetched together. A lone call waits for two turns of the message queue, some ten microseconds each.
 */
export function burstGate(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  let arrived = 0;
  let open: Promise<void> | null = null;
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      port1.onmessage = () => resolve();
      port2.postMessage(null);
    });
  const wait = async (): Promise<void> => {
    for (let quiet = 0, seen = arrived; quiet < QUIET_TURNS; quiet += 1) {
      await turn();
      if (arrived > seen) quiet = -1;
      seen = arrived;
    }
    open = null;
  };
  return () => {
    arrived += 1;
    open ??= wait();
    return open;
  };
}
