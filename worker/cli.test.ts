import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeProblem, OLDEST_NODE } from '../src/runtime/node-version.ts';
import type { Server } from './node.ts';
import { serve } from './node.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
let folder: string;
let server: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mesafs-commands-'));
  server = await serve({ dataDir: join(folder, 'data') });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a script to its end; answers its exit code and what it complained of. */
function run(...args: string[]): Promise<{ code: number | null; complaint: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.on('error', reject).on('close', (code) => resolve({ code, complaint }));
  });
}

test('a Node that is too old is told in one sentence, by the command and by the package', async () => {
  const { engines } = JSON.parse(readFileSync(at('../package.json'), 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
  expect(['18.20.0', '20.20.2', '22.17.1', '22.18.0', '24.0.0'].map((version) => nodeProblem(version) === null)).toEqual([false, false, false, true, true]);
  const old = `data:text/javascript,${encodeURIComponent('Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })')}`;
  const sentence = 'mesafs-web needs Node 22.18 or newer, and this is 20.20.2; install one from https://nodejs.org';
  expect(await run('--import', old, at('cli.ts'), '--help')).toEqual({ code: 1, complaint: `mesafs: ${sentence}\n` });
  const loaded = await run('--import', old, '--conditions', 'mesafs-source', at('../src/runtime/node.ts'));
  expect(loaded).toEqual({ code: 1, complaint: expect.stringContaining(`Error: ${sentence}`) as string });
});

test('an address that is no API’s, and a key that is not taken, are told apart', async () => {
  const list = (api: string, key: string): Promise<unknown> => run(at('cli.ts'), 'export', 'app', join(folder, 'out'), '--api', api, '--key', key);
  expect(await list(server.url, server.adminKey ?? '')).toEqual({
    code: 1,
    complaint: `mesafs: There is no Mesa API at ${server.url} (HTTP 404); its address ends in /v1, such as ${server.url}/v1\n`,
  });
  expect(await list(`${server.url}/v1`, 'mesa_none')).toEqual({
    code: 1,
    complaint: `mesafs: The server at ${server.url}/v1 does not take this key (HTTP 401)\n`,
  });
});

test('a command that finds the data open elsewhere says so without a stack', async () => {
  const data = join(folder, 'data');
  const sentence = `Another process has the data in ${data} open; stop that server first, or choose another folder`;
  expect(await run(at('cli.ts'), 'serve', '--port', '0', '--data', data)).toEqual({ code: 1, complaint: `mesafs: ${sentence}\n` });
});

test('npm start says what is wrong with its options without a stack', async () => {
  for (const [args, sentence] of [
    [['--port', 'x'], '--port x is not a port; give a number from 0 to 65535'],
    [['--elsewhere'], "Unknown option '--elsewhere'"],
  ] as const) {
    const { code, complaint } = await run(at('../scripts/start.mjs'), ...args);
    expect([code, complaint], complaint).toEqual([1, expect.stringContaining(sentence)]);
    expect(complaint).not.toMatch(/^ +at /m);
  }
});
