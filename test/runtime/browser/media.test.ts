import { afterAll, test } from 'vitest';
import { mediaSuites } from './media.ts';

const worker = new Worker(new URL('./media.worker.ts', import.meta.url), { type: 'module' });
const running = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
let last = 0;

worker.addEventListener('message', ({ data }: MessageEvent<{ id: number; error?: string }>) => {
  const { id, error } = data;
  const asked = running.get(id);
  running.delete(id);
  if (error === undefined) asked?.resolve();
  else asked?.reject(new Error(error));
});
worker.addEventListener('error', ({ message }) => {
  for (const { reject } of running.values()) reject(new Error(`the worker failed: ${message}`));
});
afterAll(() => worker.terminate());

mediaSuites((name) =>
  test(
    name,
    () =>
      new Promise<void>((resolve, reject) => {
        last += 1;
        running.set(last, { resolve, reject });
        worker.postMessage({ id: last, name });
      }),
  ),
);
