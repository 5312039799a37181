import { connectEngine } from '../../../src/rpc/client.ts';
import type { EngineContract } from '../../../src/rpc/contract.ts';
import type { EngineMaker, InProcess } from '../../contract/in-process.ts';

/** A request on its way from a worker to the page. */
export interface Question {
  id: number;
  url: string;
  method: string;
  headers: [string, string][];
  body: ArrayBuffer;
}

/** Its answer, or why there is none. */
export interface Answer {
  id: number;
  error?: string;
  status?: number;
  headers?: [string, string][];
  body?: ReadableStream<Uint8Array> | null;
}

/** Makes engines that each run in a worker of their own, and speak to a backend in the page. */
export function workerEngines(): EngineMaker {
  const workers: Worker[] = [];
  const engine = (backend: InProcess): EngineContract => {
    const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
    const ready = new Promise<void>((resolve, reject) => {
      worker.addEventListener('error', (event) => reject(new Error(`the worker failed: ${event.message}`)), { once: true });
      worker.addEventListener('message', ({ data }: MessageEvent<{ ready?: boolean }>) => (data.ready === true ? resolve() : undefined));
    });
    answerRequests(worker, backend);
    if (workers.length === 0) backend.clock.onAdvance = (ms) => workers.forEach((each) => each.postMessage({ advance: ms }));
    // The page's clock may be ahead already.
    worker.postMessage({ advance: backend.clock.now() - Date.now() });
    workers.push(worker);
    const connected = ready.then(() => connectEngine(worker));
    return {
      openMount: async (...args) => (await connected).openMount(...args),
      closeMount: async (...args) => (await connected).closeMount(...args),
      call: async (...args) => (await connected).call(...args),
      cancel: async (...args) => (await connected).cancel(...args),
      status: async (...args) => (await connected).status(...args),
      resume: async () => (await connected).resume(),
      forget: async (...args) => (await connected).forget(...args),
    };
  };
  return { engine, close: () => workers.splice(0).forEach((worker) => worker.terminate()) };
}

function answerRequests(worker: Worker, backend: InProcess): void {
  const running = new Map<number, AbortController>();
  worker.addEventListener('message', ({ data }: MessageEvent<{ request?: Question; abort?: number }>) => {
    if (data.abort !== undefined) running.get(data.abort)?.abort();
    if (data.request === undefined) return;
    const { id, url, method, headers, body } = data.request;
    const controller = new AbortController();
    running.set(id, controller);
    const request = new Request(url, { method, headers, signal: controller.signal, ...(body.byteLength > 0 ? { body } : {}) });
    backend
      .fetch(request)
      .then(
        (response) => send(worker, { id, status: response.status, headers: [...response.headers], body: response.body }),
        (error: unknown) => send(worker, { id, error: error instanceof Error ? error.message : String(error) }),
      )
      .catch(() => undefined);
  });
}

function send(worker: Worker, answer: Answer): void {
  worker.postMessage({ answer }, answer.body ? [answer.body] : []);
}
