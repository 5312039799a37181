import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onPath, root } from './places.mjs';

/** The browser tests run in: `$MESAFS_CHROMIUM`, Chromium or Chrome on PATH, else the one Playwright installed; `null` when there is none. */
export async function findChromium() {
  if (process.env.MESAFS_CHROMIUM) return process.env.MESAFS_CHROMIUM;
  const system = onPath('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome');
  if (system) return system;
  const playwright = join(root, 'node_modules/playwright/index.mjs');
  if (!existsSync(playwright)) return null;
  const { chromium } = await import(pathToFileURL(playwright).href);
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : null;
}

/** The Firefox that tests run in, too: `$MESAFS_FIREFOX`, or the one on PATH; `null` when there is none. Playwright's own is another. */
export function findFirefox() {
  return process.env.MESAFS_FIREFOX || onPath('firefox-esr', 'firefox');
}

/** What tells the tests which browsers to run in. */
export async function browserVariables() {
  const [chromium, firefox] = [await findChromium(), findFirefox()];
  return { ...(chromium === null ? {} : { MESAFS_CHROMIUM: chromium }), ...(firefox === null ? {} : { MESAFS_FIREFOX: firefox }) };
}
