/** Keeps and reads small pieces in one of the stores, as it is told, and answers the milliseconds that took. */
import { stores } from './stores.ts';
import type { Store } from './stores.ts';

/** What the worker is told to do. */
export interface Task {
  store: string;
  work: 'one by one' | 'in flight' | 'read';
  count: number;
}

const BYTES = 300;
const filled = new Map<string, Store>();

async function take({ store: name, work, count }: Task): Promise<number> {
  const open = stores[name];
  if (open === undefined) throw new Error(`There is no store ${name}`);
  const pieces = Array.from({ length: count }, (_, index) => new Uint8Array(BYTES).fill(index));
  const store = work === 'read' ? (filled.get(name) ?? (await open())) : await open();
  if (work === 'read' && !filled.has(name)) {
    for (const [index, piece] of pieces.entries()) await store.write(index, piece);
    filled.set(name, store);
  }
  const began = performance.now();
  if (work === 'read') await store.read?.(count);
  else if (work === 'in flight') await Promise.all(pieces.map((piece, index) => store.write(index, piece)));
  else for (const [index, piece] of pieces.entries()) await store.write(index, piece);
  return performance.now() - began;
}

addEventListener('message', ({ data }: MessageEvent<Task>) => {
  take(data).then(
    (took) => postMessage({ took }),
    (error: unknown) => postMessage({ error: error instanceof Error ? error.stack : String(error) }),
  );
});
