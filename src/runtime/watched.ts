import type { EngineContract } from '../rpc/contract.ts';

/** An engine whose calls stand by themselves; one in the page has to be told of the network, one in a worker hears of that itself, as a rule. */
export type PageEngine = EngineContract & { network?(online: boolean): void };

/** Tells an engine what a page hears, for as long as it has mounts: that the page is seen again, since timers of a hidden one may have been held back. */
export function watched(engine: PageEngine): EngineContract {
  let asked = false;
  // Only a page may ask for its storage to be kept, and it is asked for once there is something that only this device has.
  const persist = (pending: number): void => {
    if (asked || pending === 0) return;
    asked = true;
    void navigator.storage?.persist?.().catch(() => false);
  };
  const mounts = new Set<number>();
  let users = 0;
  let stop = new AbortController();
  const begin = (): void => {
    users += 1;
    if (users > 1) return;
    stop = new AbortController();
    const { signal } = stop;
    const resume = (): void => void engine.resume().catch(() => undefined);
    const seen = (): void => (document.visibilityState === 'visible' ? resume() : undefined);
    globalThis.document?.addEventListener('visibilitychange', seen, { signal });
    if (engine.network === undefined) {
      // Not every worker is told that the network is back: what waits would wait for its next try.
      addEventListener('online', resume, { signal });
      return;
    }
    const network = (): void => engine.network?.(navigator.onLine);
    for (const event of ['online', 'offline']) addEventListener(event, network, { signal });
    network();
  };
  const end = (): void => {
    users -= 1;
    if (users === 0) stop.abort();
  };
  return {
    ...engine,
    async openMount(spec, ports) {
      begin();
      try {
        const mount = await engine.openMount(spec, {
          credential: (reason) => ports.credential(reason),
          events: (events) => ports.events(events),
          log: (record) => ports.log(record),
          status: (status) => {
            persist(status.pending);
            return ports.status(status);
          },
        });
        mounts.add(mount);
        return mount;
      } catch (error) {
        end();
        throw error;
      }
    },
    async closeMount(mount) {
      try {
        return await engine.closeMount(mount);
      } finally {
        if (mounts.delete(mount)) end();
      }
    },
  };
}
