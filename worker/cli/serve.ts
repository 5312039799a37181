import { serve } from '../node.ts';

/** What `mesafs serve` is told. */
export interface ServeCommand {
  port: number;
  dataDir: string;
  org: string;
  /** Without the live endpoints. */
  restOnly: boolean;
}

/** Serves until the process is asked to stop; prints the address, and the first admin key once. */
export async function serveUntilStopped({ port, dataDir, org, restOnly }: ServeCommand): Promise<void> {
  const server = await serve({ port, dataDir, org, live: !restOnly });
  console.log(`mesafs serves ${server.url}/v1\ndata in ${dataDir}`);
  if (server.adminKey !== null) console.log(`\nadmin key of ${org}, shown only now:\n  ${server.adminKey}\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await server.close();
}
