import type { RunWasi } from '../engine/shell/wasi/program.ts';
import { threaded } from './wasi-threads.ts';
import type { ThreadAnswer } from './wasi-threads.ts';

/** Runs programs in workers, as browsers have them. */
export const runInWorker: RunWasi = threaded(async () => {
  const worker = new Worker(new URL('./wasi-thread.ts', import.meta.url), { type: 'module' });
  const answer = new Promise<ThreadAnswer>((resolve, reject) => {
    worker.addEventListener('message', (event: MessageEvent<ThreadAnswer>) => resolve(event.data), { once: true });
    worker.addEventListener('error', () => reject(new Error('the worker for it could not be loaded')), { once: true });
  });
  return { post: (run) => worker.postMessage(run), answer, stop: () => worker.terminate() };
});
