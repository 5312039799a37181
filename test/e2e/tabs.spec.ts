import { expect, test } from 'playwright/test';
import { CountingProxy } from './counting-proxy.ts';
import { DemoServer } from './demo-server.ts';
import type { DemoWindow } from './ide.ts';
import { Ide } from './ide.ts';
import { percentile } from './percentile.ts';

const REPO = '/acme/mesafs-web';
const server = new DemoServer();
let proxy: CountingProxy;

test.beforeAll(async () => {
  await server.start();
  proxy = new CountingProxy(server.url);
  await proxy.start();
});
test.afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

test('six tabs over HTTP/1.1 hold one stream of events, and stay responsive', async ({ browser }) => {
  const context = await browser.newContext({ colorScheme: 'light' });
  const outside = await Ide.open(browser, server.url);
  await outside.write(`${REPO}/tabs.txt`, 'start\n');
  const tabs: Ide[] = [];
  for (let tab = 0; tab < 6; tab += 1) tabs.push(await Ide.tab(context, proxy.url, 'tabs.txt'));
  for (const tab of tabs) await expect(tab.connection).toHaveAttribute('data-state', 'live');
  await expect.poll(() => proxy.streams).toBe(1);
  await outside.write(`${REPO}/tabs.txt`, 'from elsewhere\n');
  for (const tab of tabs) await expect(tab.editor).toContainText('from elsewhere');

  // With six streams the browser would have no connection left for anything else.
  const times: number[] = [];
  for (const [index, tab] of tabs.entries()) {
    for (let round = 0; round < 5; round += 1) {
      const began = Date.now();
      await tab.page.evaluate(
        async ([path, text]) => {
          const { fs } = (globalThis as unknown as DemoWindow).mesafsDemo;
          await fs.writeFile(path, text);
          await fs.sync.flush();
        },
        [`${REPO}/tab-${index}.txt`, `round ${round}\n`] as const,
      );
      times.push(Date.now() - began);
    }
  }
  console.log(`six tabs, one stream: write to acceptance p50 ${percentile(times, 50)} ms, p99 ${percentile(times, 99)} ms; streams opened ${proxy.opened}`);
  expect(percentile(times, 50)).toBeLessThan(2_000);
  expect(proxy.streams).toBe(1);
  await context.close();
  await outside.close();
});

test('a frozen tab that holds the stream loses it, and the others miss nothing', async ({ browser }) => {
  test.setTimeout(180_000);
  const context = await browser.newContext({ colorScheme: 'light' });
  const outside = await Ide.open(browser, server.url);
  await outside.write(`${REPO}/frozen.txt`, 'start\n');
  const leader = await Ide.tab(context, proxy.url, 'frozen.txt');
  await expect(leader.connection).toHaveAttribute('data-state', 'live');
  const other = await Ide.tab(context, proxy.url, 'frozen.txt');
  await expect(other.connection).toHaveAttribute('data-state', 'live');
  const devtools = await context.newCDPSession(leader.page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  const began = Date.now();
  await outside.write(`${REPO}/frozen.txt`, 'while it was frozen\n');
  await expect(other.editor).toContainText('while it was frozen', { timeout: 60_000 });
  console.log(`a tab beside a frozen leader showed the edit after ${Date.now() - began} ms`);
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await outside.write(`${REPO}/frozen.txt`, 'and after it\n');
  for (const tab of [leader, other]) await expect(tab.editor).toContainText('and after it', { timeout: 60_000 });
  await context.close();
  await outside.close();
});
