/** Paths one request may name. */
const MAX_PATHS = 1_000;

/** Gathers the paths wished for in one tick into one request for all that is on the way to them. */
export class Hydrator {
  readonly #open: (paths: string[]) => Promise<void>;
  #wished = new Set<string>();
  #flushing: Promise<void> | null = null;

  constructor(open: (paths: string[]) => Promise<void>) {
    this.#open = open;
  }

  /** Brings in what is on the way to the paths. Never fails: what is still lacking is asked for by its id. */
  paths(paths: string[]): Promise<void> {
    for (const path of paths) if (path !== '') this.#wished.add(path);
    if (this.#wished.size === 0) return Promise.resolve();
    this.#flushing ??= this.#flush();
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    for (let round = 0; round < 4; round += 1) await Promise.resolve();
    const wished = [...this.#wished];
    this.#wished = new Set();
    this.#flushing = null;
    const parts: string[][] = [];
    for (let at = 0; at < wished.length; at += MAX_PATHS) parts.push(wished.slice(at, at + MAX_PATHS));
    await Promise.all(parts.map((part) => this.#open(part).catch(() => undefined)));
  }
}
