import type { Browser, BrowserContext, Locator, Page } from 'playwright/test';
import { expect } from 'playwright/test';

/** What the demo's window offers to tests and to people who tinker. */
export interface DemoWindow {
  mesafsDemo: { fs: { readFile(path: string): Promise<string>; writeFile(path: string, text: string): Promise<void> } };
}

/** One window of the IDE, in a context (storage, cache, workers) of its own, spoken to as a person would. */
export class Ide {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly errors: string[] = [];

  private constructor(page: Page, context: BrowserContext) {
    this.page = page;
    this.#context = context;
    page.on('pageerror', (error) => this.errors.push(error.message));
  }

  /** Opens a window on a file and waits until it is connected. */
  static async open(browser: Browser, url: string, file?: string, params: Record<string, string> = {}): Promise<Ide> {
    const context = await browser.newContext({ colorScheme: 'light' });
    const ide = new Ide(await context.newPage(), context);
    const query = new URLSearchParams({ ...params, ...(file === undefined ? {} : { file }) });
    await ide.page.goto(`${url}?${query.toString()}`);
    await expect(ide.connection).toHaveAttribute('data-state', 'live');
    if (file !== undefined) await expect(ide.editor).toBeVisible();
    return ide;
  }

  get connection(): Locator {
    return this.page.getByTestId('status-connection');
  }

  get saved(): Locator {
    return this.page.getByTestId('status-save');
  }

  get editor(): Locator {
    return this.page.getByTestId('editor').locator('.cm-content');
  }

  get conflict(): Locator {
    return this.page.getByTestId('conflict-view');
  }

  /** Switches saving while typing on or off. */
  async live(on: boolean): Promise<void> {
    const toggle = this.page.getByTestId('live-toggle');
    if ((await toggle.getAttribute('aria-pressed')) !== String(on)) await toggle.click();
    await expect(toggle).toHaveAttribute('aria-pressed', String(on));
  }

  /** Replaces the whole text of the open editor by typing. */
  async retype(text: string): Promise<void> {
    await this.editor.click();
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.insertText(text);
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+s');
  }

  /** The bytes of a file as this window's filesystem reads them. */
  read(path: string): Promise<string> {
    return this.page.evaluate((file) => (globalThis as unknown as DemoWindow).mesafsDemo.fs.readFile(file), path);
  }

  write(path: string, text: string): Promise<void> {
    return this.page.evaluate(([file, content]) => (globalThis as unknown as DemoWindow).mesafsDemo.fs.writeFile(file, content), [path, text] as const);
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
