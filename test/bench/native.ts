import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { NativeAnswer, NativeQuestion } from './harness.ts';

/** A program that does rounds when it is asked to. */
export interface NativePeer {
  ask(question: NativeQuestion): Promise<NativeAnswer>;
  close(): void;
}

/**
 * Starts `crates/oracle/src/bin/bench.rs`. A question is a line with three lengths and a name, and the texts after it; a name alone asks for a round
 * with texts sent before. The answer is a line with milliseconds and bytes.
 */
export function nativePeer(path: string): NativePeer {
  const child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async ask({ name: merge, texts }) {
      const sizes: (number | string)[] = (texts ?? []).map((text) => Buffer.byteLength(text));
      child.stdin.write(`${[...sizes, merge.replaceAll(' ', '_')].join(' ')}\n`);
      for (const text of texts ?? []) child.stdin.write(text);
      const { value } = await lines.next();
      const [ms = Number.NaN, peakBytes = Number.NaN] = String(value).split(' ').map(Number);
      if (Number.isNaN(ms + peakBytes)) throw new Error(`The native peer answered ${JSON.stringify(value)}`);
      return { ms, peakBytes };
    },
    close: () => child.stdin.end(),
  };
}
