import { join } from 'node:path';
import { findChromium } from '../lib/browser.mjs';
import { onPath, root } from '../lib/places.mjs';
import { run } from '../lib/run.mjs';
import { needs } from './steps.mjs';

/** Chromium, for the tests that run in a real browser. @type {import('./steps.mjs').Step} */
export const browser = {
  name: 'Chromium',
  takes: 'about a minute',
  have: () => findChromium(),
  async get(say) {
    const reasons = [];
    if (onPath('apt-get') && process.getuid?.() === 0) {
      say('installing Debian’s chromium');
      try {
        await run('apt-get', ['update', '-q']);
        await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium']);
      } catch (error) {
        reasons.push(`apt-get: ${error.message.split('\n')[0]}`);
      }
    }
    if (!(await findChromium())) {
      say('asking Playwright');
      await run(join(root, 'node_modules/.bin/playwright'), ['install', 'chromium'], { timeoutMs: 300_000 }).catch((error) =>
        reasons.push(`playwright: ${error.message.split('\n')[0]}`),
      );
    }
    const found = await findChromium();
    if (!found) throw needs(`no Chromium to test in (${reasons.join('; ')})`, 'Install Chromium or Chrome, or set MESAFS_CHROMIUM to its path.');
    return found;
  },
};
