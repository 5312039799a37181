import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FromServer, ToServer } from './serve.ts';

/** The real backend on SQLite, served over HTTP by a process of its own. */
export interface ServedApart {
  /** With `/v1`. */
  apiUrl: string;
  key: string;
  /** Bytes of memory the server's process has, once what is garbage was collected. */
  memory(): Promise<number>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

/** Starts a new, empty backend. `MESAFS_BENCH_PROFILE` names a folder that it leaves a CPU profile in. */
export async function serveApart(): Promise<ServedApart> {
  const dataDir = mkdtempSync(join(tmpdir(), 'mesafs-bench-'));
  const profile = process.env['MESAFS_BENCH_PROFILE'];
  const execArgv = ['--expose-gc', ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])];
  const child = fork(fileURLToPath(new URL('serve.ts', import.meta.url)), [dataDir], { execArgv });
  const ended = once(child, 'exit');
  const answer = async <K extends keyof FromServer>(key: K): Promise<Required<FromServer>[K]> => {
    for (;;) {
      const [message] = (await Promise.race([once(child, 'message'), ended.then(() => [null])])) as [FromServer | null];
      if (message === null) throw new Error('The server’s process has ended');
      const { [key]: value } = message;
      if (value !== undefined) return value as Required<FromServer>[K];
    }
  };
  const tell = (message: ToServer): boolean => child.send(message);
  const { url, key } = await answer('listening');
  return {
    apiUrl: `${url}/v1`,
    key,
    memory() {
      const answered = answer('memory');
      tell('memory');
      return answered;
    },
    async close() {
      if (child.connected) tell('stop');
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
