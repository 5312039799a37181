import type { Browser } from 'playwright/test';
import { chromium, expect, test } from 'playwright/test';
import { chromiumLaunch } from '../chromium.ts';
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

/** The processor time that the processes of a browser's pages have taken, in seconds. */
async function renderers(browser: Browser): Promise<Map<number, number>> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
}

/** The process of a tab: the one that works when the tab does. */
async function processOf(browser: Browser, tab: Ide): Promise<number> {
  const before = await renderers(browser);
  await tab.page.evaluate(() => {
    for (const end = performance.now() + 1_000; performance.now() < end;);
  });
  const took = [...(await renderers(browser))].map(([pid, time]) => ({ pid, time: time - (before.get(pid) ?? 0) })).toSorted((x, y) => y.time - x.time);
  const [first, second] = took;
  if (first === undefined || first.time < 2 * (second?.time ?? 0)) throw new Error(`no process stands out: ${JSON.stringify(took)}`);
  return first.pid;
}

/** Has a tab note the files it is told of. */
async function listen(tab: Ide): Promise<void> {
  await tab.page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    (globalThis as unknown as DemoWindow).mesafsDemo.fs.subscribe(({ path }) => void heard.push(path));
  });
}

/** What a tab was told of, of some files. */
async function heardOf(tab: Ide, files: readonly string[]): Promise<string[]> {
  const heard = await tab.page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);
  return heard.filter((path) => files.includes(path)).toSorted();
}

test('a tab that holds the stream is stopped: the others take it over and miss nothing, and it follows once it goes on', async ({ browser }) => {
  test.setTimeout(240_000);
  const outside = await Ide.open(browser, server.url);
  const edit = (path: string): Promise<void> => outside.write(`${REPO}/${path}`, `${path}\n`);
  await edit('frozen.txt');
  // A browser that nothing else runs in.
  const own = await chromium.launch(chromiumLaunch);
  // The page's service worker would live in the process that is stopped, and hold up every request of the others.
  const context = await own.newContext({ colorScheme: 'light', serviceWorkers: 'block' });
  const open = async (): Promise<Ide> => {
    const tab = await Ide.tab(context, proxy.url, 'frozen.txt');
    await expect(tab.connection).toHaveAttribute('data-state', 'live');
    return tab;
  };
  const leader = await open();
  const others = [await open(), await open()];
  const pid = await processOf(own, leader);
  try {
    for (const tab of others) expect(await processOf(own, tab), 'each tab has a process to itself').not.toBe(pid);
    for (const tab of [leader, ...others]) await listen(tab);
    await expect.poll(() => proxy.streams).toBe(1);
    const [during, after] = ['during', 'after'].map((when) => [1, 2, 3].map((at) => `${REPO}/${when}-${at}.txt`)) as [string[], string[]];
    const names = (paths: string[]): string[] => paths.map((path) => path.slice(REPO.length + 1));

    // Everything of it stands still, its worker and its connections too: nothing it does says goodbye.
    process.kill(pid, 'SIGSTOP');
    const began = Date.now();
    for (const name of names(during)) await edit(name);
    for (const tab of others) await expect.poll(() => heardOf(tab, during), { timeout: 60_000 }).toEqual(during);
    const took = Date.now() - began;
    console.log(`tabs beside a stopped leader were told of three edits after ${took} ms`);
    // Writes wait for nobody.
    await others[0]?.write(`${REPO}/beside.txt`, 'beside\n');
    await expect.poll(() => outside.read(`${REPO}/beside.txt`).catch(() => '')).toBe('beside\n');

    process.kill(pid, 'SIGCONT');
    await expect.poll(() => heardOf(leader, during), { timeout: 60_000 }).toEqual(during);
    for (const name of names(after)) await edit(name);
    for (const tab of [leader, ...others]) await expect.poll(() => heardOf(tab, after), { timeout: 60_000 }).toEqual(after);
    await expect.poll(() => proxy.streams, { timeout: 60_000 }).toBe(1);
    for (const tab of [leader, ...others]) {
      expect(await heardOf(tab, [...during, ...after]), 'each edit is told of once').toEqual([...after, ...during]);
      for (const path of [...during, ...after, `${REPO}/beside.txt`]) expect(await tab.read(path)).toBe(await outside.read(path));
      await expect(tab.connection).toHaveAttribute('data-state', 'live');
      expect(tab.errors).toEqual([]);
    }
    expect(took, 'a leader that gives no sign of life for 13 s loses the lead').toBeLessThan(45_000);
  } finally {
    process.kill(pid, 'SIGCONT');
    await own.close();
    await outside.close();
  }
});
