import { expect, test } from 'playwright/test';
import { Ide } from './ide.ts';
import { Place } from './place.ts';
import { sampleText } from './sample.ts';

const ROOT = '/acme/notes';
const place = new Place(3);

test.beforeAll(() => place.start());
test.afterAll(() => place.stop());

const file = (name: string, bytes: Buffer | string) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });

test('files of this device are uploaded into the selected folder, but those that are too large', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  const { page } = ide;
  await page.getByTestId('tree').locator(`[data-path="${ROOT}/src"]`).click();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId('upload').click()]);
  expect(chooser.isMultiple()).toBe(true);
  await chooser.setFiles([file('one.txt', 'one\n'), file('huge.bin', Buffer.alloc(33 * 2 ** 20)), file('two.txt', 'two\n')]);
  await expect(page.getByTestId('toast').filter({ hasText: 'huge.bin' })).toContainText('it may have at most 32 MiB');
  await expect(page.getByTestId('toast').filter({ hasText: '2 files stored' })).toContainText('src');
  expect(await ide.read(`${ROOT}/src/two.txt`)).toBe('two\n');

  // By keyboard: what is chosen alone is shown.
  const [again] = await Promise.all([page.waitForEvent('filechooser'), ide.command('Upload files')]);
  await again.setFiles(file('three.txt', 'three\n'));
  await expect(page.getByRole('tab', { selected: true })).toHaveAttribute('data-path', `${ROOT}/src/three.txt`);
  await expect(ide.editor).toContainText('three');

  // What is there already is replaced only when that is said.
  const [once] = await Promise.all([page.waitForEvent('filechooser'), ide.command('Upload files')]);
  await once.setFiles(file('three.txt', 'three more\n'));
  await expect(page.getByTestId('dialog')).toContainText('“three.txt” is already there');
  await page.getByTestId('dialog').getByRole('button', { name: 'Replace' }).click();
  await expect.poll(() => ide.read(`${ROOT}/src/three.txt`)).toBe('three more\n');
  await expect(page.getByTestId('toast').filter({ hasText: '“three.txt” stored' })).toBeVisible();
  expect(ide.errors).toEqual([]);
  await ide.close();
});

test('a deleted folder comes back by Undo, with what was written in it a moment ago', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  const { page } = ide;
  await ide.write(`${ROOT}/src/f1.txt`, 'never in a version\n');
  await page.getByTestId('tree').locator(`[data-path="${ROOT}/src"]`).click();
  await page.keyboard.press('Delete');
  await expect(page.getByTestId('dialog')).toContainText('With everything inside. History can bring back');
  await page.getByTestId('dialog-delete').click();
  await expect(page.getByTestId('tree').locator(`[data-path="${ROOT}/src"]`)).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByTestId('tree').locator(`[data-path="${ROOT}/src"]`)).toBeVisible();
  await expect.poll(() => ide.read(`${ROOT}/src/f1.txt`).catch(() => '')).toBe('never in a version\n');
  await expect.poll(() => ide.read(`${ROOT}/src/f2.txt`).catch(() => '')).toBe(sampleText(2));
  await ide.close();
});

test('a reload finds the open files in their order, which keys and the pointer change, and an address that leads elsewhere says so', async ({ browser }) => {
  const ide = await Ide.open(browser, place.line.url, 'README.md');
  const { page } = ide;
  const tabs = page.getByTestId('tab');
  const names = ['README.md', 'f0.txt', 'f2.txt'];
  await ide.go('src/f0.txt');
  await ide.go('src/f2.txt');
  await tabs.nth(1).click();
  await page.reload();
  await expect(tabs.locator('.tab-name')).toHaveText(names);
  await expect(page.getByRole('tab', { selected: true }).locator('.tab-name')).toHaveText('f0.txt');
  await expect(ide.editor).toContainText('file 0');
  await tabs.nth(2).click();
  await expect(ide.editor).toContainText('file 2');
  await page.keyboard.press('Alt+Shift+BracketLeft');
  names.splice(1, 2, 'f2.txt', 'f0.txt');
  await expect(tabs.locator('.tab-name')).toHaveText(names);
  await tabs.nth(0).dragTo(tabs.nth(2));
  names.push(...names.splice(0, 1));
  await expect(tabs.locator('.tab-name')).toHaveText(names);

  await page.goto(`${place.line.url}?file=../../etc/passwd`);
  await expect(page.getByTestId('toast')).toContainText('The address of this page names no file of this repository');
  await expect(tabs.locator('.tab-name')).toHaveText(names);
  expect(ide.errors).toEqual([]);
  await ide.close();
});
