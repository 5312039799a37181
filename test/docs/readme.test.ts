import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripTypeScriptTypes } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { InProcess } from '../contract/in-process.ts';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

let backend: InProcess;
beforeAll(async () => {
  backend = await InProcess.start(await loadNodeCore(), () => import('just-bash'));
});
afterAll(() => backend.close());

test('the first lines of code in the README do what they say', async () => {
  await backend.client().repos.create({ name: 'app' });
  const printed: string[] = [];
  const code = stripTypeScriptTypes(blocks[0] ?? '').replace(/^import .*$/m, '');
  const run = new Function('Mesa', 'console', `return (async () => { ${code} await ada.close(); await bob.close(); })()`) as (
    ...args: unknown[]
  ) => Promise<void>;
  const Mesa = function (): unknown {
    return backend.client();
  };
  await run(Mesa, { log: (text: string) => printed.push(text) });
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
