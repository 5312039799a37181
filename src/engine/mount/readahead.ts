import { dirname, joinPath } from '../../base/paths.ts';
import { isTree, readTree } from '../remote/git-tree.ts';
import type { RawEntry } from '../remote/git-tree.ts';
import type { ObjectStore } from './objects.ts';
import type { Trees, View } from './trees.ts';

/** Files over this many bytes are not read ahead. */
const MAX_FILE = 256 * 1024;
/** Bytes read ahead at once. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Files read ahead at once. */
const MAX_FILES = 512;
/** Files looked at for the next ones to read. */
const MAX_STEPS = 4_000;
/** Decoded trees kept. */
const MAX_DECODED = 256;

/** What a {@link Readahead} is made of. */
export interface ReadaheadOptions {
  trees: Trees;
  objects: ObjectStore;
  /** Learns the sizes of a directory's files, which a file must have to be read ahead. */
  sizes: (directory: string) => Promise<void>;
}

interface Following {
  path: string;
  oid: string;
}

/**
 * Notices files being read one after another in the order of their directories, and brings in the following ones with them, twice as many each
 * time: `grep -r` over thousands of files costs tens of requests. Only trees at hand are looked at.
 */
export class Readahead {
  readonly #options: ReadaheadOptions;
  readonly #decoded = new Map<string, RawEntry[]>();
  /** Paths whose reading, after the last misses, counts as going on in order. */
  #expected = new Set<string>();
  #window = 0;
  /** Files missed in this tick. */
  #missed: { view: View; path: string }[] = [];

  constructor(options: ReadaheadOptions) {
    this.#options = options;
  }

  /** Is told of a file whose content has to be fetched; asks for what is likely to follow in the same tick. */
  missed(view: View, path: string): void {
    this.#missed.push({ view, path });
    if (this.#missed.length === 1) void Promise.resolve().then(() => this.#ahead());
  }

  #ahead(): void {
    const missed = this.#missed;
    this.#missed = [];
    const last = missed.at(-1);
    if (last === undefined) return;
    const sequential = missed.length > 1 || this.#expected.has(last.path);
    this.#window = sequential ? Math.min(MAX_FILES, Math.max(this.#window * 2, missed.length)) : 1;
    this.#expected = new Set();
    const unknown = new Set<string>();
    this.#options.objects.prefetch(this.#choose(last.view, last.path, unknown));
    if (sequential) for (const directory of unknown) void this.#options.sizes(directory);
  }

  /** The next files of the window that are small and not at hand; notes the directories whose files have no known size. */
  #choose(view: View, path: string, unknown: Set<string>): string[] {
    const { objects } = this.#options;
    const wanted: string[] = [];
    let bytes = 0;
    let looked = 0;
    for (const file of this.#following(view, path)) {
      looked += 1;
      if (looked > MAX_STEPS || this.#expected.size > this.#window * 2 + SLACK) break;
      this.#expected.add(file.path);
      if (wanted.length >= this.#window || objects.has(file.oid)) continue;
      const size = objects.sizeOf(file.oid);
      if (size === undefined) unknown.add(dirname(file.path));
      else if (size <= MAX_FILE && bytes + size <= MAX_BYTES) {
        bytes += size;
        wanted.push(file.oid);
      }
    }
    return wanted;
  }

  /** The files after `path` in the order of the directories, as far as trees are at hand. */
  *#following(view: View, path: string): Generator<Following> {
    for (let at = path; at !== ''; at = dirname(at)) {
      const directory = dirname(at);
      const entries = this.#entriesAt(view, directory);
      const here = entries.findIndex((entry) => joinPath(directory, entry.name) === at);
      for (const entry of entries.slice(here + 1)) yield* this.#below(joinPath(directory, entry.name), entry);
    }
  }

  *#below(path: string, entry: RawEntry): Generator<Following> {
    if (isTree(entry)) for (const child of this.#entries(entry.oid)) yield* this.#below(joinPath(path, child.name), child);
    else yield { path, oid: entry.oid };
  }

  #entriesAt(view: View, directory: string): RawEntry[] {
    const [term] = this.#options.trees.peek({ trees: view.trees, side: null }, directory)?.terms ?? [];
    return term === null || term === undefined ? [] : this.#entries(term.oid);
  }

  #entries(oid: string): RawEntry[] {
    const known = this.#decoded.get(oid);
    if (known !== undefined) return known;
    const tree = this.#options.objects.peek(oid);
    if (tree === undefined) return [];
    if (this.#decoded.size >= MAX_DECODED) this.#decoded.clear();
    const entries = readTree(tree.bytes);
    this.#decoded.set(oid, entries);
    return entries;
  }
}

/** Files beyond the window whose reading still counts as going on in order. */
const SLACK = 64;
