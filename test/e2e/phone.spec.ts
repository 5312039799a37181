import type { Browser } from 'playwright/test';
import { expect, test } from 'playwright/test';
import { Ide } from './ide.ts';
import { Place } from './place.ts';

const place = new Place(2);

test.beforeAll(() => place.start());
test.afterAll(() => place.stop());

async function phone(browser: Browser, file: string): Promise<Ide> {
  const ide = await Ide.tab(await browser.newContext({ viewport: { width: 390, height: 844 } }), place.line.url, file);
  await expect(ide.connection).toHaveAttribute('data-state', 'live');
  return ide;
}

test('the terminal comes out from under a side panel', async ({ browser }) => {
  const ide = await phone(browser, 'README.md');
  const { page } = ide;
  const side = page.getByRole('complementary', { name: 'Side panel' });
  const terminal = page.getByTestId('terminal');
  for (let round = 0; round < 2; round += 1) {
    await page.getByTestId('activity-search').click();
    await expect(side).toBeVisible();
    // The second time it is open already, below the panel.
    await page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name: 'Terminal' }).click();
    await expect(side).toBeHidden();
    await expect(terminal.locator('textarea')).toBeFocused();
  }
  await ide.close();
});

test('in a window of middling width the search gives way to the names', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  const whole = (element: Element): boolean => element.scrollWidth <= element.clientWidth;
  for (const width of [720, 760, 820, 900, 960, 1160, 1280]) {
    await ide.page.setViewportSize({ width, height: 600 });
    expect(await ide.page.getByTestId('change-chip').locator('span').evaluate(whole), `the bookmark at ${width}`).toBe(true);
    expect(await ide.page.getByRole('heading', { level: 1 }).evaluate(whole), `the repository at ${width}`).toBe(true);
    expect((await ide.page.locator('.header-search').boundingBox())?.width).toBeGreaterThanOrEqual(160);
  }
  await ide.close();
});

test('short names are shown whole, and a conflict can be edited without looking for what keeps the text', async ({ browser }) => {
  const [ide, peer] = await Promise.all([phone(browser, 'src/f1.txt'), place.peer()]);
  const { page } = ide;
  const whole = (element: Element): boolean => element.scrollWidth <= element.clientWidth;
  expect(await page.getByTestId('change-chip').locator('span').evaluate(whole)).toBe(true);
  expect(await page.getByRole('heading', { level: 1 }).evaluate(whole)).toBe(true);

  const path = '/acme/notes/src/f1.txt';
  const { version: base } = await peer.readVersioned(path);
  const lines = (word: string): string => Array.from({ length: 30 }, (_, line) => `${word} ${line}`).join('\n');
  await ide.write(path, `${lines('mine')}\n`);
  await expect.poll(() => peer.readFile(path)).toContain('mine');
  await peer.writeFile(path, `${lines('theirs')}\n`, { base });
  await expect(ide.conflict).toBeVisible();
  const tops = await page.locator('.hunk-head .button').evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().top));
  expect(new Set(tops).size).toBe(1);
  await page.getByTestId('edit-conflict').click();
  await expect(page.getByTestId('keep-edited')).toBeInViewport({ ratio: 1 });
  await page.getByTestId('keep-edited').click();
  await expect(ide.editor).toContainText('mine 0');
  await ide.close();
});
