import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripTypeScriptTypes } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Mesa } from '../../src/runtime/node.ts';
import type { Server } from '../../worker/node.ts';
import { serve } from '../../worker/node.ts';

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
