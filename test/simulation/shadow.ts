import type { DirentResult, StatResult } from '../../src/rpc/types.ts';

/** How often what could not be looked at is tried again. */
const ROUNDS = 10;

/**
 * A copy of a mount's files, kept by its events and by knowing what it wrote itself: what an editor's file tree does. At the end it has to be what the
 * mount shows, or an event was missed.
 */
export class Shadow {
  readonly #lstat: (path: string) => Promise<StatResult>;
  readonly #readdir: (path: string) => Promise<DirentResult[]>;
  readonly files: Map<string, string> = new Map();
  #due = new Set<string>();
  #working: Promise<void> | null = null;

  constructor(lstat: (path: string) => Promise<StatResult>, readdir: (path: string) => Promise<DirentResult[]>) {
    this.#lstat = lstat;
    this.#readdir = readdir;
  }

  /** Looks again at a path and all below it, soon. */
  refresh(path: string): void {
    this.#due.add(path);
    this.#working ??= this.#work();
  }

  /** Nothing is being looked at. */
  get idle(): boolean {
    return this.#working === null;
  }

  /** Looks again at what could not be looked at, and resolves when nothing is left to look at. */
  async settled(): Promise<void> {
    for (let round = 0; round < ROUNDS && (this.#working !== null || this.#due.size > 0); round += 1) {
      this.#working ??= this.#work();
      await this.#working;
    }
  }

  async #work(): Promise<void> {
    const failed: string[] = [];
    for (const [path] of this.#due.entries()) {
      this.#due.delete(path);
      await this.#look(path).catch(() => failed.push(path));
    }
    for (const path of failed) this.#due.add(path);
    this.#working = null;
  }

  async #look(path: string): Promise<void> {
    const found = new Map<string, string>();
    await this.#collect(path, found);
    for (const known of this.files.keys()) if (known === path || known.startsWith(`${path}/`)) this.files.delete(known);
    for (const [name, version] of found) this.files.set(name, version);
  }

  async #collect(path: string, found: Map<string, string>): Promise<void> {
    const stat = await this.#lstat(path).catch(absent);
    if (stat === null) return;
    if (!stat.isDirectory) return void found.set(path, stat.version);
    for (const { name } of (await this.#readdir(path).catch(absent)) ?? []) await this.#collect(`${path}/${name}`, found);
  }
}

function absent(error: unknown): null {
  const { code } = error as { code?: string };
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null;
  throw error;
}
