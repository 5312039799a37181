import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config';
import type { BrowserProviderOption } from 'vitest/node';
import { SHELL_WORKER, shellPlugin } from './demo/shell-plugin.ts';
import { chromiumLaunch } from './test/chromium.ts';
import { firefox } from './test/firefox-provider.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Parts of just-bash's browser build that only Node has; the shell works without them. */
const stubs = { 'node:zlib': at('./src/engine/shell/zlib-stub.ts') };

/** The tests that run in a page, in one browser. */
function inBrowser(name: string, browser: 'chromium' | 'firefox', provider: BrowserProviderOption): TestProjectInlineConfiguration {
  return {
    resolve: { conditions: ['mesafs-source'], alias: stubs },
    worker: { format: 'es' },
    // Found late they would make the page load again in the middle of a test.
    optimizeDeps: { include: ['@bjorn3/browser_wasi_shim', 'binaryen', 'just-bash/browser'] },
    test: {
      name,
      root: at('.'),
      include: ['test/runtime/browser/**/*.test.ts'],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      browser: { enabled: true, headless: true, screenshotFailures: false, provider, instances: [{ browser }] },
    },
  };
}

const config: ViteUserConfig = {
  root: at('./demo'),
  base: './',
  publicDir: at('./demo/public'),
  plugins: [shellPlugin()],
  resolve: { conditions: ['mesafs-source', 'module', 'browser', 'development|production'], alias: stubs },
  worker: { format: 'es' },
  build: {
    outDir: at('./dist/demo'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: { index: at('./demo/index.html'), shell: at('./demo/src/offline/shell-worker.ts') },
      // The service worker keeps its name: it is how a browser finds the next build.
      output: { entryFileNames: ({ name }) => (name === 'shell' ? SHELL_WORKER : 'assets/[name]-[hash].js') },
    },
  },
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
      inBrowser('browser', 'chromium', playwright({ launchOptions: chromiumLaunch })),
      inBrowser('firefox', 'firefox', firefox()),
    ],
  },
};

export { config as default };
