import { expect, test } from 'playwright/test';
import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { Ide } from './ide.ts';
import { Place } from './place.ts';

const ROOT = '/acme/notes';
const place = new Place(3);

test.beforeAll(() => place.start());
test.afterAll(() => place.stop());

/** Changes the last line of what a file is now. */
async function writeBelow(fs: MesaFileSystem, path: string): Promise<void> {
  const { bytes, version } = await fs.readVersioned(path);
  await fs.writeFile(path, new TextDecoder().decode(bytes).replace('last', 'from elsewhere'), { base: version });
}

test('what is typed without a pause is saved all the while, and neither undo nor the cursor notices', async ({ browser }) => {
  const a = await Ide.open(browser, place.server.url, 'src/f0.txt');
  await a.live(true);
  await a.retype('first\n\nmiddle\n\nlast\n');
  await a.page.keyboard.press('ControlOrMeta+Home');
  const peer = await place.peer();
  let typing = true;
  const typed = a.page.keyboard.type('abcdefghij'.repeat(6), { delay: 60 }).then(() => (typing = false));
  await expect.poll(() => peer.readFile(`${ROOT}/src/f0.txt`)).toMatch(/^abcdefghij/);
  expect(typing).toBe(true);
  await writeBelow(peer, `${ROOT}/src/f0.txt`);
  await expect(a.editor).toContainText('from elsewhere');
  await typed;
  await expect(a.editor).toContainText(`${'abcdefghij'.repeat(6)}first`);
  await expect.poll(() => peer.readFile(`${ROOT}/src/f0.txt`)).toBe(`${'abcdefghij'.repeat(6)}first\n\nmiddle\n\nfrom elsewhere\n`);
  await a.page.keyboard.press('ControlOrMeta+z');
  await expect(a.editor).toHaveText(/^firstmiddlefrom elsewhere/);
  expect(a.errors).toEqual([]);
  await a.close();
});

test('a word that is being composed is not disturbed by saves, nor by what comes from elsewhere', async ({ browser }) => {
  const a = await Ide.open(browser, place.server.url, 'src/f1.txt');
  await a.live(true);
  await a.retype('first\n\nmiddle\n\nlast\n');
  await a.page.keyboard.press('ControlOrMeta+Home');
  const peer = await place.peer();
  const session = await a.page.context().newCDPSession(a.page);
  const spelled = 'nihaonihaonihaonihao';
  for (let length = 1; length <= spelled.length; length += 1) {
    const text = spelled.slice(0, length);
    await session.send('Input.imeSetComposition', { text, selectionStart: length, selectionEnd: length });
    if (length === 12) {
      await expect.poll(() => peer.readFile(`${ROOT}/src/f1.txt`)).toMatch(/^niha.*first/);
      await writeBelow(peer, `${ROOT}/src/f1.txt`);
      await expect(a.editor).toContainText('from elsewhere');
    }
    await a.page.waitForTimeout(100);
  }
  await session.send('Input.insertText', { text: '你好' });
  await expect.poll(() => peer.readFile(`${ROOT}/src/f1.txt`)).toBe('你好first\n\nmiddle\n\nfrom elsewhere\n');
  await expect(a.editor).toHaveText(/^你好firstmiddlefrom elsewhere/);
  expect(a.errors).toEqual([]);
  await a.close();
});

test('of two who type into one line neither is interrupted, and both texts are there in the end', async ({ browser }) => {
  const [a, b] = await Promise.all([Ide.open(browser, place.server.url, 'src/f2.txt'), Ide.open(browser, place.server.url, 'src/f2.txt')]);
  for (const ide of [a, b]) {
    await ide.live(true);
    await ide.editor.click();
    await ide.page.keyboard.press('ControlOrMeta+Home');
    await ide.page.keyboard.press('End');
  }
  const written = [' from A'.repeat(8), ' from B'.repeat(8)] as const;
  await Promise.all([a.page.keyboard.type(written[0], { delay: 60 }), b.page.keyboard.type(written[1], { delay: 60 })]);
  const text = (): Promise<string> => a.read(`${ROOT}/src/f2.txt`);
  for (const whole of written) await expect.poll(text).toContain(`${whole}\n`);
  for (const ide of [a, b]) await expect(ide.conflict).toBeVisible();
  await expect.poll(() => b.read(`${ROOT}/src/f2.txt`)).toBe(await text());
  expect([...a.errors, ...b.errors]).toEqual([]);
  await Promise.all([a.close(), b.close()]);
});
