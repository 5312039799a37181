import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../worker/node.ts';

/** A backend served over HTTP on a data directory of its own. */
export interface Served {
  /** With `/v1`. */
  apiUrl: string;
  key: string;
  close(): Promise<void>;
}

/** Serves a new, empty backend. */
export async function startServed(): Promise<Served> {
  const dataDir = mkdtempSync(join(tmpdir(), 'mesafs-official-'));
  const server = await serve({ port: 0, dataDir });
  const close = async (): Promise<void> => {
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { apiUrl: `${server.url}/v1`, key: server.adminKey ?? '', close };
}
