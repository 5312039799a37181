import { expect, test } from 'playwright/test';
import { Ide } from './ide.ts';
import { Place } from './place.ts';
import { sampleText } from './sample.ts';

const ROOT = '/acme/notes';
const place = new Place(3);

test.beforeAll(() => place.start());
test.afterAll(() => place.stop());

test('a new file takes the keyboard, a new folder and a renamed file have it in the tree', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  const { keyboard } = ide.page;
  const name = ide.page.getByTestId('name-input');
  const row = (path: string) => ide.page.getByTestId('tree').locator(`[data-path="${ROOT}/${path}"]`);

  await ide.editor.click();
  await keyboard.press('Alt+n');
  await name.fill('src/new.txt');
  await keyboard.press('Enter');
  await expect(ide.page.getByRole('tab', { selected: true })).toHaveAttribute('data-path', `${ROOT}/src/new.txt`);
  await expect(ide.editor).toBeFocused();
  await keyboard.insertText('typed at once');
  await expect.poll(() => ide.read(`${ROOT}/src/new.txt`)).toBe('typed at once');

  await keyboard.press('Alt+Shift+n');
  await name.fill('folder');
  await keyboard.press('Enter');
  await expect(row('src/folder')).toBeFocused();
  await ide.go('README.md');
  await expect(ide.editor, 'a file that was gone to').toBeFocused();
  await row('src/f0.txt').click();
  await expect(ide.editor).toHaveAccessibleName(`Text of ${ROOT}/src/f0.txt`);
  await keyboard.press('F2');
  await name.fill('renamed.txt');
  await keyboard.press('Enter');
  await expect(row('src/renamed.txt')).toBeFocused();
  await expect(ide.editor).toHaveAccessibleName(`Text of ${ROOT}/src/renamed.txt`);
  expect(ide.errors).toEqual([]);
  await ide.close();
});

test('a walk through the page by Tab writes nothing; Tab indents where somebody writes', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'src/f1.txt');
  const { keyboard } = ide.page;
  const reach = async (back: boolean): Promise<void> => {
    for (let presses = 0; presses < 60; presses += 1) {
      await keyboard.press(back ? 'Shift+Tab' : 'Tab');
      if (await ide.editor.evaluate((editor) => editor === document.activeElement)) return;
    }
    throw new Error('Tab does not lead to the editor');
  };
  await ide.page.getByRole('tab', { selected: true }).focus();
  await reach(false);
  await keyboard.press('Tab');
  await expect(ide.editor).not.toBeFocused();
  await reach(true);
  await keyboard.press('Shift+Tab');
  await expect(ide.editor).not.toBeFocused();
  await reach(false);
  await keyboard.press('ArrowDown');
  await keyboard.press('Home');
  await keyboard.press('Tab');
  await expect(ide.editor).toBeFocused();
  await expect.poll(() => ide.read(`${ROOT}/src/f1.txt`)).toMatch(/^file 1\n[ \t]+first line\n/);
  await keyboard.press('ControlOrMeta+z');
  await keyboard.press('Escape');
  await keyboard.press('Tab');
  await expect(ide.editor).not.toBeFocused();
  await reach(true);
  await ide.editor.click();
  await keyboard.press('Tab');
  await expect(ide.editor).toBeFocused();
  await keyboard.press('ControlOrMeta+z');
  await expect.poll(() => ide.read(`${ROOT}/src/f1.txt`)).toBe(sampleText(1));
  await ide.close();
});

test('what was found is in sight in its line, however narrow the panel is', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  await ide.write(`${ROOT}/long.txt`, `${'some words before '.repeat(40)}needle${' and some after'.repeat(40)}\n`);
  await ide.page.getByRole('separator', { name: 'Width of the side panel' }).focus();
  await ide.page.keyboard.press('Home');
  await ide.page.keyboard.press('ControlOrMeta+Shift+f');
  await ide.page.keyboard.insertText('Needle');
  await expect(ide.page.getByRole('search')).toContainText('Press Enter to search');
  await ide.page.keyboard.press('Enter');
  const hit = ide.page.getByTestId('search-hit');
  await expect(hit.locator('mark')).toHaveText('needle');
  const [row, mark] = await Promise.all([hit.boundingBox(), hit.locator('mark').boundingBox()]);
  expect(mark?.width).toBeGreaterThan(30);
  expect((mark?.x ?? 0) + (mark?.width ?? 0)).toBeLessThan((row?.x ?? 0) + (row?.width ?? 0));
  expect(await hit.locator('mark').evaluate((element) => element.scrollWidth <= element.clientWidth + 1)).toBe(true);
  await ide.close();
});

test('what is wrong with a search is said where it was asked for', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  const { page } = ide;
  await page.getByTestId('activity-search').click();
  await page.getByLabel('Regular expression').check();
  await page.getByRole('searchbox').fill('(first');
  await page.getByTestId('search-go').click();
  await expect(page.getByTestId('search-problem')).toHaveText('This is not a valid regular expression: (first');
  await expect(page.getByTestId('search-results')).not.toContainText('Nothing found');
  await expect(page.getByTestId('toast')).toHaveCount(0);
  // As it stands it is a text that could be there.
  await page.getByLabel('Regular expression').uncheck();
  await expect(page.getByTestId('search-results')).toContainText('Nothing found');
  // Where nothing is asked for, nothing was looked for.
  await page.getByRole('searchbox').fill('');
  await expect(page.getByTestId('search-results')).not.toContainText('Nothing found');
  await page.getByRole('searchbox').fill('first line');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('search-hit').first()).toBeVisible();
  // It is there still when another panel was looked at.
  await page.getByTestId('activity-history').click();
  await page.getByTestId('activity-search').click();
  await expect(page.getByRole('searchbox')).toHaveValue('first line');
  await expect(page.getByTestId('search-hit').first()).toBeVisible();
  await ide.close();
});

test('a file that was never read says offline that it is not here yet, and opens once the server can be reached', async ({ browser }) => {
  const context = await browser.newContext({ colorScheme: 'light' });
  const ide = await Ide.tab(context, place.line.url, 'README.md');
  const tree = ide.page.getByTestId('tree');
  await tree.locator(`[data-path="${ROOT}/src"]`).click();
  await expect(tree.locator(`[data-path="${ROOT}/src/f2.txt"]`)).toBeVisible();
  await place.offline(context);
  await tree.locator(`[data-path="${ROOT}/src/f2.txt"]`).click();
  const message = ide.page.getByTestId('not-opened');
  await expect(message).toContainText('“f2.txt” is not yet on this device');
  await expect(message.getByText('EIO')).toBeHidden();
  await message.getByText('Details').click();
  await expect(message.getByText('EIO')).toBeVisible();
  await place.online(context);
  await expect(ide.editor).toContainText('file 2', { timeout: 60_000 });
  await context.close();
});

test('an address that asks for what is not there says so once, and leads to what is', async ({ browser }) => {
  const context = await browser.newContext({ colorScheme: 'light' });
  const page = await context.newPage();
  const screen = page.getByTestId('start-screen');
  for (const [query, words] of [
    ['repo=nothere', 'There is no repository “nothere” in acme'],
    ['bookmark=nothere', 'There is no bookmark “nothere” in acme/notes'],
    ['change=xxxxx', '“xxxxx” is not the id of a change'],
    [`change=${'k'.repeat(32)}`, `There is no change “${'k'.repeat(32)}” in acme/notes`],
  ] as const) {
    await page.goto(`${place.line.url}?${query}`);
    await expect(screen).toContainText(words);
    await expect(screen).not.toContainText('Trying again');
  }
  await page.getByTestId('go-home').click();
  await expect(page.getByTestId('status-connection')).toBeVisible();
  expect(new URL(page.url()).searchParams.get('change')).toBeNull();
  await context.close();
});

test('every button says what it does, also those that are only drawings', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  const dumb = (): Promise<string[]> =>
    ide.page
      .locator('button:visible')
      .evaluateAll((all) =>
        (all as HTMLElement[]).filter((one) => one.title === '' || (one.innerText.trim() === '' && !one.ariaLabel)).map((one) => one.outerHTML),
      );
  expect(await dumb()).toEqual([]);
  await expect(ide.page.getByTestId('all-commands')).toHaveText('Commands');
  await ide.page.setViewportSize({ width: 640, height: 600 });
  await expect(ide.page.getByTestId('all-commands').getByText('Commands')).toBeHidden();
  expect(await dumb()).toEqual([]);
  await ide.close();
});

test('a dialog that closes gives the keyboard back to where it was', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'src/f2.txt');
  const { page } = ide;
  await ide.editor.click();
  await ide.command('Keyboard help');
  // The group that tells of what is kept on this device was left out once.
  await expect(page.getByTestId('help').getByRole('heading', { name: 'Sync' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('help')).toBeHidden();
  await expect(ide.editor).toBeFocused();

  // From a menu it goes back to what the menu was about.
  const row = page.getByTestId('tree').locator(`[data-path="${ROOT}/src/f2.txt"]`);
  await row.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByTestId('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('dialog')).toBeHidden();
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-testid="tree"]') !== null)).toBe(true);
  expect(ide.errors).toEqual([]);
  await ide.close();
});
