import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The script that is the command. */
export const cli: string = fileURLToPath(new URL('../../worker/cli.ts', import.meta.url));

/** What a run of the command printed, and how it ended. */
export interface Run {
  code: number | null;
  out: string;
  err: string;
}

/** Runs `mesafs` to its end as a user does, in a folder; no longer than the test. */
export function mesafs(folder: string, ...args: string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill());
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject).on('close', (code) => resolve({ code, out, err }));
  });
}
