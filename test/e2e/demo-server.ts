import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A demo server as `npm start` runs it, in a process and a data directory of its own. */
export class DemoServer {
  readonly dataDir: string = mkdtempSync(join(tmpdir(), 'mesafs-e2e-'));
  readonly #repo: string | undefined;
  #child: ChildProcess | undefined;
  url = '';

  /** `repo` is a folder to import as the sample; the checkout itself when not given. */
  constructor(repo?: string) {
    this.#repo = repo;
  }

  /** Starts the server, on the port it had before if it is started again, and waits until it prints its address. */
  async start(): Promise<void> {
    const port = this.url === '' ? '0' : new URL(this.url).port;
    const sample = this.#repo === undefined ? [] : ['--sample', this.#repo];
    const child = spawn(process.execPath, ['scripts/start.mjs', '--port', port, '--data', this.dataDir, ...sample], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.url = await new Promise<string>((resolve, reject) => {
      let output = '';
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        const address = /https?:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
        if (address !== undefined) resolve(address);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.on('exit', (code) => reject(new Error(`the server ended with ${code} before it printed an address:\n${output}`)));
    });
  }

  /** Ends the process at once, as a crash would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Another key than the IDE's, as its owner makes one: while no server runs. */
  async key(): Promise<string> {
    await this.#end('SIGTERM');
    const { stdout } = await promisify(execFile)(process.execPath, ['worker/cli.ts', 'key', '--data', this.dataDir], { cwd: root });
    await this.start();
    return stdout.trim();
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}
