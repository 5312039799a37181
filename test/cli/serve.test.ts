import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { cli } from './run.ts';

let folder: string;

beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), 'mesafs-serve-')))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What `mesafs serve` prints until it is ready for requests, and is stopped. */
function served(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, 'serve', '--port', '0', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill());
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.includes('admin key') && out.endsWith('\n')) child.kill('SIGTERM');
    });
    child.on('error', reject).on('close', () => resolve(out));
  });
}

test('the first start prints a key, a later one the command that makes another', async () => {
  const data = join(folder, "Ann's data");
  expect(await served('--data', "Ann's data", '--org', 'beta')).toMatch(/admin key of beta, shown only now:\n {2}mesa_\S+\n/);
  const again = await served('--data', "Ann's data", '--org', 'beta');
  const command = /^for an admin key of beta, stop this server and run: {2}mesafs (key --data .*)$/m.exec(again)?.[1] ?? again;
  expect(command).toBe(`key --data '${data.replace("'", "'\\''")}' --org beta`);
  const shell = `"${process.execPath}" "${cli}" ${command}`;
  expect((await promisify(execFile)('sh', ['-c', shell], { cwd: tmpdir() })).stdout).toMatch(/^mesa_\S+\n$/);
});
