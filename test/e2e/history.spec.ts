import type { Locator } from 'playwright/test';
import { expect, test } from 'playwright/test';
import { Ide } from './ide.ts';
import { Place } from './place.ts';
import { sampleText } from './sample.ts';

const FILE = '/acme/notes/src/f0.txt';
const place = new Place(3);

test.beforeAll(() => place.start());
test.afterAll(() => place.stop());

const versions = (ide: Ide): Locator => ide.page.getByTestId('version');
const titles = (ide: Ide): Locator => ide.page.locator('.history-title');

/** Draws a square and writes it as a PNG. */
async function paint(ide: Ide, path: string, side: number): Promise<void> {
  await ide.page.evaluate(
    async ([to, size]) => {
      const canvas = new OffscreenCanvas(size, size);
      canvas.getContext('2d')?.fillRect(0, 0, size, size / 2);
      const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      const { fs } = (globalThis as unknown as { mesafsDemo: { fs: { writeFile(path: string, bytes: Uint8Array): Promise<void> } } }).mesafsDemo;
      await fs.writeFile(to, bytes);
    },
    [path, side] as const,
  );
}

/** Gives what there is now a message, and goes on from there. */
async function saveVersion(ide: Ide, message: string): Promise<void> {
  await ide.page.keyboard.press('Alt+v');
  const dialog = ide.page.getByTestId('version-dialog');
  await dialog.getByRole('textbox').fill(message);
  await ide.page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
}

test('a version saved in A shows in B, which compares it with the one before and restores that', async ({ browser }) => {
  const { url } = place.line;
  const [a, b] = await Promise.all([Ide.open(browser, url, 'src/f0.txt'), Ide.open(browser, url, 'README.md')]);
  await b.page.keyboard.press('ControlOrMeta+Shift+h');
  await expect(titles(b)).toHaveText(['Nothing new yet', 'Import notes']);
  await expect(versions(b).first()).toContainText('Now');

  await saveVersion(a, 'As it came');
  await expect(titles(b)).toHaveText(['Nothing new yet', 'As it came', 'Import notes']);
  await a.live(true);
  await a.retype(sampleText(0).replace('first line', 'a better line'));
  await expect(a.saved).toHaveAttribute('data-state', 'saved');
  await expect(titles(b).first()).toHaveText('No message yet');
  await a.page.keyboard.press('Alt+v');
  await expect(a.page.getByTestId('version-files')).toHaveText('1 file changed: f0.txt');
  await expect(a.page.getByTestId('version-dialog').getByRole('textbox')).toHaveValue('');
  await a.page.keyboard.press('Escape');
  await saveVersion(a, 'Say it better');
  await expect(titles(b)).toHaveText(['Nothing new yet', 'Say it better', 'As it came', 'Import notes']);

  // By keyboard: down to the version, open it, down to its file.
  await versions(b).first().focus();
  await b.page.keyboard.press('ArrowDown');
  await b.page.keyboard.press('Enter');
  const file = b.page.getByTestId('version-file');
  await expect(file).toHaveText(/f0\.txt.*M$/);
  await b.page.keyboard.press('ArrowDown');
  await b.page.keyboard.press('Enter');
  const compare = b.page.getByTestId('compare');
  await expect(compare.locator('.cm-merge-a')).toContainText('first line');
  await expect(compare.locator('.cm-merge-b')).toContainText('a better line');
  await expect(compare.locator('[contenteditable="true"]')).toHaveCount(0);
  await expect(b.page.getByTestId('comparison-tab')).toHaveText('f0.txt');

  // The version before: beside what is there now, then in its place.
  await versions(b).filter({ hasText: 'Import notes' }).click();
  await b.page.getByTestId('version-file').filter({ hasText: 'f0.txt' }).click();
  await b.page.getByRole('button', { name: 'Beside now' }).click();
  await expect(compare.locator('.cm-merge-a')).toContainText('first line');
  await expect(compare.locator('.cm-merge-b')).toContainText('a better line');
  await b.page.getByTestId('restore-version').click();
  await expect(b.page.getByRole('tab', { selected: true })).toHaveAttribute('data-path', FILE);
  await expect(b.editor).toContainText('first line');
  await expect(a.editor).toContainText('first line');
  await b.page.getByRole('button', { name: 'Undo' }).click();
  await expect(a.editor).toContainText('a better line');
  expect(await a.read(FILE)).toBe(sampleText(0).replace('first line', 'a better line'));
  expect([...a.errors, ...b.errors]).toEqual([]);
  await Promise.all([a.close(), b.close()]);
});

test('a deleted file is brought back from the version that deleted it', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  await saveVersion(ide, 'Before it goes');
  await ide.page.evaluate(() =>
    (globalThis as unknown as { mesafsDemo: { fs: { rm(path: string): Promise<void> } } }).mesafsDemo.fs.rm('/acme/notes/src/f1.txt'),
  );
  await saveVersion(ide, 'Drop a file');
  await ide.page.getByTestId('activity-history').click();
  await versions(ide).filter({ hasText: 'Drop a file' }).click();
  await ide.page.getByTestId('version-file').click();
  await ide.page.getByRole('button', { name: 'Bring it back' }).click();
  await expect(ide.editor).toContainText('file 1');
  expect(await ide.read('/acme/notes/src/f1.txt')).toBe(sampleText(1));
  await ide.close();
});

test('a folder that was deleted is brought back from the version that deleted it', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  await saveVersion(ide, 'Before the folder goes');
  await ide.page.getByTestId('tree').locator('[data-path="/acme/notes/src"]').click();
  await ide.page.keyboard.press('Delete');
  await ide.page.getByTestId('dialog-delete').click();
  await expect(ide.page.getByTestId('tree').locator('[data-path="/acme/notes/src"]')).toBeHidden();
  await saveVersion(ide, 'Drop the folder');
  await ide.page.getByTestId('activity-history').click();
  await versions(ide).filter({ hasText: 'Drop the folder' }).click();
  await ide.page.getByTestId('bring-back-all').click();
  await expect(ide.page.getByTestId('toast').filter({ hasText: 'files brought back' })).toBeVisible();
  expect(await ide.read('/acme/notes/src/f2.txt')).toBe(sampleText(2));
  await ide.close();
});

test('a picture is compared with what it was, as a picture', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  await paint(ide, '/acme/notes/logo.png', 40);
  await saveVersion(ide, 'A logo');
  await paint(ide, '/acme/notes/logo.png', 64);
  await ide.write('/acme/notes/broken.png', '\0no picture');
  await ide.page.getByTestId('activity-history').click();
  await versions(ide).first().click();
  const file = (name: string): Locator => ide.page.getByTestId('version-file').filter({ hasText: name });
  await file('logo.png').click();
  const pictures = ide.page.getByTestId('compare-pictures').locator('.image-stage');
  await expect(pictures.locator('h3')).toHaveText(['Before', 'Now']);
  await expect(pictures.locator('figcaption')).toHaveText([/^40 × 40 · \d+ B$/, /^64 × 64 · \d+ B$/]);
  await file('broken.png').click();
  await expect(pictures.nth(0)).toHaveText(/It was not there$/);
  await expect(pictures.nth(1)).toHaveText(/This browser can’t show it as a picture \(11 B\)$/);
  expect(ide.errors).toEqual([]);
  await ide.close();
});

test('in a change of one’s own the message is the change’s', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  await ide.newChange('beside');
  await ide.write('/acme/notes/beside.txt', 'beside\n');
  await saveVersion(ide, 'A note beside the others');
  await expect(ide.page.getByTestId('change-chip')).toHaveText('A note beside the others');
  await ide.command('History of versions');
  await expect(titles(ide).first()).toHaveText('A note beside the others');
  await versions(ide).first().click();
  await expect(ide.page.getByTestId('version-file')).toHaveText(/beside\.txt.*A$/);
  await ide.close();
});

test('offline the history says why it isn’t there, and comes by itself', async ({ browser }) => {
  const context = await browser.newContext({ colorScheme: 'light' });
  const ide = await Ide.tab(context, place.line.url, 'README.md');
  await expect(ide.connection).toHaveAttribute('data-state', 'live');
  await place.offline(context);
  await ide.page.keyboard.press('ControlOrMeta+Shift+h');
  await expect(ide.page.getByTestId('history-problem')).toHaveText(
    'The server can’t be reached, and keeps the history. It is shown here as soon as it can be.',
  );
  await place.online(context);
  await expect(versions(ide).first()).toBeVisible();
  await expect(ide.page.getByTestId('history-problem')).toBeHidden();
  expect(ide.errors).toEqual([]);
  await ide.close();
});
