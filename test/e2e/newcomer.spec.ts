import { expect, test } from 'playwright/test';
import { Ide } from './ide.ts';
import { Place } from './place.ts';

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
  await row('README.md').click();
  await keyboard.press('F2');
  await name.fill('READ.md');
  await keyboard.press('Enter');
  await expect(row('READ.md')).toBeFocused();
  expect(ide.errors).toEqual([]);
  await ide.close();
});
