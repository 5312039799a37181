import type { RunWasi, WasiEnd } from '../engine/shell/wasi/program.ts';

/** What a thread answers. */
export type ThreadAnswer = { end: WasiEnd } | { error: string };

/** A thread for one program. */
export interface Thread {
  post(run: unknown): void;
  /** Its answer; rejects when it ends without one. */
  answer: Promise<ThreadAnswer>;
  stop(): void;
}

/** Runs each program in a thread of its own. */
export function threaded(start: () => Promise<Thread>): RunWasi {
  return async (run, signal) => {
    signal.throwIfAborted();
    const thread = await start();
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      thread.post(run);
      const answer = await Promise.race([thread.answer, ended]);
      if ('error' in answer) throw new Error(answer.error);
      return answer.end;
    } finally {
      signal.removeEventListener('abort', stop);
      thread.stop();
    }
  };
}
