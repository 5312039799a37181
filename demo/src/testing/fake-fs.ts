import { createHash } from 'node:crypto';
import { ABSENT } from '../workspace/written-version.ts';
import type { ChangeNotice, CommandResult, Conflict, FileStat, SyncStatus, VersionedFile, WorkspaceFs } from '../workspace/client.ts';

interface Stored {
  text: string;
  conflicted: boolean;
  /** Side, base, side and so on, where a write made the conflict. */
  terms?: readonly string[];
}

const live: SyncStatus = { state: 'live', online: true, pending: 0, pendingBytes: 0, lastAcceptedSeq: 0, storage: 'memory' };

/** A filesystem for unit tests: one flat map of texts, versions that name the content, and a second writer to play with. */
export class FakeFs implements WorkspaceFs {
  readonly files: Map<string, Stored> = new Map();
  /** Folders that are gone: nothing can be written in them until they are made again. */
  readonly missingFolders: Set<string> = new Set();
  /** Every write that was asked for, with the version it was made from. */
  readonly writes: { path: string; text: string; base: string | undefined }[] = [];
  readonly sync: WorkspaceFs['sync'] = {
    status: live,
    subscribe: (handler) => {
      this.#syncHandlers.add(handler);
      return () => void this.#syncHandlers.delete(handler);
    },
    flush: () => Promise.resolve(),
    parked: () => Promise.resolve([]),
    saveParked: () => Promise.resolve({ changeOid: 'l'.repeat(32) }),
    discardParked: () => Promise.resolve(),
  };
  readonly cache: WorkspaceFs['cache'] = {
    pin: () => Promise.resolve({ files: 0, bytes: 0 }),
    unpin: () => Promise.resolve(),
    pinned: () => Promise.resolve([]),
  };
  readonly change: WorkspaceFs['change'] = {
    current: () => Promise.resolve({ changeId: 'k'.repeat(32), commitOid: '0'.repeat(40) }),
    new: () => Promise.resolve({ changeOid: 'l'.repeat(32) }),
    list: () => Promise.resolve([]),
    describe: () => Promise.resolve(),
    checkpoint: () => Promise.resolve({ savedChangeOid: 'k'.repeat(32), activeChangeOid: 'l'.repeat(32) }),
  };
  readonly bookmark: WorkspaceFs['bookmark'] = { move: () => Promise.resolve() };
  /** Runs before each write is stored: to hold it back, or to fail it. */
  beforeWrite: (path: string) => Promise<void> = () => Promise.resolve();
  /** Runs before each look at a conflict: to hold it back, or to fail it. */
  beforeReadConflict: () => Promise<void> = () => Promise.resolve();
  /** Runs before each reading of a file or folder: to fail it. */
  beforeRead: (path: string) => Promise<void> = () => Promise.resolve();
  readonly #syncHandlers = new Set<(status: SyncStatus) => void>();
  readonly #handlers = new Set<(notice: ChangeNotice) => void | Promise<void>>();
  readonly #history = new Map<string, string>([[ABSENT, '']]);

  constructor(files: Record<string, string> = {}) {
    for (const [path, text] of Object.entries(files)) this.#store(path, text, false);
  }

  /** Writes as somebody else does: it is stored, then announced. */
  async writeElsewhere(path: string, text: string, conflicted = false): Promise<void> {
    this.#store(path, text, conflicted);
    await this.announce(path);
  }

  async announce(path: string, recursive = false): Promise<void> {
    for (const handler of this.#handlers) await handler({ path, recursive });
  }

  /** The connection comes or goes. */
  tellSync(state: SyncStatus['state']): void {
    for (const handler of this.#syncHandlers) handler({ ...live, state });
  }

  text(path: string): string | undefined {
    return this.files.get(path)?.text;
  }

  async readVersioned(path: string): Promise<VersionedFile> {
    await this.beforeRead(path);
    const stored = this.#need(path, 'open');
    return { bytes: new TextEncoder().encode(stored.text), version: storedVersion(stored), conflicted: stored.conflicted };
  }

  async readFileBuffer(path: string): Promise<Uint8Array> {
    return new TextEncoder().encode(this.#need(path, 'open').text);
  }

  async writeFile(path: string, data: string | Uint8Array, options: { base?: string } = {}): Promise<void> {
    const text = typeof data === 'string' ? data : new TextDecoder('utf-8', { ignoreBOM: true }).decode(data);
    this.writes.push({ path, text, base: options.base });
    await this.beforeWrite(path);
    if (this.missingFolders.has(path.slice(0, path.lastIndexOf('/')))) throw this.#error('ENOENT', 'open', path);
    this.#history.set(versionOf(text), text);
    const { text: head, terms } = this.files.get(path) ?? {};
    const base = options.base === undefined ? head : this.#history.get(options.base);
    if (head === undefined || base === undefined || base === head || head === text) this.#store(path, text, text.includes('<<<<<<< conflict'));
    else if (terms) this.#storeTerms(path, addSide(terms, base, text));
    else {
      const merged = mergeLines(base, head, text);
      if (merged === null) this.#storeTerms(path, [head, base, text]);
      else this.#store(path, merged, false);
    }
  }

  async exists(path: string): Promise<boolean> {
    return this.files.has(path);
  }

  async stat(path: string): Promise<FileStat> {
    const isDirectory = !this.files.has(path) && this.#names(path).length > 0;
    const text = isDirectory ? '' : this.#need(path, 'stat').text;
    return {
      isFile: !isDirectory,
      isDirectory,
      isSymbolicLink: false,
      mode: isDirectory ? 0o40000 : 0o100644,
      size: text.length,
      mtime: new Date(0),
      dev: 0,
      ino: 0,
      identity: path,
      version: versionOf(text),
    };
  }

  lstat(path: string): Promise<FileStat> {
    return this.stat(path);
  }

  async readdirWithFileTypes(path: string): Promise<{ name: string; isFile: boolean; isDirectory: boolean; isSymbolicLink: boolean }[]> {
    await this.beforeRead(path);
    return this.#names(path).map((name) => {
      const isFile = this.files.has(`${path}/${name}`);
      return { name, isFile, isDirectory: !isFile, isSymbolicLink: false };
    });
  }

  readlink(path: string): Promise<string> {
    return Promise.reject(this.#error('EINVAL', 'readlink', path));
  }

  realpath(path: string): Promise<string> {
    return Promise.resolve(path);
  }

  mkdir(path: string): Promise<void> {
    this.missingFolders.delete(path);
    return Promise.resolve();
  }

  async rm(path: string): Promise<void> {
    for (const name of this.files.keys()) if (name === path || name.startsWith(`${path}/`)) this.files.delete(name);
  }

  async mv(from: string, to: string): Promise<void> {
    for (const [name, stored] of Array.from(this.files)) {
      if (name !== from && !name.startsWith(`${from}/`)) continue;
      this.files.delete(name);
      this.files.set(to + name.slice(from.length), stored);
    }
  }

  async cp(from: string, to: string): Promise<void> {
    this.files.set(to, { ...this.#need(from, 'cp') });
  }

  chmod(): Promise<void> {
    return Promise.resolve();
  }

  async conflicts(): Promise<string[]> {
    return [...this.files].filter(([, stored]) => stored.conflicted).map(([path]) => path);
  }

  async readConflict(path: string): Promise<Conflict | null> {
    await this.beforeReadConflict();
    if (!this.files.get(path)?.conflicted) return null;
    const side = (label: string) => ({ label, kind: 'file' as const, content: new Uint8Array(), mode: 0o100644 });
    return { path, kind: 'text', sides: [side('side #1'), side('side #2')], bases: [side('base')], version: '' };
  }

  async resolveConflict(path: string, resolution: { take: number } | { content: string | Uint8Array } | { delete: true }): Promise<void> {
    if ('content' in resolution) this.#store(path, String(resolution.content), false);
    else this.files.delete(path);
  }

  subscribe(handler: (notice: ChangeNotice) => void | Promise<void>): { unsubscribe(): void } {
    this.#handlers.add(handler);
    return { unsubscribe: () => void this.#handlers.delete(handler) };
  }

  bash(): { exec(command: string): Promise<CommandResult> } {
    return { exec: (command) => Promise.resolve({ stdout: `${command}\n`, stderr: '', exitCode: 0, env: {} }) };
  }

  close(): Promise<{ pending: number }> {
    return Promise.resolve({ pending: 0 });
  }

  #store(path: string, text: string, conflicted: boolean): void {
    this.files.set(path, { text, conflicted });
    this.#history.set(storedVersion({ text, conflicted }), text);
  }

  #storeTerms(path: string, terms: readonly string[]): void {
    this.#store(path, markers(terms), true);
    this.files.set(path, { text: markers(terms), conflicted: true, terms });
  }

  #need(path: string, syscall: string): Stored {
    const stored = this.files.get(path);
    if (!stored) throw this.#error('ENOENT', syscall, path);
    return stored;
  }

  #error(code: string, syscall: string, path: string): Error {
    return Object.assign(new Error(`${code}: no such file or directory, ${syscall} '${path}'`), { code, path, syscall });
  }

  #names(directory: string): string[] {
    const names = new Set<string>();
    for (const path of this.files.keys()) {
      if (path.startsWith(`${directory}/`)) names.add(path.slice(directory.length + 1).split('/')[0] ?? '');
    }
    return [...names];
  }
}

/** A version that names the content, as the real one does. */
export function versionOf(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return `100644-${createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')}`;
}

/** Of a conflict: its terms, of which the text stands for all. */
function storedVersion({ text, conflicted }: Stored): string {
  return conflicted ? [text, text, text].map(versionOf).join('.') : versionOf(text);
}

/** A conflict's terms when another version joins it: the side it was made from is replaced, else there is one more. */
function addSide(terms: readonly string[], base: string, text: string): string[] {
  const from = terms.findLastIndex((term, index) => index % 2 === 0 && term === base);
  return from < 0 ? [...terms, base, text] : terms.with(from, text);
}

/** Joins edits of texts with the same number of lines; enough for the tests. */
function mergeLines(base: string, ours: string, theirs: string): string | null {
  const [b, o, t] = [base, ours, theirs].map((text) => text.split('\n'));
  if (!b || !o || !t || b.length !== o.length || b.length !== t.length) return null;
  const out: string[] = [];
  for (const [index, line] of b.entries()) {
    const [mine, other] = [o[index] ?? '', t[index] ?? ''];
    if (mine !== line && other !== line && mine !== other) return null;
    out.push(mine === line ? other : mine);
  }
  return out.join('\n');
}

function markers(terms: readonly string[]): string {
  const shown = terms.map((term, index) => (index % 2 === 0 ? `+++++++ side #${index / 2 + 1}\n${term}` : `------- base\n${term}`));
  return `<<<<<<< conflict 1 of 1\n${shown.join('')}>>>>>>> conflict 1 of 1 ends\n`;
}
