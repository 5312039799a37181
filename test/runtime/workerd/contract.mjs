// Bundles the suite and runs it in workerd, through Miniflare: node test/runtime/workerd/contract.mjs
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';
import { build } from 'vite';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const { output } = (
  await build({
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['mesafs-source', 'workerd', 'worker', 'browser'], alias: { 'node:zlib': at('../../../src/engine/shell/zlib-stub.ts') } },
    build: {
      write: false,
      target: 'es2023',
      minify: false,
      lib: { entry: at('suite.ts'), formats: ['es'] },
      rollupOptions: { external: ['checked.wasm', 'mesa_core_bg.wasm', /^node:/], output: { codeSplitting: false } },
    },
  })
)[0];

const worker = new Miniflare({
  host: '127.0.0.1',
  compatibilityDate: '2026-01-01',
  compatibilityFlags: ['nodejs_compat'],
  modules: [
    { type: 'ESModule', path: 'suite.js', contents: output[0].code },
    ...['checked.wasm', 'mesa_core_bg.wasm'].map((name) => ({
      type: 'CompiledWasm',
      path: name,
      contents: readFileSync(at(`../../../src/core/generated/${name}`)),
    })),
  ],
});
try {
  const text = await (await worker.dispatchFetch('http://suite/')).text();
  console.log(text);
  process.exitCode = text.endsWith(' 0 failed') ? 0 : 1;
} finally {
  await worker.dispose();
}
