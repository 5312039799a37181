import type { MesaFileSystem } from '../../../src/client/file-system.ts';
import { Mesa } from '../../../src/runtime/node.ts';
import { contentOf } from './check.ts';
import type { Send } from './lines.ts';
import { heading, mark, marksIn, ownPath, Pages } from './pages.ts';
import { keepAll } from './settle.ts';

/** What a {@link Writer} is made of. */
export interface WriterOptions {
  apiUrl: string;
  key: string;
  /** Its number. */
  index: number;
  random: () => number;
  /** How it sends its requests. */
  send: Send;
  /** Writes it has under way at a time. */
  atOnce: number;
  /** Milliseconds between two writes, at least. */
  every: number;
  /** A mark can be read in its mount. */
  saw: (mark: string, writer: number) => void;
  /** A write is made: what it does. */
  wrote: (mark: string, what: string) => void;
  /** A write is acknowledged. */
  acknowledged: (writer: number) => void;
}

/** A mount that somebody writes through, who also listens to the others. */
export class Writer {
  readonly fs: MesaFileSystem;
  /** Requests it has sent. */
  requests = 0;
  readonly #options: WriterOptions;
  readonly #pages = new Pages();
  #count = 0;

  private constructor(options: WriterOptions, fs: MesaFileSystem) {
    this.#options = options;
    this.fs = fs;
  }

  static async open(options: WriterOptions): Promise<Writer> {
    const place: { writer: Writer | null } = { writer: null };
    const counted: Send = (request) => {
      if (place.writer !== null) place.writer.requests += 1;
      return options.send(request);
    };
    const mesa = new Mesa({ apiUrl: options.apiUrl, apiKey: options.key, org: 'acme', fetch: counted });
    const writer = new Writer(options, await mesa.fs.mount({ repos: ['app'] }));
    place.writer = writer;
    writer.#listen();
    return writer;
  }

  get index(): number {
    return this.#options.index;
  }

  /** Writes as fast as it may, until `over`. Fails when a write does. */
  async run(over: () => boolean): Promise<void> {
    const { atOnce, every } = this.#options;
    const underway = new Set<Promise<void>>();
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    while (!over()) {
      const began = performance.now();
      const { acknowledged } = await this.#step();
      const write: Promise<void> = acknowledged.finally(() => void underway.delete(write));
      write.catch(failed.reject);
      underway.add(write);
      if (underway.size >= atOnce) await Promise.race([...underway, failed.promise]);
      const left = every - (performance.now() - began);
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    }
    await Promise.race([Promise.all(underway), failed.promise]);
  }

  /** Makes one write; the answer resolves when it is acknowledged. */
  async #step(): Promise<{ acknowledged: Promise<void> }> {
    const { fs } = this;
    const { index, random } = this.#options;
    const file = Math.floor(random() * 100);
    // Now and then somebody looks for what others have left in conflict.
    const left = random() < 0.1 ? await fs.conflicts({ repo: 'app' }).catch(() => []) : [];
    const path = left[Math.floor(random() * left.length)] ?? this.#pages.path(file);
    const { bytes, version, conflicted } = await this.#reached(() => fs.readVersioned(path));
    const text = new TextDecoder().decode(bytes);
    if (!conflicted) this.#pages.seen(file, path, text);
    const count = (this.#count += 1);
    const token = mark(index, count);
    // Whoever finds a conflict settles it; of those who find it at the same time hardly two.
    if (conflicted && random() < 0.3) return this.#write(token, `settling ${path}`, () => fs.writeFile(path, `${keepAll(text)}${token}\n`, { base: version }));
    const dice = random();
    if (conflicted || dice < 0.1) return this.#write(token, 'making a file', () => fs.writeFile(ownPath(index, count), `${token}\n`));
    if (dice < 0.5) return this.#write(token, `appending to ${path}`, () => fs.appendFile(path, `${token}\n`));
    const place = `${heading(index)}\n`;
    return this.#write(token, `inserting into ${path}`, () => fs.writeFile(path, text.replace(place, `${place}${token}\n`), { base: version }));
  }

  #write(token: string, what: string, write: () => Promise<void>): { acknowledged: Promise<void> } {
    const { index, wrote, acknowledged } = this.#options;
    wrote(token, what);
    return { acknowledged: this.#reached(write).then(() => acknowledged(index)) };
  }

  /** Reads whatever others change. */
  #listen(): void {
    const { saw, index } = this.#options;
    const seen = new Set<string>();
    this.fs.subscribe(async ({ path, recursive }) => {
      const files = recursive ? (await this.#reached(() => contentOf(this.fs, path))).values() : [{ text: await this.#reached(() => this.fs.readFile(path)) }];
      for (const { text } of files) {
        for (const token of marksIn(text)) {
          if (seen.has(token)) continue;
          seen.add(token);
          saw(token, index);
        }
      }
    });
  }

  /** What is asked for, once the network is there: what a write needs to read may be out of reach. Then it had no effect. */
  async #reached<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'EIO') throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
}
