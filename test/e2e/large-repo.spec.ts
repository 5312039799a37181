import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';
import { DemoServer } from './demo-server.ts';
import { Ide } from './ide.ts';

const folder = fileURLToPath(new URL('../../node_modules/date-fns', import.meta.url));
const server = new DemoServer(folder);

test.beforeAll(() => server.start());
test.afterAll(() => server.stop());

/** What the machine's own tool answers in the folder that was imported. */
function onDisk(command: string): string {
  return execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
}

const lines = (text: string): string[] => text.split('\n').toSorted();

test('a package of 5,000 files: the terminal finds what the machine finds', async ({ browser }) => {
  const ide = await Ide.open(browser, server.url);
  await ide.page.keyboard.press('Control+`');
  const terminal = ide.page.getByTestId('terminal');
  await expect(terminal).toContainText('$');
  for (const [name, command] of [
    ['grep', "grep -rn 'addMilliseconds' *"],
    ['find', 'find . -type f -name "*.cjs"'],
  ] as const) {
    await terminal.click();
    const began = Date.now();
    await ide.page.keyboard.type(`${command} > .found-${name}; echo "done $?" ${name}`);
    await ide.page.keyboard.press('Enter');
    await expect(terminal).toContainText(`done 0 ${name}`, { timeout: 60_000 });
    console.log(`${command}: ${Date.now() - began} ms in the IDE's terminal`);
    expect(lines(await ide.read(`/acme/date-fns/.found-${name}`))).toEqual(lines(onDisk(command)));
  }
  expect(ide.errors).toEqual([]);
  await ide.close();
});

test('a deep file opens by its address and is what is on disk', async ({ browser }) => {
  const path = 'locale/de/_lib/formatDistance.js';
  const ide = await Ide.open(browser, server.url, path);
  await expect(ide.editor).toContainText('formatDistanceLocale');
  expect(await ide.read(`/acme/date-fns/${path}`)).toBe(onDisk(`cat ${path}`));
  await ide.close();
});
