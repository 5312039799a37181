import { Worker } from 'node:worker_threads';
import type { RunWasi } from '../engine/shell/wasi/program.ts';
import { threaded } from './wasi-threads.ts';
import type { ThreadAnswer } from './wasi-threads.ts';

/** Runs programs in Node's threads. */
export const runInThread: RunWasi = threaded(async () => {
  const worker = new Worker(new URL('./wasi-thread-node.ts', import.meta.url));
  const answer = new Promise<ThreadAnswer>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('its thread ended')));
  });
  return { post: (run) => worker.postMessage(run), answer, stop: () => void worker.terminate() };
});
