import { Mesa } from '../../../../src/runtime/browser.ts';
import type { MesaFileSystem } from '../../../../src/client/file-system.ts';
import type { LogMedium } from '../../../../src/engine/journal/medium.ts';
import type { Found, Scenario } from '../scenario.ts';
import { bodyOf, idsOf, lineOf } from './mount-texts.ts';

/** Where the scenario's server is, as the page's address says. */
export interface MountAddress {
  api: string;
  key: string;
  org: string;
  repo: string;
}

/** Writes under way at once. */
const TOGETHER = 4;
/** Runs that are looked at whole. */
const RUNS = 6;
/** Milliseconds. */
const REST = 600;

/** A whole mount: writes go through the page's client, the engine in its worker, the view and the journal, and are sent when there is a network. */
export class MountScenario implements Scenario {
  readonly #address: MountAddress;
  readonly #root: string;
  /** What the mount said of work that it keeps and can't show. */
  #hidden: string | null = null;

  constructor(address: MountAddress) {
    this.#address = address;
    this.#root = `/${address.org}/${address.repo}`;
  }

  medium(): Promise<LogMedium> {
    return Promise.reject(new Error('a mount keeps its journal itself'));
  }

  /** Files of their own, and lines at the end of one that this run's writes share: what is sent twice shows there. */
  async write(next: number, acknowledged: (id: number) => void): Promise<void> {
    const fs = await this.#mount();
    let last = next - 1;
    const run = async (): Promise<void> => {
      for (;;) {
        last += 1;
        const id = last;
        if (id % 2 === 0) await fs.writeFile(`${this.#root}/writes/${id}.txt`, bodyOf(id));
        else await fs.appendFile(`${this.#root}/logs/${next}.txt`, lineOf(id));
        acknowledged(id);
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, run));
  }

  /** Looks at what the latest runs wrote; the server's account at the end is of all. */
  async found(): Promise<Found> {
    const fs = await this.#mount();
    const numbers = async (folder: string): Promise<number[]> => (await fs.readdir(`${this.#root}/${folder}`)).map((name) => Number.parseInt(name, 10));
    const runs = (await numbers('logs')).toSorted((x, y) => x - y).slice(-RUNS);
    const first = runs[0] ?? 0;
    const ids = (await numbers('writes')).filter((id) => id >= first);
    for (const id of ids) {
      const text = await fs.readFile(`${this.#root}/writes/${id}.txt`);
      if (text !== bodyOf(id)) throw new Error(`file ${id} holds ${JSON.stringify(text.slice(0, 80))} instead of what was written`);
    }
    for (const log of runs) ids.push(...idsOf(await fs.readFile(`${this.#root}/logs/${log}.txt`)));
    if (this.#hidden !== null) throw new Error(this.#hidden);
    await this.#caughtUp(fs);
    // Where things stand is noted for the next page once nothing moves.
    await new Promise((resolve) => setTimeout(resolve, REST));
    await fs.close();
    return { through: first - 1, ids };
  }

  /** With a network, waits until all is sent. */
  async #caughtUp(fs: MesaFileSystem): Promise<void> {
    if (!fs.sync.status.online) return;
    await fs.sync.flush();
    if (fs.sync.status.parked !== undefined) throw new Error(`the server refused ${fs.sync.status.parked} operations`);
  }

  async #mount(): Promise<MesaFileSystem> {
    const { api, key, org, repo } = this.#address;
    const onLog = ({ message, fields }: { message: string; fields: Record<string, unknown> }): void => {
      if (message.includes('cannot be shown')) this.#hidden = `${message}: ${JSON.stringify(fields)}`;
    };
    const fs = await new Mesa({ apiUrl: api, apiKey: key, org }).fs.mount({
      repos: [{ name: repo, bookmark: 'main' }],
      telemetry: { logLevel: 'warn', onLog },
    });
    if (fs.sync.status.storage === 'memory') throw new Error('the browser keeps no journal');
    // Without a network they are read from here.
    await fs.cache.pin(this.#root).catch(() => undefined);
    return fs;
  }
}
