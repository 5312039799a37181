import type { Browser, BrowserContext, Locator, Page } from 'playwright/test';
import { expect } from 'playwright/test';

/** The filesystem of the demo's window, as far as tests use it. */
export interface DemoFs {
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  symlink(target: string, path: string): Promise<void>;
  conflicts(args: { repo: string }): Promise<string[]>;
  close(): Promise<{ pending: number }>;
  subscribe(listener: (event: { path: string }) => void): unknown;
  sync: { flush(): Promise<void> };
}

/** What the demo's window offers to tests and to people who tinker. */
export interface DemoWindow {
  mesafsDemo: { fs: DemoFs };
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
    const ide = await Ide.tab(await browser.newContext({ colorScheme: 'light' }), url, file, params);
    await expect(ide.connection).toHaveAttribute('data-state', 'live');
    return ide;
  }

  /** Opens a tab in a browser that may have others, and may have no network. */
  static async tab(context: BrowserContext, url: string, file?: string, params: Record<string, string> = {}): Promise<Ide> {
    const ide = new Ide(await context.newPage(), context);
    await ide.load(url, file, params);
    return ide;
  }

  /** Loads the page, here and now, and waits for what it is to show. */
  async load(url: string, file?: string, params: Record<string, string> = {}): Promise<void> {
    const query = new URLSearchParams({ ...params, ...(file === undefined ? {} : { file }) });
    await this.page.goto(`${url}?${query.toString()}`);
    await expect(this.connection).toBeVisible();
    if (file !== undefined) await expect(this.editor).toBeVisible();
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

  /** How much of this tab's work the server doesn't have. */
  get pending(): Promise<number> {
    return this.connection.getAttribute('data-pending').then(Number);
  }

  /** Opens a file as a person does. */
  async go(file: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+p');
    await this.page.getByTestId('quick-open').getByRole('combobox').fill(file);
    await expect(this.page.getByTestId('quick-open').getByRole('option').first()).toContainText(file.split('/').at(-1) ?? file);
    await this.page.keyboard.press('Enter');
    await expect(this.page.getByRole('tab', { selected: true })).toHaveAttribute('data-path', new RegExp(`/${file}$`));
    await expect(this.editor).toBeVisible();
  }

  /** Makes a change and goes on in it; answers its id. */
  async newChange(message: string): Promise<string> {
    await this.page.keyboard.press('Alt+c');
    await this.page.getByTestId('change-picker').getByRole('combobox').fill(message);
    await this.page.keyboard.press('Enter');
    const chip = this.page.getByTestId('change-chip');
    await expect(chip).toHaveText(message);
    return (await chip.getAttribute('data-change')) ?? '';
  }

  /** Runs a command of the palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.page.getByTestId('palette').getByRole('combobox').fill(title);
    await this.page.keyboard.press('Enter');
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
