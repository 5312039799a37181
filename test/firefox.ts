import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What keeps a fresh profile quiet, and lets it start again after a crash without asking. */
const PREFERENCES: Record<string, boolean | number | string> = {
  'browser.shell.checkDefaultBrowser': false,
  'browser.sessionstore.resume_from_crash': false,
  'browser.sessionstore.max_resumed_crashes': -1,
  'toolkit.startup.max_resumed_crashes': -1,
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'app.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

/**
 * Firefox with a profile on disk, as the system has it (`$MESAFS_FIREFOX` names it): it is given an address when it starts, which takes no protocol that
 * one version knows and the next one doesn't, and all of it is killed.
 */
export class Firefox {
  readonly #program: string;
  readonly #profile = mkdtempSync(join(tmpdir(), 'mesafs-firefox-'));
  #process: ChildProcess | null = null;

  constructor(program: string = process.env['MESAFS_FIREFOX'] ?? 'firefox-esr') {
    this.#program = program;
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
    writeFileSync(join(this.#profile, 'user.js'), lines.join('\n'));
  }

  async open(url: string): Promise<void> {
    await this.kill();
    // A group of its own: its processes are ended together.
    this.#process = spawn(this.#program, ['--headless', '--no-remote', '--profile', this.#profile, url], { stdio: 'ignore', detached: true });
    await new Promise((resolve, reject) => {
      this.#process?.once('spawn', resolve);
      this.#process?.once('error', reject);
    });
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20 });
  }
}
