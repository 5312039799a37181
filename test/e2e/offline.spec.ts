import { expect, test } from 'playwright/test';
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
  await expect(tab.page.getByTestId('status-conflicts')).toHaveText('10 conflicts');

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
