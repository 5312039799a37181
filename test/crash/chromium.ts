import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright';
import { chromium } from 'playwright';
import { chromiumLaunch } from '../chromium.ts';
import type { Killable } from './rounds.ts';

const FLAGS = [...chromiumLaunch.args, '--headless=new', '--remote-debugging-port=0', '--disable-features=SpareRendererForSitePerProcess'];

/**
 * Chromium with a profile on disk: what Playwright gives by default keeps storage in memory. Its processes are killed with SIGKILL, as the system does
 * when memory runs out.
 */
export class Chromium implements Killable {
  readonly #what: 'renderer' | 'browser';
  readonly #profile = mkdtempSync(join(tmpdir(), 'mesafs-crash-profile-'));
  #process: ChildProcess | null = null;
  #browser: Browser | null = null;
  #page: Page | null = null;

  /** `what` is killed: the process of the page, or the whole browser. */
  constructor(what: 'renderer' | 'browser') {
    this.#what = what;
  }

  async open(url: string): Promise<void> {
    const browser = this.#browser ?? (await this.#launch());
    this.#browser = browser;
    const [context] = browser.contexts();
    if (context === undefined) throw new Error('the browser has no profile');
    const before = this.#page;
    // It may be given a process that is being killed.
    const open = (): Promise<Page> => context.newPage();
    this.#page = await open().catch(open).catch(open);
    // A browser without a page ends: the old one goes after the new one is there.
    await before?.close();
    await this.#page.goto(url, { waitUntil: 'commit' });
  }

  /** A session on the page that is open. */
  async session(): Promise<CDPSession> {
    if (this.#page === null) throw new Error('no page is open');
    return this.#page.context().newCDPSession(this.#page);
  }

  async kill(): Promise<void> {
    if (this.#what === 'browser') return this.#end();
    const session = await this.#browser?.newBrowserCDPSession();
    if (session === undefined || this.#page === null) throw new Error('no browser is running');
    const crashed = this.#page.waitForEvent('crash');
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    for (const { type, id } of processInfo) if (type === 'renderer') killIfThere(id);
    await crashed;
    await session.detach();
  }

  async close(): Promise<void> {
    await this.#end();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20 });
  }

  async #launch(): Promise<Browser> {
    const child = spawn(process.env['MESAFS_CHROMIUM'] ?? chromium.executablePath(), [...FLAGS, `--user-data-dir=${this.#profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    const endpoint = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
        if (address !== undefined) resolve(address);
      });
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`Chromium ended with ${code}:\n${output}`)));
    });
    return chromium.connectOverCDP(endpoint);
  }

  async #end(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    this.#browser = null;
    this.#page = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
