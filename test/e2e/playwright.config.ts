import type { PlaywrightTestConfig } from 'playwright/test';
import { chromiumLaunch } from '../chromium.ts';

const config: PlaywrightTestConfig = {
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../test-results/e2e',
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: chromiumLaunch,
  },
};

export { config as default };
