import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright/test';
import { chromium, expect, test } from 'playwright/test';
import { chromiumLaunch } from '../chromium.ts';
import type { DemoWindow } from './ide.ts';
import { Ide } from './ide.ts';
import { Place, readAll } from './place.ts';
import { sampleText } from './sample.ts';

const ROOT = '/acme/notes';
const place = new Place(60);

test.beforeAll(() => place.start());
test.afterAll(() => place.stop());

/** Waits until the page opens without a network, and has all files of the repo here. */
async function prepare(ide: Ide): Promise<void> {
  await ide.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await ide.command('keep the whole repository');
  await expect(ide.page.getByTestId('toast').filter({ hasText: 'is kept on this device' })).toBeVisible();
  // What came in last is noted a moment later.
  await ide.page.waitForTimeout(600);
}

/** The files as the page's filesystem reads them. */
function shownBy(ide: Ide): Promise<Record<string, string>> {
  return ide.page.evaluate(async (root) => {
    const { fs } = (globalThis as unknown as DemoWindow).mesafsDemo;
    const all: Record<string, string> = {};
    for (const name of await fs.readdir(`${root}/src`)) all[name] = await fs.readFile(`${root}/src/${name}`);
    return all;
  }, ROOT);
}

const mine = (index: number): string => sampleText(index).replace('middle line', `mine ${index}`);
const theirs = (index: number): string => sampleText(index).replace('middle line', `theirs ${index}`);

test('50 files edited offline in two tabs, a change made, all tabs closed: everything arrives, both sides are kept', async ({ browser }) => {
  test.setTimeout(400_000);
  const context = await browser.newContext();
  const tabs = [await Ide.tab(context, place.line.url, 'src/f0.txt'), await Ide.tab(context, place.line.url, 'src/f25.txt')] as const;
  await prepare(tabs[0]);

  await place.offline(context);
  const began = Date.now();
  for (const [at, tab] of tabs.entries()) {
    await tab.page.reload();
    await expect(tab.editor).toContainText(`file ${at * 25}`);
    await expect(tab.connection).toHaveAttribute('data-state', 'offline');
  }
  console.log(`both tabs loaded without a network in ${Date.now() - began} ms`);
  for (let index = 0; index < 25; index += 1) {
    for (const [at, tab] of tabs.entries()) {
      const file = at * 25 + index;
      await tab.page.bringToFront();
      await tab.go(`src/f${file}.txt`);
      await tab.retype(mine(file));
      await tab.save();
      await expect(tab.saved).toHaveAttribute('data-kept', 'kept');
    }
  }
  const change = await tabs[0].newChange('On the train');
  await tabs[0].go('src/f50.txt');
  await tabs[0].retype('only in the change\n');
  await tabs[0].save();
  await expect(tabs[0].saved).toHaveAttribute('data-kept', 'kept');
  const waiting = (await tabs[0].pending) + (await tabs[1].pending);
  expect(waiting).toBeGreaterThanOrEqual(52);
  for (const tab of tabs) {
    expect(tab.errors).toEqual([]);
    await tab.page.close();
  }

  const peer = await place.peer();
  const raced = [0, 1, 2, 3, 4, 25, 26, 27, 28, 29];
  for (const index of raced) await peer.writeFile(`${ROOT}/src/f${index}.txt`, theirs(index));
  await peer.writeFile(`${ROOT}/src/f5.txt`, sampleText(5).replace('last line', 'their last line'));
  await peer.writeFile(`${ROOT}/src/new.txt`, 'made meanwhile\n');
  await peer.sync.flush();

  await place.online(context);
  const back = Date.now();
  const tab = await Ide.tab(context, place.line.url);
  await expect(tab.page.getByTestId('change-chip'), 'work goes on where it stopped').toHaveAttribute('data-change', change);
  await expect(tab.connection).toHaveAttribute('data-state', 'live');
  await expect.poll(() => tab.pending).toBe(0);
  console.log(`${waiting} operations of two closed tabs arrived in ${Date.now() - back} ms, the page's own start among them`);

  // In the change: what was written in it, on top of the bookmark as it is now.
  const inChange = await place.peer(change);
  await expect.poll(() => shownBy(tab)).toEqual(await readAll(inChange, ROOT));
  expect((await shownBy(tab))['f50.txt']).toBe('only in the change\n');
  await expect(tab.page.getByTestId('status-conflicts')).toHaveText('10 files in conflict');

  await tab.command('back to main');
  await expect(tab.page.getByTestId('change-chip')).toHaveAttribute('data-change', '');
  await expect(tab.connection).toHaveAttribute('data-state', 'live');
  const shown = await shownBy(tab);
  expect(shown, 'both clients, byte for byte').toEqual(await readAll(peer, ROOT));
  expect((await peer.conflicts({ repo: 'notes' })).toSorted()).toEqual(raced.map((index) => `${ROOT}/src/f${index}.txt`).toSorted());
  for (const index of raced) {
    const conflict = await peer.readConflict(`${ROOT}/src/f${index}.txt`);
    const sides = conflict?.sides.map(({ content }) => new TextDecoder().decode(content ?? new Uint8Array()));
    expect(sides?.toSorted(), `f${index}.txt`).toEqual([mine(index), theirs(index)].toSorted());
  }
  for (let index = 0; index < 50; index += 1) if (index !== 5 && !raced.includes(index)) expect(shown[`f${index}.txt`]).toBe(mine(index));
  expect(shown['f5.txt']).toBe(mine(5).replace('last line', 'their last line'));
  expect(shown['f50.txt']).toBe(sampleText(50));
  expect(shown['new.txt']).toBe('made meanwhile\n');
  expect(tab.errors).toEqual([]);
  await context.close();
});

/** Notes what the editor shows when it comes into the page: before the first frame in which it is there is painted. */
async function watchFirstFrame(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const observer = new MutationObserver(() => {
      const text = document.querySelector('[data-testid=editor] .cm-content')?.textContent;
      if (text === undefined) return;
      (window as unknown as { firstFrame: string | null }).firstFrame = text;
      observer.disconnect();
    });
    observer.observe(document, { subtree: true, childList: true });
  });
}

function firstFrame(ide: Ide): Promise<string> {
  return ide.page.evaluate(() => (window as unknown as { firstFrame: string }).firstFrame);
}

test('reloaded offline, two tabs show all unsent work in the editor’s first frame; another login sees and sends none of it', async ({ browser }) => {
  test.setTimeout(300_000);
  const context = await browser.newContext();
  const one = await Ide.tab(context, place.line.url, 'src/f51.txt');
  const two = await Ide.tab(context, place.line.url, 'src/f52.txt');
  await prepare(one);
  await place.offline(context);
  for (const [index, tab] of [one, two].entries()) {
    await tab.page.bringToFront();
    await tab.retype(`secret of tab ${index + 1}\n`);
    await tab.save();
    await expect(tab.saved).toHaveAttribute('data-kept', 'kept');
  }
  await watchFirstFrame(context);
  // Each opens what the other wrote.
  await one.load(place.line.url, 'src/f52.txt');
  expect(await firstFrame(one)).toContain('secret of tab 2');
  await two.load(place.line.url, 'src/f51.txt');
  expect(await firstFrame(two)).toContain('secret of tab 1');
  for (const tab of [one, two]) {
    expect(await tab.read(`${ROOT}/src/f51.txt`)).toBe('secret of tab 1\n');
    expect(await tab.read(`${ROOT}/src/f52.txt`)).toBe('secret of tab 2\n');
  }
  expect((await one.pending) + (await two.pending)).toBe(2);
  const closed = await one.page.evaluate(() => (globalThis as unknown as DemoWindow).mesafsDemo.fs.close());
  const left = await two.page.evaluate(() => (globalThis as unknown as DemoWindow).mesafsDemo.fs.close());
  expect(closed.pending + left.pending, 'closing says what is pending').toBeGreaterThanOrEqual(2);
  await Promise.all([one.page.close(), two.page.close()]);

  const key = await place.server.key();
  const peer = await place.peer();
  await place.online(context);
  await context.route('**/demo/session', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), apiKey: key } });
  });
  const other = await Ide.tab(context, place.line.url, 'src/f51.txt');
  expect(await firstFrame(other)).not.toContain('secret');
  await expect(other.connection).toHaveAttribute('data-state', 'live');
  expect(await other.pending).toBe(0);
  await other.write(`${ROOT}/src/f53.txt`, 'of another login\n');
  await expect.poll(() => peer.readFile(`${ROOT}/src/f53.txt`)).toBe('of another login\n');
  expect(await peer.readFile(`${ROOT}/src/f51.txt`)).toBe(sampleText(51));
  await other.page.close();

  await context.unroute('**/demo/session');
  const own = await Ide.tab(context, place.line.url, 'src/f51.txt');
  expect(await firstFrame(own)).toContain('secret of tab 1');
  await expect.poll(() => peer.readFile(`${ROOT}/src/f51.txt`)).toBe('secret of tab 1\n');
  await expect.poll(() => peer.readFile(`${ROOT}/src/f52.txt`)).toBe('secret of tab 2\n');
  for (const tab of [one, two, other, own]) expect(tab.errors).toEqual([]);
  await context.close();
});

test('a crashed tab’s work is taken over by the one that lives', async ({ browser }) => {
  const context = await browser.newContext();
  const dying = await Ide.tab(context, place.line.url, 'src/f54.txt');
  const living = await Ide.tab(context, place.line.url, 'src/f55.txt');
  await prepare(living);
  await place.offline(context);
  await dying.page.bringToFront();
  await dying.retype('written before the crash\n');
  await dying.save();
  await expect(dying.saved).toHaveAttribute('data-kept', 'kept');
  expect(await living.pending).toBe(0);
  const session = await context.newCDPSession(dying.page);
  const crashed = dying.page.waitForEvent('crash');
  // It never answers.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  await expect(living.connection).toHaveAttribute('data-pending', '1');
  await dying.page.close();
  await living.page.bringToFront();
  await living.go('src/f54.txt');
  await expect(living.editor).toContainText('written before the crash');
  await place.online(context);
  await expect.poll(() => living.pending).toBe(0);
  const peer = await place.peer();
  expect(await peer.readFile(`${ROOT}/src/f54.txt`)).toBe('written before the crash\n');
  await context.close();
});

/** Writes a file of a size; answers the code of what kept it from being written, `''` when nothing did. */
function fill(ide: Ide, path: string, size: number): Promise<string> {
  return ide.page.evaluate(
    async ([file, text]) => {
      const { fs } = (globalThis as unknown as DemoWindow).mesafsDemo;
      return fs.writeFile(file, text).then(
        () => '',
        (error: { code: string }) => error.code,
      );
    },
    [path, `${Math.random()}`.padEnd(size, '.')] as const,
  );
}

test('without room a save fails and says so; what was kept before stays, and saving again works once there is room', async () => {
  // Only a profile on disk has a quota that holds.
  const profile = mkdtempSync(join(tmpdir(), 'mesafs-quota-'));
  const context = await chromium.launchPersistentContext(profile, { ...chromiumLaunch, viewport: { width: 1280, height: 800 } });
  const ide = await Ide.tab(context, place.line.url, 'src/f56.txt');
  await ide.live(false);
  await prepare(ide);
  await place.offline(context);
  await ide.retype('kept while there was room\n');
  await ide.save();
  await expect(ide.saved).toHaveAttribute('data-kept', 'kept');
  const session = await context.newCDPSession(ide.page);
  const { origin } = new URL(place.line.url);
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  // What the browser has set aside for open files already is used up first, by a file that is new: a text on top of a conflict may be kept with that.
  for (const size of [1_000_000, 100_000, 10_000, 1_000]) {
    let code = '';
    for (let at = 0; at < 40 && code === ''; at += 1) code = await fill(ide, `${ROOT}/src/filling.txt`, size);
    expect(code).toBe('ENOSPC');
  }
  const much = `${'no room for this '.repeat(500)}\n`;
  await ide.go('src/f57.txt');
  await ide.retype(much);
  await ide.save();
  await expect(ide.saved).toHaveAttribute('data-state', 'failed');
  await expect(ide.page.locator('.document')).toContainText('storage for this site is full');
  expect(await ide.read(`${ROOT}/src/f57.txt`), 'what is not kept is not shown as stored').toBe(sampleText(57));
  expect(await ide.read(`${ROOT}/src/f56.txt`)).toBe('kept while there was room\n');
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await ide.save();
  await expect(ide.saved).toHaveAttribute('data-kept', 'kept');
  await ide.page.reload();
  await expect(ide.editor).toBeVisible();
  expect(await ide.read(`${ROOT}/src/f57.txt`)).toBe(much);
  await place.online(context);
  const peer = await place.peer();
  await expect.poll(() => peer.readFile(`${ROOT}/src/f57.txt`)).toBe(much);
  expect(await peer.readFile(`${ROOT}/src/f56.txt`)).toBe('kept while there was room\n');
  await context.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
});

test('databases that are deleted under a mount are let go of; work goes on, and nothing that was saved is lost', async ({ browser }) => {
  const context = await browser.newContext();
  const ide = await Ide.tab(context, place.line.url, 'src/f58.txt');
  await prepare(ide);
  await place.offline(context);
  await ide.retype('before\n');
  await ide.save();
  await expect(ide.saved).toHaveAttribute('data-kept', 'kept');
  const outcomes = await ide.page.evaluate(async () => {
    const remove = (name: string): Promise<string> =>
      new Promise((resolve) => {
        const request = indexedDB.deleteDatabase(name);
        request.onsuccess = () => resolve('gone');
        request.onerror = () => resolve('failed');
        // A connection that hears `versionchange` and doesn't close would keep it.
        setTimeout(() => resolve('blocked'), 5_000);
      });
    const names = (await indexedDB.databases()).map(({ name = '' }) => name).filter((name) => name !== 'mesafs-page');
    return Promise.all(names.map(remove));
  });
  expect(outcomes.length).toBeGreaterThan(0);
  expect(new Set(outcomes)).toEqual(new Set(['gone']));
  await ide.retype('after\n');
  await ide.save();
  await expect(ide.saved).toHaveAttribute('data-kept', 'kept');
  await place.online(context);
  const peer = await place.peer();
  await expect.poll(() => peer.readFile(`${ROOT}/src/f58.txt`)).toBe('after\n');
  await expect.poll(() => ide.pending).toBe(0);
  expect(ide.errors).toEqual([]);
  await context.close();
});

test('what the server refuses is listed, can be saved to a new change, and is discarded only when confirmed', async ({ browser }) => {
  const context = await browser.newContext();
  const ide = await Ide.tab(context, place.line.url, 'src/f59.txt');
  await prepare(ide);
  await place.offline(context);
  await ide.retype('refused\n');
  await ide.save();
  await expect(ide.saved).toHaveAttribute('data-kept', 'kept');
  await ide.write(`${ROOT}/README.md`, 'refused as well\n');
  place.line.refuse = (path) => (path.endsWith('/-/ops') ? 403 : null);
  await place.online(context);
  await expect(ide.page.getByTestId('toast').filter({ hasText: 'The server refused' }).first()).toBeVisible();
  await expect(ide.editor).toContainText('middle line');
  await ide.page.keyboard.press('Alt+s');
  const items = ide.page.getByTestId('parked-item');
  await expect(items).toHaveCount(2);
  await expect(items.first()).toContainText('src/f59.txt');
  await expect(items.first()).toContainText('You may not write here.');
  place.line.refuse = null;
  await items.first().getByTestId('parked-save').click();
  await expect(items).toHaveCount(1);
  await items.first().getByTestId('parked-discard').click();
  await ide.page.getByTestId('dialog-cancel').click();
  await expect(items).toHaveCount(1);
  await items.first().getByTestId('parked-discard').click();
  await ide.page.getByTestId('dialog-discard').click();
  await expect(items).toHaveCount(0);
  await ide.page.getByTestId('toast').getByRole('button', { name: 'Open it' }).click();
  await expect(ide.page.getByTestId('change-chip')).toHaveText('Edits that were refused elsewhere');
  await expect.poll(() => ide.read(`${ROOT}/src/f59.txt`)).toBe('refused\n');
  const change = (await ide.page.getByTestId('change-chip').getAttribute('data-change')) ?? '';
  const peer = await place.peer(change);
  await expect.poll(() => peer.readFile(`${ROOT}/src/f59.txt`)).toBe('refused\n');
  expect(await peer.readFile(`${ROOT}/README.md`)).toBe('# Notes\n');
  await context.close();
});

test('parts of the IDE that were never opened open offline; of the server’s answers the shell keeps none', async ({ browser }) => {
  const context = await browser.newContext();
  const ide = await Ide.tab(context, place.line.url, 'src/f40.txt');
  await prepare(ide);
  await place.offline(context);
  await ide.page.reload();
  await expect(ide.editor).toBeVisible();
  await ide.page.keyboard.press('Control+`');
  const terminal = ide.page.getByTestId('terminal');
  await expect(terminal).toContainText('$');
  await terminal.click();
  await ide.page.keyboard.type('X=4; cd src; echo f4?.txt | wc -w');
  await ide.page.keyboard.press('Enter');
  await expect(terminal).toContainText('10');
  await ide.page.keyboard.type('echo "$X in $(basename $PWD)" > from-the-terminal.md');
  await ide.page.keyboard.press('Enter');
  await expect.poll(() => ide.read(`${ROOT}/src/from-the-terminal.md`).catch(() => '')).toBe('4 in src\n');
  await ide.page.keyboard.press('Control+`');
  await ide.go('src/from-the-terminal.md');
  const kept = await ide.page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return { names, paths: requests.flat().map(({ url }) => new URL(url).pathname) };
  });
  expect(kept.names.length).toBe(1);
  expect(kept.paths.filter((path) => !/^\/(assets\/[^/]+|index\.html|icon[\w-]*\.(svg|png)|manifest\.webmanifest)$/.test(path))).toEqual([]);
  expect(kept.paths.some((path) => path.endsWith('.wasm'))).toBe(true);
  expect(ide.errors).toEqual([]);
  await place.online(context);
  await expect.poll(() => ide.pending).toBe(0);
  await context.close();
});
