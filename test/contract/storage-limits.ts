import type { LogMedium } from '../../src/engine/journal/medium.ts';
import { JournalError } from '../../src/engine/journal/medium.ts';
import type { TestFunction } from './assert.ts';
import { equal, ok, until } from './assert.ts';
import { bytes, failsWith, text } from './log-medium.ts';

/** What a page can't do itself. */
export interface BrowserAbilities {
  /** Sets the bytes that the origin may store; `null` for what the browser gives. */
  quota(bytes: number | null): Promise<void>;
  /** Clears everything that the origin has stored, as a person may in the browser's settings. */
  clear(): Promise<void>;
}

const GROUP = 200_000;

/** What a medium does when the browser has no room, or takes everything away. `open` gives the logs under a name. */
export function storageLimitSuite(test: TestFunction, open: (name: string) => Promise<LogMedium>, browser: BrowserAbilities): void {
  test('when there is no room it says so, keeps nothing of what it refused, and goes on when there is room', async () => {
    const name = crypto.randomUUID();
    const { usage = 0 } = await navigator.storage.estimate();
    // Before anything is opened: Chromium's IndexedDB asks for its quota then, and not again for half a minute.
    await browser.quota(usage + 3_000_000);
    const medium = await open(name);
    const log = await medium.open('one');
    await log.append([bytes('first')]);
    const kept: number[] = [];
    try {
      let refused: unknown = null;
      for (let index = 0; refused === null && index < 200; index += 1) {
        refused = await log.append([group(index, 0), group(index, 1)]).then(
          () => null,
          (error: unknown) => error,
        );
        if (refused === null) kept.push(index);
      }
      ok(refused instanceof JournalError && refused.code === 'QUOTA', `it ended with ${String(refused)}`);
      ok(kept.length > 0, 'nothing had room');
      await failsWith(log.rewrite(Array.from({ length: 200 }, (_, index) => group(index, 0))), 'QUOTA');
      await Promise.all([0, 1].map((index) => failsWith(log.append([group(index, 0), new Uint8Array(20_000_000)]), 'QUOTA')));
      equal(await medium.read('one'), [bytes('first'), ...kept.flatMap((index) => [group(index, 0), group(index, 1)])]);
    } finally {
      await browser.quota(null);
    }
    let tries = 0;
    for (let full = true; full && tries < 120; tries += 1) {
      full = await log.append([bytes('last')]).then(
        () => false,
        () => true,
      );
      if (full) await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await log.close();
    const read = await (await open(name)).read('one');
    equal([read.length, text(read.slice(-1))], [kept.length * 2 + 2, ['last']]);
    await medium.remove('one');
  });

  test('when everything is cleared under it, an append soon says so, and the next log is kept', async () => {
    const name = crypto.randomUUID();
    const medium = await open(name);
    const log = await medium.open('one');
    await log.append([bytes('a')]);
    await browser.clear();
    await until(
      () =>
        log.append([bytes('b')]).then(
          () => false,
          (error: unknown) => error instanceof JournalError && error.code === 'LOST',
        ),
      'an append says that the log is lost',
    );
    await failsWith(log.append([bytes('b')]), 'LOST');
    await log.close();
    const unnoticed = await (await open(`${name}-2`)).open('one');
    await unnoticed.append([bytes('a')]);
    await browser.clear();
    await unnoticed.close();
    equal(await (await open(name)).read('one'), []);
    const again = await (await open(name)).open('one');
    await again.append([bytes('c')]);
    equal(text(await (await open(name)).read('one')), ['c']);
  });
}

/** Bytes that cannot be stored in less. */
function group(index: number, part: number): Uint8Array {
  let state = index * 2 + part + 1;
  return new Uint8Array(GROUP / 2).map(() => {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    return state >>> 16;
  });
}
