import type { BrowserContext } from 'playwright/test';
import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { Mesa } from '../../src/runtime/node.ts';
import { DemoServer } from './demo-server.ts';
import { Line } from './line.ts';
import { Sample } from './sample.ts';

/** A repo of small files, its server, the line a browser reaches it by, and a way around that line for another client. */
export class Place {
  readonly server: DemoServer;
  line!: Line;
  readonly #sample: Sample;
  readonly #mounts: MesaFileSystem[] = [];

  constructor(files: number) {
    this.#sample = new Sample(files);
    this.server = new DemoServer(this.#sample.folder);
  }

  async start(): Promise<void> {
    await this.server.start();
    this.line = await Line.to(this.server.url);
  }

  /** Takes the network from a browser. Cutting the line is what counts; the rest is what the browser's own pages hear of it. */
  async offline(context: BrowserContext): Promise<void> {
    await this.line.cut();
    await context.setOffline(true);
  }

  async online(context: BrowserContext): Promise<void> {
    await this.line.restore();
    await context.setOffline(false);
  }

  /** A client in Node, with the key the IDE has. */
  async mesa(): Promise<Mesa> {
    const session = (await (await fetch(`${this.server.url}demo/session`)).json()) as { apiKey: string; org: string };
    return new Mesa({ apiUrl: `${this.server.url}v1`, apiKey: session.apiKey, org: session.org });
  }

  /** Another client's mount, through the public API: at a change, else at the bookmark. */
  async peer(changeId?: string): Promise<MesaFileSystem> {
    const fs = await (await this.mesa()).fs.mount({ repos: [{ name: 'notes', ...(changeId === undefined ? { bookmark: 'main' } : { changeId }) }] });
    this.#mounts.push(fs);
    return fs;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#mounts.map((fs) => fs.close()));
    await this.line.cut();
    await this.server.stop();
    this.#sample.remove();
  }
}

/** All files of the repo as a filesystem reads them, by path below the repo. */
export async function readAll(fs: Pick<MesaFileSystem, 'readdir' | 'readFile'>, root: string): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const name of await fs.readdir(`${root}/src`)) all[name] = await fs.readFile(`${root}/src/${name}`);
  return all;
}
