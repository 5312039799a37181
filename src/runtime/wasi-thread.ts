import { runProgram } from '../engine/shell/wasi/run.ts';
import type { WasiRun } from '../engine/shell/wasi/program.ts';

/** A worker that runs one program and answers what became of it. */
addEventListener('message', (event: MessageEvent<WasiRun>) => {
  void (async () => {
    try {
      postMessage({ end: await runProgram(event.data) });
    } catch (error) {
      postMessage({ error: error instanceof Error ? error.message : String(error) });
    }
  })();
});
