import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripTypeScriptTypes } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Mesa } from '../../src/runtime/node.ts';
import type { MesaBash } from '../../src/runtime/node.ts';
import type { Server } from '../../worker/node.ts';
import { loadCore } from '../../src/runtime/node-core.ts';
import { serve } from '../../worker/node.ts';
import type { Handler } from '../../src/server/index.ts';
import { bootstrapOrg, createHandler, systemEnv } from '../../src/server/index.ts';
import { memoryStorage } from '../../src/server/storage/memory.ts';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

const dataDir = mkdtempSync(join(tmpdir(), 'mesafs-readme-'));
let server: Server;
beforeAll(async () => {
  server = await serve({ port: 0, dataDir });
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('the first lines of code in the README do what they say', async () => {
  const printed: string[] = [];
  const code = stripTypeScriptTypes(blocks[0] ?? '').replace(/^import .*$/m, '');
  const run = new Function('Mesa', 'console', `return (async () => { ${code} })()`) as (...args: unknown[]) => Promise<void>;
  const Bound = function (): unknown {
    return new Mesa({ apiUrl: `${server.url}/v1`, apiKey: server.adminKey ?? '' });
  };
  await run(Bound, { log: (text: string) => printed.push(text) });
  expect(printed).toEqual([
    [
      '<<<<<<< conflict 1 of 1',
      '+++++++ side #1',
      'ship on Tuesday',
      '------- base',
      'ship on Monday',
      '+++++++ side #2',
      'ship on Friday',
      '>>>>>>> conflict 1 of 1 ends',
      '',
    ].join('\n'),
    'ship on Thursday\n',
  ]);
});

test('the shell of the README runs, and is closed', async () => {
  const mesa = new Mesa({ apiUrl: `${server.url}/v1`, apiKey: server.adminKey ?? '' });
  await mesa.repos.create({ name: 'app' }).catch(() => undefined);
  await using fs = await mesa.fs.mount({ repos: ['app'] });
  await fs.writeFile('/acme/app/plan.md', 'ship on Thursday\n');
  const code = stripTypeScriptTypes(blocks.find((block) => block.includes('fs.bash(')) ?? '');
  const run = new Function('fs', `return (async () => { ${code}; return { stdout, exitCode, bash }; })()`) as (...args: unknown[]) => Promise<{
    stdout: string;
    exitCode: number;
    bash: MesaBash;
  }>;
  const { stdout, exitCode, bash } = await run(fs);
  expect([stdout.trim(), exitCode, await fs.readFile('/acme/app/found.txt')]).toEqual(['1', 0, 'plan.md\n']);
  await expect(bash.exec('true')).rejects.toThrow('the shell is closed');
});

test('every command and option of mesafs in the README is one', () => {
  const help = execFileSync(process.execPath, [fileURLToPath(new URL('../../worker/cli.ts', import.meta.url)), '--help'], { encoding: 'utf8' });
  const lines = [...readme.matchAll(/^mesafs (.*?)(?: +#.*)?$|`mesafs ([^`]*)`/gm)].map(([, line, code]) => line ?? code ?? '');
  expect(lines.length).toBeGreaterThan(4);
  for (const line of lines) {
    expect(help).toContain(`mesafs ${line.split(' ')[0] ?? ''} `);
    for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(help).toContain(option);
  }
});

test('the backend that the README embeds answers a client', async () => {
  const block = blocks.find((code) => code.includes('createHandler')) ?? '';
  const code = stripTypeScriptTypes(block).replace(/^import .*$/gm, '');
  const names = ['Mesa', 'bootstrapOrg', 'createHandler', 'loadCore', 'systemEnv', 'memoryStorage', 'keptKey'] as const;
  const run = new Function(...names, `return (async () => { ${code}; return { handler, mesa }; })()`) as (...args: unknown[]) => Promise<{
    handler: Handler;
    mesa: Mesa;
  }>;
  const { handler, mesa } = await run(Mesa, bootstrapOrg, createHandler, loadCore, systemEnv, memoryStorage, '');
  expect(await mesa.whoami()).toMatchObject({ org: { slug: 'acme' } });
  await handler.close();
});
