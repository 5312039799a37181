import type { MesaFileSystem } from '../../../src/client/file-system.ts';
import { connectEngine } from '../../../src/rpc/client.ts';
import { Mesa } from '../../../src/runtime/browser.ts';

/** Where a backend is. */
export interface Server {
  /** With `/v1`. */
  apiUrl: string;
  key: string;
}

/** A mount as a page has one, its engine in a worker of its own. */
export class Tab {
  readonly mesa: Mesa;
  readonly #worker: Worker;
  #fs: MesaFileSystem | null = null;

  constructor({ apiUrl, key }: Server) {
    const worker = new Worker(new URL('../../../worker/mesa.worker.ts', import.meta.url), { type: 'module' });
    this.#worker = worker;
    this.mesa = new Mesa({ apiUrl, apiKey: key, org: 'acme', engine: () => connectEngine(worker) });
  }

  async mount(repo: string): Promise<MesaFileSystem> {
    this.#fs = await this.mesa.fs.mount({ repos: [repo] });
    return this.#fs;
  }

  /** Sends what is left, and ends the worker. */
  async close(): Promise<void> {
    await this.#fs?.sync.flush();
    await this.#fs?.close();
    this.#worker.terminate();
  }
}
