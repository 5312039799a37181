import { defineBrowserProvider } from '@vitest/browser';
import type { BrowserProvider, BrowserProviderOption } from 'vitest/node';
import { Firefox } from './firefox.ts';

/** Runs Vitest's browser tests in the system's Firefox: their page needs to be opened, and no more. */
export function firefox(): BrowserProviderOption {
  return defineBrowserProvider({ name: 'firefox', supportedBrowser: ['firefox'], providerFactory: () => new FirefoxProvider() });
}

class FirefoxProvider implements BrowserProvider {
  readonly name = 'firefox';
  readonly supportsParallelism = false;
  readonly #open = new Map<string, Firefox>();

  getCommandsContext(): Record<string, unknown> {
    return {};
  }

  async openPage(session: string, url: string): Promise<void> {
    await this.#open.get(session)?.close();
    const browser = new Firefox();
    this.#open.set(session, browser);
    await browser.open(url);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((browser) => browser.close()));
    this.#open.clear();
  }
}
