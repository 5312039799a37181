/**
 * `npm run crash -- --scenario opfs --rounds 200 --kill renderer`: a browser is killed at random moments of a writing run, and everything that was
 * acknowledged must be there afterwards. Without `--scenario`, every one; `--kill browser` ends all of it instead of the page's process,
 * and `--kill firefox` all of Firefox.
 */
import { parseArgs } from 'node:util';
import { Chromium } from './chromium.ts';
import { Firefox } from '../firefox.ts';
import { mountRounds } from './mount-rounds.ts';
import { killRounds } from './rounds.ts';
import { Site } from './site.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true, default: ['opfs', 'idb', 'mount'] },
    rounds: { type: 'string', default: '200' },
    kill: { type: 'string', default: 'renderer' },
  },
});
if (values.kill !== 'renderer' && values.kill !== 'browser' && values.kill !== 'firefox')
  throw new Error(`--kill takes renderer, browser or firefox, not ${values.kill}`);

const site = await Site.start();
let failed = 0;
try {
  for (const scenario of values.scenario) {
    const browser = values.kill === 'firefox' ? new Firefox() : new Chromium(values.kill);
    const began = Date.now();
    try {
      const { rounds, acknowledged, unacknowledged } = await (scenario === 'mount' ? mountRounds : killRounds)(site, browser, {
        scenario,
        rounds: Number(values.rounds),
        random: Math.random,
        progress: (round, outcome) =>
          round % 25 === 0 ? console.log(`  ${scenario}: ${round} kills, ${outcome.acknowledged} writes acknowledged`) : undefined,
      });
      const seconds = ((Date.now() - began) / 1000).toFixed(0);
      console.log(
        `✓ ${scenario}: ${values.kill} killed ${rounds} times in ${seconds} s; ${acknowledged} writes acknowledged, all there; ${unacknowledged} more were there`,
      );
    } catch (error) {
      failed += 1;
      console.log(`✗ ${scenario}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await browser.close();
    }
  }
} finally {
  await site.stop();
}
process.exitCode = failed === 0 ? 0 : 1;
