import type { CDPSession } from 'playwright';
import { expect, test } from 'playwright/test';
import { Chromium } from '../crash/chromium.ts';
import { mountRounds } from '../crash/mount-rounds.ts';
import { killRounds, runLimits } from '../crash/rounds.ts';
import { Site } from '../crash/site.ts';

// What a trace needs is gone with the browser.
test.use({ trace: 'off' });

let site: Site;

test.beforeAll(async () => {
  site = await Site.start();
});

test.afterAll(() => site.stop());

for (const scenario of ['opfs', 'idb']) {
  test(`${scenario}: a tab that is killed at any moment leaves what was acknowledged`, async () => {
    const browser = new Chromium('renderer');
    try {
      const { rounds, acknowledged } = await killRounds(site, browser, { scenario, rounds: 10, random: Math.random });
      expect(rounds).toBe(10);
      expect(acknowledged).toBeGreaterThan(10);
    } finally {
      await browser.close();
    }
  });

  test(`${scenario}: no room, and storage that is cleared, are told`, async () => {
    const browser = new Chromium('browser');
    const { origin } = new URL(site.url);
    let session: CDPSession | undefined;
    site.onAsk = async ({ quota, clear }) => {
      // The quota is as it was once the session ends.
      session ??= await browser.session();
      if (clear === true) await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
      else await session.send('Storage.overrideQuotaForOrigin', typeof quota === 'number' ? { origin, quotaSize: quota } : { origin });
    };
    try {
      const { failures, passed } = await runLimits(site, browser, scenario);
      expect(failures).toEqual([]);
      expect(passed).toBe(2);
    } finally {
      await browser.close();
    }
  });
}

test('a whole mount: a tab that is killed at any moment leaves what was acknowledged, and the server gets each write once', async () => {
  test.setTimeout(300_000);
  const browser = new Chromium('renderer');
  try {
    const { rounds, acknowledged } = await mountRounds(site, browser, { rounds: 5, random: Math.random, longest: 400 });
    expect(rounds).toBe(5);
    expect(acknowledged).toBeGreaterThan(20);
  } finally {
    await browser.close();
  }
});

test('writes that are acknowledged too early are noticed', async () => {
  const browser = new Chromium('renderer');
  try {
    await expect(killRounds(site, browser, { scenario: 'early', rounds: 60, random: Math.random })).rejects.toThrow(/acknowledged writes are gone/);
  } finally {
    await browser.close();
  }
});
