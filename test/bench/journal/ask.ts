import type { Task } from './bench.worker.ts';

/** Has a worker of `bench.worker.ts` do something; answers the milliseconds that took there. */
export function askStore(worker: Worker, task: Task): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.addEventListener(
      'message',
      ({ data }: MessageEvent<{ took?: number; error?: string }>) => (data.took === undefined ? reject(new Error(data.error)) : resolve(data.took)),
      { once: true },
    );
    worker.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true });
    worker.postMessage(task);
  });
}
