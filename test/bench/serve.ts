// Serves a backend for `serveApart`, in a process of its own: node --expose-gc test/bench/serve.ts <data directory>
import { serve } from '../../worker/node.ts';

/** What the process is asked. */
export type ToServer = 'memory' | 'stop';
/** What it says. */
export interface FromServer {
  listening?: { url: string; key: string };
  /** Bytes. */
  memory?: number;
}

const [, , dataDir = ''] = process.argv;
const server = await serve({ port: 0, dataDir });
const say = (message: FromServer): void => void process.send?.(message);

process.on('message', (asked: ToServer) => {
  if (asked === 'stop') return void server.close().then(() => process.disconnect());
  globalThis.gc?.();
  say({ memory: process.memoryUsage().rss });
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
say({ listening: { url: server.url, key: server.adminKey ?? '' } });
