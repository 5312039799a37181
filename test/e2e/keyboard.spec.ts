import type { Locator } from 'playwright/test';
import { expect, test } from 'playwright/test';
import type { DemoWindow } from './ide.ts';
import { Ide } from './ide.ts';
import { Place } from './place.ts';

const ROOT = '/acme/notes';
const place = new Place(6);

test.beforeAll(() => place.start());
test.afterAll(() => place.stop());

/** A test in a window of its own, open on a file, in which nothing is thrown that nobody catches. */
function onFile(file: string, name: string, body: (ide: Ide) => Promise<void>): void {
  test(name, async ({ browser }) => {
    const ide = await Ide.open(browser, place.line.url, file);
    await body(ide);
    expect(ide.errors).toEqual([]);
    await ide.close();
  });
}

const row = (ide: Ide, path: string): Locator => ide.page.getByTestId('tree').locator(`[data-path="${ROOT}/${path}"]`);
const selectedTab = (ide: Ide): Locator => ide.page.getByRole('tab', { selected: true });

onFile('src/f0.txt', 'who leaves a name field by a click into the text types there', async (ide) => {
  const { page } = ide;
  await page.getByTestId('new-file').click();
  await expect(page.getByTestId('name-input')).toBeFocused();
  await ide.editor.click();
  await expect(page.getByTestId('name-input')).toHaveCount(0);
  // Longer than the tree would take to have it.
  await page.waitForTimeout(150);
  await expect(ide.editor).toBeFocused();
  await page.getByTestId('new-file').click();
  await page.keyboard.press('Escape');
  await expect(row(ide, 'src/f0.txt')).toBeFocused();
});

onFile('README.md', 'what is made goes where its name is typed, also after what had the keyboard is gone or folded away', async (ide) => {
  const { page } = ide;
  const peer = await place.peer();
  await peer.mkdir(`${ROOT}/old/deep`, { recursive: true });
  await peer.writeFile(`${ROOT}/old/deep/a.txt`, 'a\n');
  await row(ide, 'old').click();
  await row(ide, 'old/deep').click();
  await peer.rm(`${ROOT}/old/deep`, { recursive: true });
  await expect(row(ide, 'old/deep')).toHaveCount(0);
  await expect(row(ide, 'old'), 'what it was in').toHaveAttribute('tabindex', '0');
  await row(ide, 'src').click();
  await row(ide, 'src/f1.txt').click();
  await page.getByRole('button', { name: 'Fold all folders' }).click();
  await expect(row(ide, 'src')).toHaveAttribute('tabindex', '0');
  await page.getByTestId('new-file').click();
  await page.getByTestId('name-input').fill('in-src.txt');
  await page.keyboard.press('Enter');
  await expect(row(ide, 'src/in-src.txt')).toBeVisible();

  await row(ide, 'old').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(row(ide, 'old')).toHaveCount(0);
  await expect(page.getByTestId('tree').locator('[tabindex="0"]')).toHaveCount(1);
  await page.getByTestId('new-file').click();
  await page.getByTestId('name-input').fill('x.txt');
  await page.keyboard.press('Enter');
  await expect(selectedTab(ide)).toHaveAttribute('data-path', /\/x\.txt$/);
  expect(await peer.readdir(ROOT), 'nothing came back').not.toContain('old');
});

onFile('README.md', 'rows are selected together with Ctrl and Shift, and deleted together', async (ide) => {
  const { page } = ide;
  await row(ide, 'src').click();
  await row(ide, 'src/f2.txt').click();
  await row(ide, 'src/f3.txt').click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByTestId('tree').locator('[aria-selected="true"]')).toHaveCount(2);
  await row(ide, 'src/f5.txt').click({ modifiers: ['Shift'] });
  await expect(selectedTab(ide), 'none but the first was opened').toHaveAttribute('data-path', `${ROOT}/src/f2.txt`);
  await expect(page.getByTestId('tree').locator('[aria-selected="true"]')).toHaveCount(3);
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toContainText('these 3 items');
  await page.keyboard.press('Escape');
});

onFile('src/f0.txt', 'the keyboard goes on in the text of the next tab, and of the one that a closed tab leaves', async (ide) => {
  const { page } = ide;
  await ide.go('src/f1.txt');
  await ide.editor.click();
  await page.keyboard.press('Alt+BracketLeft');
  await expect(selectedTab(ide)).toHaveAttribute('data-path', `${ROOT}/src/f0.txt`);
  await expect(ide.editor).toBeFocused();
  // Live, what was typed a moment ago is saved without a question.
  await page.keyboard.type('typed at the very end');
  await page.keyboard.press('Alt+w');
  await expect(selectedTab(ide)).toHaveAttribute('data-path', `${ROOT}/src/f1.txt`);
  await expect(ide.editor).toBeFocused();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await ide.read(`${ROOT}/src/f0.txt`)).toContain('typed at the very end');

  await page.keyboard.press('ControlOrMeta+Shift+f');
  const field = page.getByRole('searchbox');
  await field.fill('middle');
  await ide.editor.click();
  await page.keyboard.press('ControlOrMeta+Shift+f');
  await expect(field).toBeFocused();
});

onFile('README.md', 'a link is opened as the file it leads to, a link to a folder is shown in the tree', async (ide) => {
  const { page } = ide;
  await page.evaluate(async (root) => {
    const { fs } = (globalThis as unknown as DemoWindow).mesafsDemo;
    await fs.symlink('src/f5.txt', `${root}/to-file`);
    await fs.symlink('src', `${root}/to-folder`);
  }, ROOT);
  const choose = async (name: string): Promise<void> => {
    await page.keyboard.press('ControlOrMeta+p');
    await page.getByTestId('quick-open').getByRole('combobox').fill(name);
    await expect(page.getByTestId('quick-open').getByRole('option').first()).toContainText(name);
    await page.keyboard.press('Enter');
  };
  await choose('to-file');
  await expect(selectedTab(ide)).toHaveAttribute('data-path', `${ROOT}/src/f5.txt`);
  await choose('to-folder');
  await expect(row(ide, 'src')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('tab')).toHaveCount(2);
});

onFile('README.md', 'the terminal takes the keyboard where it was asked for, pastes, and copies what is selected', async (ide) => {
  const { page } = ide;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const terminal = page.getByTestId('terminal');
  await page.keyboard.press('Control+`');
  await expect(terminal).toContainText('$');
  await expect(terminal.locator('textarea')).toBeFocused();
  await page.evaluate(() => navigator.clipboard.writeText('echo pasted'));
  await page.keyboard.press('Control+v');
  await expect(terminal).toContainText('echo pasted');
  await terminal.locator('.xterm-screen').dblclick({ position: { x: 20, y: 8 } });
  await page.keyboard.press('Control+c');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('bash');
  await page.keyboard.press('Enter');
  await expect(terminal).toContainText(/\npasted|pasted.*pasted/s);

  await page.reload();
  await expect(ide.editor).toBeVisible();
  await ide.editor.click();
  await expect(terminal).toContainText('$');
  await expect(ide.editor, 'a terminal that was open before takes no keyboard').toBeFocused();
});

onFile('README.md', 'the side panel that was hidden is as it was', async (ide) => {
  const { page } = ide;
  await row(ide, 'src').click();
  await expect(row(ide, 'src/f0.txt')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+b');
  await expect(row(ide, 'src')).toBeHidden();
  await page.keyboard.press('ControlOrMeta+b');
  await expect(row(ide, 'src/f0.txt')).toBeVisible();
});
