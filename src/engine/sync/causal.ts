/** Operations that an operation was made on top of: of each other client named, all up to a number. */
export type After = Readonly<Record<string, number>>;

/** An operation with its place in its client's order, and what it comes after of others'. */
export interface Ordered {
  seq: number;
  after?: After;
}

/**
 * Brings the operations of several clients into one order: each client's as they are, and each after those it was made on top of. Those that know nothing of
 * each other follow the names of their clients, so that every engine has the same order.
 */
export function inCausalOrder<T extends Ordered>(queues: ReadonlyMap<string, readonly T[]>): T[] {
  const waiting = [...queues].filter(([, queue]) => queue.length > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const [only] = waiting;
  if (only === undefined || waiting.length === 1) return [...(only?.[1] ?? [])];
  const next = new Map(waiting.map(([client]) => [client, 0]));
  const head = (client: string): T | undefined => queues.get(client)?.[next.get(client) ?? 0];
  const isFree = (operation: T): boolean => Object.entries(operation.after ?? {}).every(([client, seq]) => (head(client)?.seq ?? Infinity) > seq);
  const ordered: T[] = [];
  for (;;) {
    const heads = waiting.map(([client]) => ({ client, operation: head(client) }));
    // Should they wait for each other in a circle, which nothing that was made in time does, the first goes.
    const taken = heads.find(({ operation }) => operation !== undefined && isFree(operation)) ?? heads.find(({ operation }) => operation !== undefined);
    if (taken?.operation === undefined) return ordered;
    ordered.push(taken.operation);
    next.set(taken.client, (next.get(taken.client) ?? 0) + 1);
  }
}

/**
 * What has to be at the server before an operation of `client`: of each other client, and of its own, the last number. `queueOf` answers what is waiting of a
 * client; what is waited for may wait for more.
 */
export function requirements(operation: Ordered, queueOf: (client: string) => readonly Ordered[]): Map<string, number> {
  const needed = new Map<string, number>();
  const open: After[] = [operation.after ?? {}];
  for (let after = open.pop(); after !== undefined; after = open.pop()) {
    for (const [client, seq] of Object.entries(after)) {
      const before = needed.get(client) ?? 0;
      if (seq <= before) continue;
      needed.set(client, seq);
      for (const each of queueOf(client)) if (each.seq > before && each.seq <= seq && each.after !== undefined) open.push(each.after);
    }
  }
  return needed;
}
