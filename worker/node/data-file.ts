import { join } from 'node:path';

/** The one file of a data directory. */
export function dataFile(dataDir: string): string {
  return join(dataDir, 'mesafs.sqlite');
}
