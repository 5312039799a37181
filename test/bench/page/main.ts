// Runs one bench in a page; `scripts/bench.mjs` opens it and gives it what a page lacks.
import { runBench } from '../harness.ts';
import type { Bench, Host, NativeAnswer, NativeQuestion } from '../harness.ts';

interface Outside {
  /** Asks a native peer in the process that opened the page. */
  askNative(question: NativeQuestion): Promise<NativeAnswer>;
  serve: Host['serve'];
  tell(line: string): Promise<void>;
}

async function run(name: string, native: boolean): Promise<unknown> {
  const outside = globalThis as unknown as Outside;
  const { bench } = (await import(`../${name}/bench.ts`)) as { bench: Bench };
  const host: Host = {
    runtime: 'chromium',
    text: async (path) => (await fetch(`/node_modules/${path}`)).text(),
    native: native ? (question) => outside.askNative(question) : null,
    serve: () => outside.serve(),
    tell: (line) => void outside.tell(line),
  };
  const results = await runBench(bench, host);
  return { results, targets: bench.targets?.(results, 'chromium') ?? [], about: bench.about };
}

Object.assign(globalThis, { run });
