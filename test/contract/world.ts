import type { MesaClient } from '../../src/client/mesa.ts';
import type { MesaFileSystem } from '../../src/client/file-system.ts';
import type { FsMountOptions } from '../../src/client/mount-options.ts';
import type { WatchEvent } from '../../src/rpc/types.ts';
import { until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';

/** A backend with an empty repo `app`, and mounts of it, each as on a machine of its own. */
export class World {
  readonly backend: InProcess;
  readonly mesa: MesaClient;
  readonly fs: MesaFileSystem;
  /** Where the repo stands in the first mount. */
  readonly root = '/acme/app';
  readonly #mounts: MesaFileSystem[];

  constructor(backend: InProcess, mesa: MesaClient, fs: MesaFileSystem) {
    this.backend = backend;
    this.mesa = mesa;
    this.fs = fs;
    this.#mounts = [fs];
  }

  /** The absolute path of a file of the repo. */
  at(path: string): string {
    return `${this.root}/${path}`;
  }

  /** Mounts the repo once more, elsewhere. */
  async peer(options: Partial<FsMountOptions> = {}): Promise<MesaFileSystem> {
    const fs = await this.backend.client().fs.mount({ repos: [{ name: 'app', bookmark: 'main' }], ...options });
    this.#mounts.push(fs);
    await live(fs);
    return fs;
  }

  /** Waits until a mount sees a file's text. Looking does not count as reading it. */
  async seen(fs: MesaFileSystem, path: string, text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    const oid = this.backend.core.hashObject('blob', bytes);
    await until(async () => (await fs.exists(path)) && (await fs.stat(path)).version.includes(oid), `${path} is ${JSON.stringify(text)}`);
  }

  /** Waits until both mounts show the same version of a path. */
  async same(a: MesaFileSystem, b: MesaFileSystem, path: string): Promise<void> {
    await until(async () => (await versionOf(a, path)) === (await versionOf(b, path)), `both see the same at ${path}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#mounts.map((fs) => fs.close()));
    await this.backend.close();
    if (this.backend.logged.length > 0) throw this.backend.logged[0];
  }
}

async function versionOf(fs: MesaFileSystem, path: string): Promise<string> {
  return (await fs.exists(path)) ? (await fs.stat(path)).version : 'absent';
}

/** Waits until a mount hears of others' edits. */
export async function live(fs: MesaFileSystem): Promise<void> {
  await until(() => fs.sync.status.state === 'live', 'the mount is live');
}

export async function openWorld(start: () => Promise<InProcess>, options: Partial<FsMountOptions> = {}): Promise<World> {
  const backend = await start();
  const mesa = backend.client();
  await mesa.repos.create({ name: 'app' });
  const fs = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'main' }], ...options });
  return new World(backend, mesa, fs);
}

/** Names tests that run in a world of their own. */
export function inWorld(
  test: TestFunction,
  start: () => Promise<InProcess>,
): (name: string, body: (world: World) => Promise<void>, options?: Partial<FsMountOptions>) => void {
  return (name, body, options = {}) =>
    test(name, async () => {
      const world = await openWorld(start, options);
      try {
        await body(world);
      } finally {
        await world.close();
      }
    });
}

/** Collects a mount's events. */
export function watch(fs: MesaFileSystem): { events: WatchEvent[]; next: (count: number) => Promise<WatchEvent[]> } {
  const events: WatchEvent[] = [];
  fs.subscribe((event) => void events.push(event));
  const next = async (count: number): Promise<WatchEvent[]> => {
    await until(() => events.length >= count, `${count} events have come`);
    return events.splice(0);
  };
  return { events, next };
}
