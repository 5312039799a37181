import { serve } from '../node.ts';

/** What `mesafs serve` is told. */
export interface ServeCommand {
  port: number;
  dataDir: string;
  org: string;
  /** Without the live endpoints. */
  restOnly: boolean;
}

/** Serves until the process is asked to stop; prints the address, and the first admin key once, afterwards how to make another. */
export async function serveUntilStopped({ port, dataDir, org, restOnly }: ServeCommand): Promise<void> {
  const server = await serve({ port, dataDir, org, live: !restOnly });
  console.log(`mesafs serves ${server.url}/v1\ndata in ${dataDir}`);
  if (server.adminKey !== null) console.log(`\nadmin key of ${org}, shown only now:\n  ${server.adminKey}\n`);
  else console.log(`for an admin key of ${org}, stop this server and run:  ${keyCommand(dataDir, org)}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await server.close();
}

function keyCommand(dataDir: string, org: string): string {
  return `mesafs key --data ${shellWord(dataDir)}${org === 'acme' ? '' : ` --org ${org}`}`;
}

/** A text as a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w/.,:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
