import { effect } from '@preact/signals';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseConflictText } from '../conflict/parse-conflict.ts';
import { resolveHunk } from '../conflict/resolve-hunk.ts';
import { FakeFs, versionOf } from '../testing/fake-fs.ts';
import { PlainBuffer, plainTools } from '../testing/plain-buffer.ts';
import type { DocumentHost } from './document-host.ts';
import { OpenDocument } from './document.ts';
import { liveDelay, liveLimit } from './typing.ts';

const path = '/acme/app/notes.md';
const three = 'one\ntwo\nthree\n';

let fs: FakeFs;
let live: boolean;
let now: number;
let timers: { at: number; callback: () => void }[];
let resolved: string[];

const host = (): DocumentHost => ({
  fs,
  tools: () => Promise.resolve(plainTools),
  live: () => live,
  later: (ms, callback) => {
    const timer = { at: now + ms, callback };
    timers.push(timer);
    return () => (timers = timers.filter((other) => other !== timer));
  },
  onStored: () => undefined,
  onResolved: (document) => void resolved.push(document.path.value),
});

beforeEach(() => {
  fs = new FakeFs({ [path]: three });
  live = false;
  now = 0;
  timers = [];
  resolved = [];
});

/** Lets time go by for those who wait for it. */
function pass(ms: number): void {
  const until = now + ms;
  for (;;) {
    const next = timers.toSorted((one, other) => one.at - other.at).find(({ at }) => at <= until);
    if (!next) break;
    now = next.at;
    timers = timers.filter((timer) => timer !== next);
    next.callback();
  }
  now = until;
}

async function open(): Promise<{ document: OpenDocument; buffer: PlainBuffer }> {
  const document = new OpenDocument(path, host());
  await document.load();
  const { buffer } = document;
  if (!(buffer instanceof PlainBuffer)) throw new Error('the file did not open as text');
  return { document, buffer };
}

describe('a saved document', () => {
  test('takes in an edit from elsewhere', async () => {
    const { document, buffer } = await open();
    await fs.writeElsewhere(path, 'one\nTWO\nthree\n');
    await document.refresh();
    expect(buffer.read()).toBe('one\nTWO\nthree\n');
    expect(document.dirty.value).toBe(false);
  });

  test('is not created anew over what somebody else created meanwhile', async () => {
    const { document, buffer } = await open();
    fs.files.delete(path);
    await document.refresh();
    buffer.type('mine\n');
    await fs.writeElsewhere(path, 'theirs\n');
    const looking = document.refresh();
    await document.save();
    await looking;
    expect(fs.writes.at(-1)?.base).toBe(versionOf(three));
  });

  test('is created anew beside what somebody else created unseen: both are kept', async () => {
    const { document } = await open();
    fs.files.delete(path);
    await document.refresh();
    fs.beforeRead = () => Promise.reject(Object.assign(new Error('the server cannot be reached'), { code: 'EIO' }));
    await fs.writeElsewhere(path, 'theirs\n');
    await document.refresh();
    fs.beforeRead = () => Promise.resolve();
    await document.save();
    expect(fs.text(path)).toContain('theirs\n');
    expect(fs.text(path)).toContain(three);
    expect(document.conflicted.value).toBe(true);
  });

  test('that became a folder is gone', async () => {
    const { document } = await open();
    fs.beforeRead = () => Promise.reject(Object.assign(new Error('is a folder'), { code: 'EISDIR' }));
    await document.refresh();
    expect(document.deleted.value).toBe(true);
  });

  test('notices that it was deleted, and can be created anew', async () => {
    const { document } = await open();
    fs.files.delete(path);
    await document.refresh();
    expect(document.deleted.value).toBe(true);
    await document.save();
    expect(fs.text(path)).toBe(three);
    expect(document.deleted.value).toBe(false);
  });

  test('can be created anew when its folder is gone too', async () => {
    const { document } = await open();
    fs.files.delete(path);
    fs.missingFolders.add('/acme/app');
    await document.refresh();
    await document.save();
    expect(document.saving.value.state).toBe('idle');
    expect(fs.text(path)).toBe(three);
    expect(document.deleted.value).toBe(false);
  });

  test('names the version it was made from in every save', async () => {
    const { document, buffer } = await open();
    buffer.type('one\n');
    await document.save();
    buffer.type('two\n');
    await document.save();
    expect(fs.writes.map((write) => write.base)).toEqual([versionOf(three), versionOf('one\n')]);
  });
});

describe('unsaved text', () => {
  test('stays when the file changes elsewhere, and saving merges', async () => {
    const { document, buffer } = await open();
    buffer.type('ONE\ntwo\nthree\n');
    await fs.writeElsewhere(path, 'one\ntwo\nTHREE\n');
    await document.refresh();
    expect(buffer.read()).toBe('ONE\ntwo\nthree\n');
    expect(document.elsewhere.value?.text).toBe('one\ntwo\nTHREE\n');
    expect(document.base.version).toBe(versionOf(three));
    await document.save();
    expect(buffer.read()).toBe('ONE\ntwo\nTHREE\n');
    expect(document.elsewhere.value).toBeNull();
    expect(document.dirty.value).toBe(false);
  });

  test('is joined with an edit that lies apart, in live mode', async () => {
    live = true;
    const { document, buffer } = await open();
    buffer.type('ONE\ntwo\nthree\n');
    await fs.writeElsewhere(path, 'one\ntwo\nTHREE\n');
    await document.refresh();
    expect(buffer.read()).toBe('ONE\ntwo\nTHREE\n');
    expect(document.dirty.value).toBe(true);
  });

  test('and an edit of the same line become a conflict with both sides', async () => {
    const { document, buffer } = await open();
    buffer.type('mine\ntwo\nthree\n');
    await fs.writeElsewhere(path, 'theirs\ntwo\nthree\n');
    await document.save();
    expect(document.conflicted.value).toBe(true);
    expect(buffer.read()).toContain('+++++++ side #1\ntheirs\n');
    expect(buffer.read()).toContain('+++++++ side #2\nmine\n');
    expect(document.replace(buffer.read(), 'both\ntwo\nthree\n')).toBe(true);
    await document.save();
    expect(document.conflicted.value).toBe(false);
    expect(resolved).toEqual([path]);
  });

  test('is kept when a save fails, and the next try stores it', async () => {
    const { document, buffer } = await open();
    fs.beforeWrite = () => Promise.reject(Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' }));
    buffer.type('changed\n');
    await document.save();
    expect(document.saving.value).toMatchObject({ state: 'failed', problem: { code: 'EROFS' } });
    expect(buffer.read()).toBe('changed\n');
    fs.beforeWrite = () => Promise.resolve();
    await document.save();
    expect(fs.text(path)).toBe('changed\n');
    expect(document.saving.value.state).toBe('idle');
  });

  test('is given up for the stored text on request', async () => {
    const { document, buffer } = await open();
    buffer.type('mine\n');
    await fs.writeElsewhere(path, 'theirs\n');
    await document.reload();
    expect(buffer.read()).toBe('theirs\n');
    expect(document.dirty.value).toBe(false);
  });
});

describe('a file in conflict', () => {
  const markers = (mine: string): string =>
    `<<<<<<< conflict 1 of 1\n+++++++ side #1\n${mine}\n------- base\none\n+++++++ side #2\ntheirs\n>>>>>>> conflict 1 of 1 ends\n`;

  test('changes elsewhere all at once: its text when what is said about it is known', async () => {
    await fs.writeElsewhere(path, markers('mine'), true);
    const { document, buffer } = await open();
    const seen: string[] = [];
    const stop = effect(() => {
      void document.revision.value;
      seen.push(buffer.read());
    });
    let release = (): void => undefined;
    const asked = new Promise<void>((begun) => {
      fs.beforeReadConflict = () => new Promise((resolve) => ((release = resolve), begun()));
    });
    await fs.writeElsewhere(path, `${markers('mine')}more\n`, true);
    const refreshed = document.refresh();
    await asked;
    expect(buffer.read()).toBe(seen.at(-1));
    release();
    await refreshed;
    expect(buffer.read()).toContain('more');
    expect(seen.at(-1)).toBe(buffer.read());
    stop();
  });

  test('a choice made from an older text is not made', async () => {
    await fs.writeElsewhere(path, markers('mine'), true);
    const { document, buffer } = await open();
    const shown = buffer.read();
    await fs.writeElsewhere(path, `${markers('mine')}more\n`, true);
    await document.refresh();
    expect(document.replace(shown, 'mine\n')).toBe(false);
    expect(buffer.read()).toBe(`${markers('mine')}more\n`);
  });

  test('one of several that was settled is brought back by undo', async () => {
    const { document, buffer } = await open();
    const apart = (one: string, two: string): string => `${one}\n\n\n${two}\n`;
    buffer.type(apart('mine 1', 'mine 2'));
    await document.save();
    await fs.writeElsewhere(path, `${markers('mine 1').replaceAll('1 of 1', '1 of 2')}\n\n${markers('mine 2').replaceAll('1 of 1', '2 of 2')}`, true);
    await document.refresh();
    const marked = buffer.read();
    const [hunk] = parseConflictText(marked).hunks;
    expect(document.choiceCanBeUndone).toBe(false);
    expect(await document.undoChoice()).toBe(false);
    document.replace(marked, resolveHunk(marked, hunk ?? expect.fail('no conflict'), { kind: 'side', index: 1 }));
    await document.save();
    expect(parseConflictText(buffer.read()).hunks).toHaveLength(1);
    expect(await document.undoChoice()).toBe(true);
    expect(buffer.read()).toBe(marked);
    expect(fs.text(path)).toBe(marked);
    expect(document.choiceCanBeUndone).toBe(false);
  });

  test('is known to be one when its sides can’t be read', async () => {
    const { document, buffer } = await open();
    fs.beforeReadConflict = () => Promise.reject(new Error('offline'));
    await fs.writeElsewhere(path, markers('mine'), true);
    await document.refresh();
    expect(buffer.read()).toBe(markers('mine'));
    expect(document.conflicted.value).toBe(true);
  });

  test('whose resolution undo takes back is in conflict again: its markers are never its text', async () => {
    live = true;
    const { document, buffer } = await open();
    buffer.type('ONE\ntwo\nthree\n');
    await fs.writeElsewhere(path, 'Eins\ntwo\nthree\n');
    await document.save();
    const marked = buffer.read();
    expect(document.conflicted.value).toBe(true);
    document.replace(marked, 'both\n');
    await document.save();
    expect(document.conflicted.value).toBe(false);
    const before = fs.writes.length;
    buffer.type(marked);
    pass(liveDelay);
    await document.save();
    expect(document.conflicted.value).toBe(true);
    expect(buffer.read()).toBe(marked);
    expect(fs.writes.slice(before).map(({ text }) => text)).toEqual([three, 'Eins\ntwo\nthree\n', 'ONE\ntwo\nthree\n']);
  });

  test('does not come back by text that only looks like one', async () => {
    const { document, buffer } = await open();
    const marked = markers('mine');
    buffer.type(marked);
    await document.save();
    expect(fs.writes.map(({ text }) => text)).toEqual([marked]);
  });
});

describe('live mode', () => {
  beforeEach(() => {
    live = true;
  });

  test('saves once after the last keystroke', async () => {
    const { document, buffer } = await open();
    buffer.type('a');
    buffer.type('ab');
    pass(liveDelay);
    await expect.poll(() => document.dirty.value).toBe(false);
    pass(liveLimit);
    expect(fs.writes.map((write) => write.text)).toEqual(['ab']);
  });

  test('saves every second while the typing goes on', async () => {
    const { document, buffer } = await open();
    let typed = '';
    for (let second = 1; second <= 3; second += 1) {
      for (let key = 0; key < 10; key += 1) {
        buffer.type((typed += 'x'));
        pass(liveLimit / 10);
      }
      await expect.poll(() => fs.text(path)).toBe('x'.repeat(second * 10));
      await expect.poll(() => document.saving.value.state).toBe('idle');
      expect(fs.writes).toHaveLength(second);
    }
    expect(buffer.read()).toBe(typed);
  });

  test('typing on while a save takes long makes one more, not one a second', async () => {
    const { buffer } = await open();
    let release = (): void => undefined;
    fs.beforeWrite = () => new Promise((resolve) => (release = resolve));
    for (let key = 1; key <= 50; key += 1) {
      buffer.type('x'.repeat(key));
      pass(liveLimit / 10);
      if (key === 10) await expect.poll(() => fs.writes).toHaveLength(1);
    }
    expect(fs.writes).toHaveLength(1);
    fs.beforeWrite = () => Promise.resolve();
    release();
    await expect.poll(() => fs.text(path)).toBe('x'.repeat(50));
    expect(fs.writes.map(({ text }) => text.length)).toEqual([10, 50]);
  });

  test('what comes from elsewhere between two saves joins what is being typed', async () => {
    const { document, buffer } = await open();
    for (let key = 1; key <= 10; key += 1) {
      buffer.type(`${'x'.repeat(key)}\ntwo\nthree\n`);
      pass(liveLimit / 10);
    }
    await expect.poll(() => document.dirty.value).toBe(false);
    await fs.writeElsewhere(path, `${'x'.repeat(10)}\ntwo\nTHREE\n`);
    await document.refresh();
    expect(buffer.read()).toBe(`${'x'.repeat(10)}\ntwo\nTHREE\n`);
  });

  test('a conflict isn’t shown in the middle of a word: it waits for a pause', async () => {
    const { document, buffer } = await open();
    await fs.writeElsewhere(path, 'Bob\ntwo\nthree\n');
    for (let key = 1; key <= 10; key += 1) {
      buffer.type(`${'x'.repeat(key)}\ntwo\nthree\n`);
      pass(liveLimit / 10);
    }
    await expect.poll(() => fs.text(path)).toContain('<<<<<<<');
    await expect.poll(() => document.saving.value.state).toBe('idle');
    await document.refresh();
    expect(document.conflicted.value).toBe(false);
    expect(buffer.read()).toBe(`${'x'.repeat(10)}\ntwo\nthree\n`);
    pass(liveDelay);
    await expect.poll(() => document.conflicted.value).toBe(true);
    expect(buffer.read().match(/^(?:Bob|x+)$/gm)).toEqual(['Bob', 'x'.repeat(10)]);
  });

  test('saves at once when it must not wait, and only what saves itself', async () => {
    const { document, buffer } = await open();
    live = false;
    buffer.type('a');
    document.saveLive();
    expect(fs.writes).toEqual([]);
    live = true;
    document.saveLive();
    await expect.poll(() => fs.writes.map((write) => write.text)).toEqual(['a']);
  });

  test('follows a save under way by exactly one more', async () => {
    const { document, buffer } = await open();
    let release = (): void => undefined;
    fs.beforeWrite = () => new Promise((resolve) => (release = resolve));
    buffer.type('a');
    const saved = document.save();
    await expect.poll(() => fs.writes.length).toBe(1);
    for (const text of ['ab', 'abc', 'abcd']) {
      buffer.type(text);
      pass(liveDelay);
    }
    fs.beforeWrite = () => Promise.resolve();
    release();
    await saved;
    expect(fs.writes.map((write) => write.text)).toEqual(['a', 'abcd']);
    expect(fs.writes[1]?.base).toBe(versionOf('a'));
  });

  test('saves an undo made while what it takes back is being saved', async () => {
    const { document, buffer } = await open();
    let release = (): void => undefined;
    fs.beforeWrite = () => new Promise((resolve) => (release = resolve));
    buffer.type('one\n');
    pass(liveDelay);
    await expect.poll(() => fs.writes.length).toBe(1);
    buffer.type(three);
    expect(document.dirty.value).toBe(true);
    fs.beforeWrite = () => Promise.resolve();
    release();
    await expect.poll(() => fs.text(path)).toBe('one\n');
    pass(liveDelay);
    await expect.poll(() => fs.text(path)).toBe(three);
    await expect.poll(() => document.dirty.value).toBe(false);
  });

  test('an undo made while a save fails leaves nothing unsaved', async () => {
    const { document, buffer } = await open();
    fs.beforeWrite = () => {
      buffer.type(three);
      return Promise.reject(new Error('offline'));
    };
    buffer.type('one\n');
    await document.save();
    expect(document.saving.value.state).toBe('failed');
    expect(document.dirty.value).toBe(false);
  });

  test('keeps what was typed while a merged save came back', async () => {
    const { document, buffer } = await open();
    await fs.writeElsewhere(path, 'one\ntwo\nTHREE\n');
    fs.beforeWrite = () => {
      buffer.type('ONE MORE\ntwo\nthree\n');
      fs.beforeWrite = () => Promise.resolve();
      return Promise.resolve();
    };
    buffer.type('ONE\ntwo\nthree\n');
    await document.save();
    pass(liveDelay);
    await expect.poll(() => document.dirty.value).toBe(false);
    expect(fs.text(path)).toBe('ONE MORE\ntwo\nTHREE\n');
  });

  test('what was typed while a save became a conflict takes the place of that side', async () => {
    const { document, buffer } = await open();
    await fs.writeElsewhere(path, 'Bob\ntwo\nthree\n');
    fs.beforeWrite = () => {
      buffer.type('fooba\ntwo\nthree\n');
      fs.beforeWrite = () => Promise.resolve();
      return Promise.resolve();
    };
    buffer.type('foo\ntwo\nthree\n');
    await document.save();
    expect(document.dirty.value).toBe(true);
    expect(document.elsewhere.value?.text).toContain('foo\n');
    await document.save();
    expect(fs.writes.at(-1)?.base).toBe(versionOf('foo\ntwo\nthree\n'));
    expect(buffer.read().match(/^(?:Bob|foo|fooba)$/gm)).toEqual(['Bob', 'fooba']);
  });

  test('leaves a file in conflict alone until it is saved on purpose', async () => {
    const { document, buffer } = await open();
    buffer.type('mine\ntwo\nthree\n');
    await fs.writeElsewhere(path, 'theirs\ntwo\nthree\n');
    await document.save();
    buffer.type(`${buffer.read()}more\n`);
    expect(timers).toHaveLength(0);
  });
});

test('the text is handed out as it would be stored', async () => {
  await fs.writeFile(path, '\uFEFFone\r\ntwo\r\n');
  const { document, buffer } = await open();
  buffer.edit([{ from: 0, to: 3, insert: 'uno' }]);
  expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(document.bytes)).toBe('\uFEFFuno\r\ntwo\r\n');
});
