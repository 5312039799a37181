import { test } from 'vitest';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { filesystemSuite } from './filesystem.ts';
import { InProcess } from './in-process.ts';
import { plainSuite } from './plain.ts';
import { StrictMemoryFs } from './strict-memory-fs.ts';

InProcess.jitter = Number(process.env['MESAFS_JITTER'] ?? 0);
const bash = (): Promise<typeof import('just-bash')> => import('just-bash');

filesystemSuite(test, async () => InProcess.start(await loadNodeCore(), bash));

plainSuite(
  (name, body) => test(`just-bash's own: ${name}`, body),
  async () => {
    const fs = new StrictMemoryFs();
    await fs.mkdir('/root');
    return { fs, root: '/root', close: async () => undefined };
  },
);
