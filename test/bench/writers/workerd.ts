import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';
import { build } from 'vite';

/** The backend in workerd, in memory. */
export interface ServedInWorkerd {
  /** With `/v1`. */
  apiUrl: string;
  key: string;
  close(): Promise<void>;
}

/** Bundles the backend and starts it in workerd, through Miniflare. */
export async function serveInWorkerd(): Promise<ServedInWorkerd> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['mesafs-source', 'workerd', 'worker', 'browser'] },
    build: {
      write: false,
      target: 'es2023',
      minify: false,
      lib: { entry: at('backend.worker.ts'), formats: ['es'] },
      rolldownOptions: { external: ['checked.wasm', 'mesa_core_bg.wasm', /^node:/], output: { codeSplitting: false } },
    },
  });
  const [output] = [built].flat().flatMap((bundle) => ('output' in bundle ? bundle.output : []));
  if (output?.type !== 'chunk') throw new Error('The backend was not bundled');
  const worker = new Miniflare({
    host: '127.0.0.1',
    compatibilityDate: '2026-01-01',
    durableObjects: { BACKEND: 'Backend' },
    modules: [
      { type: 'ESModule', path: 'backend.js', contents: output.code },
      ...['checked.wasm', 'mesa_core_bg.wasm'].map((name) => ({
        type: 'CompiledWasm' as const,
        path: name,
        contents: readFileSync(at(`../../../src/core/generated/${name}`)),
      })),
    ],
  });
  const { origin } = await worker.ready;
  return { apiUrl: `${origin}/v1`, key: await (await fetch(`${origin}/key`)).text(), close: () => worker.dispose() };
}

function at(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
