import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import type { ViteUserConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Flags that keep Chromium quiet on a closed network; the sandbox needs rights a container lacks. */
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath = process.env['MESAFS_CHROMIUM'];

/** Parts of just-bash's browser build that only Node has; the shell works without them. */
const stubs = { 'node:zlib': at('./src/engine/shell/zlib-stub.ts') };

const config: ViteUserConfig = {
  root: at('./demo'),
  base: './',
  publicDir: false,
  resolve: { conditions: ['mesafs-source', 'module', 'browser', 'development|production'], alias: stubs },
  worker: { format: 'es' },
  build: { outDir: at('./dist/demo'), emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 },
  test: {
    root: at('.'),
    projects: [
      {
        resolve: { conditions: ['mesafs-source'] },
        test: {
          name: 'unit',
          root: at('.'),
          environment: 'node',
          include: ['src/**/*.test.ts', 'demo/**/*.test.ts', 'scripts/**/*.test.mjs', 'worker/**/*.test.ts'],
        },
      },
      {
        resolve: { conditions: ['mesafs-source'] },
        test: {
          name: 'node',
          root: at('.'),
          environment: 'node',
          include: [
            'test/contract/**/*.test.ts',
            'test/runtime/node/**/*.test.ts',
            'test/official/**/*.test.ts',
            'test/cli/**/*.test.ts',
            'test/docs/**/*.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve: { conditions: ['mesafs-source'] },
        test: { name: 'jj', root: at('.'), environment: 'node', include: ['test/jj/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        resolve: { conditions: ['mesafs-source'], alias: stubs },
        worker: { format: 'es' },
        test: {
          name: 'browser',
          root: at('.'),
          include: ['test/runtime/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { args: chromiumFlags, ...(executablePath ? { executablePath } : {}) } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
};

export { config as default };
