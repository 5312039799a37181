import type { Browser, BrowserContext, Page } from 'playwright/test';
import { expect, test } from 'playwright/test';
import { Ide } from './ide.ts';
import { Place } from './place.ts';

const ROOT = '/acme/notes';
/** Milliseconds in which a mount looks whether what it keeps is still stored, and a little for storing it anew. */
const NOTICED = 8_000;
const place = new Place(60);

test.beforeAll(() => place.start());
test.afterAll(() => place.stop());

/** A browser whose mounts keep their journals in OPFS, as Chromium's do, or in IndexedDB. */
async function browserWith(browser: Browser, medium: 'opfs' | 'idb'): Promise<BrowserContext> {
  const context = await browser.newContext({ colorScheme: 'light', serviceWorkers: 'block' });
  if (medium === 'opfs') return context;
  await context.route('**/assets/mesa.worker-*.js', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: `delete FileSystemFileHandle.prototype.createSyncAccessHandle;\n${await answer.text()}` });
  });
  return context;
}

/** A page of the origin that runs nothing of ours. */
async function neighbour(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${place.line.url}icon.svg`);
  return page;
}

/** The databases of mounts. */
function databases(page: Page): Promise<{ name: string; version: number }[]> {
  return page.evaluate(async () => {
    const all = await indexedDB.databases();
    return all.flatMap(({ name = '', version = 0 }) => (name === 'mesafs-page' ? [] : [{ name, version }]));
  });
}

/** Deletes databases, or makes them ones of the next version; answers what came of each. */
function take(page: Page, wanted: { name: string; version: number }[], how: 'delete' | 'upgrade'): Promise<string[]> {
  return page.evaluate(
    ([list, asked]) =>
      Promise.all(
        list.map(
          ({ name, version }) =>
            new Promise<string>((resolve) => {
              const request = asked === 'delete' ? indexedDB.deleteDatabase(name) : indexedDB.open(name, version + 1);
              request.addEventListener('success', () => {
                if (asked === 'upgrade') request.result?.close();
                resolve('done');
              });
              request.addEventListener('error', () => resolve('failed'));
              // A connection that hears `versionchange` and doesn't close would keep it.
              setTimeout(() => resolve('blocked'), 10_000);
            }),
        ),
      ),
    [wanted, how] as const,
  );
}

/** Ends a tab as a crash does. */
async function crash(context: BrowserContext, ide: Ide): Promise<void> {
  const session = await context.newCDPSession(ide.page);
  const crashed = ide.page.waitForEvent('crash');
  // It never answers.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  await ide.page.close();
}

/** Opens a tab again, with a network, and waits until the server has all that is left. */
async function recovered(context: BrowserContext, wanted: Record<string, string>): Promise<void> {
  await place.online(context);
  const next = await Ide.tab(context, place.line.url);
  await expect(next.connection).toHaveAttribute('data-state', 'live');
  const peer = await place.peer();
  for (const [path, text] of Object.entries(wanted)) await expect.poll(() => peer.readFile(path).catch(() => '')).toBe(text);
  await expect.poll(() => next.pending).toBe(0);
  expect(next.errors).toEqual([]);
}

for (const medium of ['opfs', 'idb'] as const) {
  test(`${medium}: everything that the site stored is cleared: what was kept is stored anew, and a crash after that loses none of it`, async ({ browser }) => {
    const context = await browserWith(browser, medium);
    const ide = await Ide.tab(context, place.line.url);
    const file = (at: number): string => `${ROOT}/${medium}-cleared-${at}.txt`;
    await expect(ide.connection).toHaveAttribute('data-state', 'live');
    await place.offline(context);
    for (const at of [1, 2, 3]) await ide.write(file(at), `kept ${at}\n`);
    expect(
      (await databases(ide.page)).some(({ name }) => name.startsWith('mesafs-journal')),
      'the journal is where it should be',
    ).toBe(medium === 'idb');
    const session = await context.newCDPSession(ide.page);
    await session.send('Storage.clearDataForOrigin', { origin: new URL(place.line.url).origin, storageTypes: 'all' });
    // Nothing is written meanwhile: it is noticed all the same.
    await ide.page.waitForTimeout(NOTICED);
    await crash(context, ide);
    await recovered(context, Object.fromEntries([1, 2, 3].map((at) => [file(at), `kept ${at}\n`])));
    await context.close();
  });

  test(`${medium}: databases are deleted and upgraded by another page: none waits for a mount, and nothing that was kept is lost`, async ({ browser }) => {
    const context = await browserWith(browser, medium);
    const ide = await Ide.tab(context, place.line.url);
    const other = await neighbour(context);
    const file = (at: number): string => `${ROOT}/${medium}-taken-${at}.txt`;
    await expect(ide.connection).toHaveAttribute('data-state', 'live');
    await place.offline(context);
    await ide.write(file(1), 'before\n');
    const deleted = await take(other, await databases(other), 'delete');
    expect(deleted.length).toBeGreaterThan(0);
    expect(new Set(deleted)).toEqual(new Set(['done']));
    await ide.write(file(2), 'after they were deleted\n');
    await crash(context, ide);
    await recovered(context, { [file(1)]: 'before\n', [file(2)]: 'after they were deleted\n' });

    // A later version of this software, in another tab, has its own idea of a database: work goes on without it, as far as it can.
    const next = await Ide.tab(context, place.line.url);
    await expect(next.connection).toHaveAttribute('data-state', 'live');
    await place.offline(context);
    await next.write(file(3), 'kept before the upgrade\n');
    const upgraded = await take(other, await databases(other), 'upgrade');
    expect(new Set(upgraded)).toEqual(new Set(['done']));
    const outcome = await next.write(file(4), 'perhaps\n').then(
      () => 'kept',
      (error: Error) => error.message,
    );
    if (medium === 'opfs') expect(outcome).toBe('kept');
    else expect(outcome).toContain('it can be neither stored on this device nor sent now');
    expect(await next.read(file(3)), 'what was kept is shown still').toBe('kept before the upgrade\n');
    await place.online(context);
    await expect(next.connection).toHaveAttribute('data-state', 'live');
    await next.write(file(5), 'with a network\n');
    const peer = await place.peer();
    await expect.poll(() => peer.readFile(file(3)).catch(() => '')).toBe('kept before the upgrade\n');
    await expect.poll(() => peer.readFile(file(5)).catch(() => '')).toBe('with a network\n');
    await context.close();
  });
}
