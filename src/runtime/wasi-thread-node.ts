import { parentPort } from 'node:worker_threads';
import { runProgram } from '../engine/shell/wasi/run.ts';
import type { WasiRun } from '../engine/shell/wasi/program.ts';

/** A thread that runs one program and answers what became of it. */
parentPort?.once('message', (run: WasiRun) => {
  void (async () => {
    try {
      parentPort?.postMessage({ end: await runProgram(run) });
    } catch (error) {
      parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) });
    }
  })();
});
