import { FsError } from '../../src/base/errors.ts';
import type { Core } from '../../src/core/load.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import { MesaApiError } from '../../src/rpc/api-error.ts';
import type { FsArgs, FsMethod, FsResult } from '../../src/rpc/contract.ts';
import type { MountSpec, SyncStatus, WatchEvent } from '../../src/rpc/types.ts';
import type { VirtualClock } from './clock.ts';
import type { SimDevice } from './device.ts';
import type { Ledger, Write } from './ledger.ts';
import type { Link } from './network.ts';
import { OwnWrites } from './own-writes.ts';
import { Random } from './random.ts';
import type { Step } from './script.ts';
import type { SimServer } from './server.ts';
import { TOKEN_LIFE } from './server.ts';
import { Shadow } from './shadow.ts';
import { editedText, freshText, marksIn } from './texts.ts';
import { Tab } from './tab.ts';
import type { Tally, Trace } from './trace.ts';
import { Whereabouts } from './whereabouts.ts';

/** Where the repo stands in every mount. */
export const ROOT = '/acme/app';

/** What an {@link Actor} is made of. */
export interface ActorParts {
  name: string;
  core: Core;
  clock: VirtualClock;
  seed: number;
  link: Link;
  server: SimServer;
  ledger: Ledger;
  trace: Trace;
  tally: Tally;
  /** Where its tabs keep what is not sent; `null` where nothing outlives them. */
  device: SimDevice | null;
  /** No other mount's tabs are on the device: what it shows that is not sent is its own. */
  isAlone: boolean;
  /** What its tabs keep stays there. */
  keeps: boolean;
  steps: readonly Step[];
  spec: Pick<MountSpec, 'raceWindow' | 'writes' | 'durability'>;
  /** Writes may go through symbolic links, to anywhere. */
  links: boolean;
  /** Takes in the objects that engines make for themselves. */
  made: Map<string, StoredObject>;
}

/** Where a look began: in which tab, in which of its places, and when. */
interface LookBegin {
  tab: Tab | null;
  era: number;
  turn: number;
}

/** Codes with which a call says that it did nothing. */
const NOTHING_DONE = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'EEXIST', 'EINVAL', 'ENOTEMPTY', 'ELOOP', 'EROFS', 'EPERM', 'EFBIG']);

/** Somebody who uses one mount: does what the script says, and writes down what came of it. */
export class Actor {
  readonly name: string;
  readonly parts: ActorParts;
  /** Texts and versions this mount has read, by path: what a screen may still show. */
  readonly #screens = new Map<string, { text: string; version: string }>();
  /** When a version was read first. */
  readonly read: Map<string, number> = new Map();
  /** When places were entered: what was there then counts as seen. */
  readonly entered: number[] = [];
  readonly #own: OwnWrites;
  readonly whereabouts: Whereabouts = new Whereabouts();
  shadow: Shadow | null = null;
  status: SyncStatus | null = null;
  /** Asking the page for a token fails. */
  askFails = false;
  /** It has left the bookmark it was mounted at. */
  strayed = false;
  era = 0;
  #tab: Tab | null = null;
  /** Tabs that are being closed. */
  #closing = 0;
  #tabs = 0;
  #token = '';
  /** The turn at which something was pending last. */
  #lastPending = -1;

  constructor(parts: ActorParts) {
    this.parts = parts;
    this.name = parts.name;
    this.#own = new OwnWrites(parts.isAlone ? parts.steps : null);
  }

  get isOpen(): boolean {
    return this.#tab?.isOpen === true;
  }

  /** Calls that have not settled. */
  get busy(): number {
    return (this.#tab?.busy ?? 0) + this.#closing;
  }

  /** Mounts the repo, as in a new tab. */
  async open(): Promise<void> {
    if (this.#tab !== null) return;
    const { name, core, clock, seed, link, server, spec, made, device, trace, ledger } = this.parts;
    this.#own.keep((token) => ledger.writes.get(token)?.status === 'acked');
    this.#tabs += 1;
    this.era += 1;
    // Who forks leaves the bookmark with the first write.
    this.whereabouts.follow(spec.writes === 'fork' ? null : 'main');
    const random = new Random(seed, `${name}.${this.#tabs}`);
    const tab = new Tab({ core, clock, random, link, made, access: device?.access(name) ?? null });
    this.#tab = tab;
    const full: MountSpec = {
      apiUrl: 'http://backend.test/v1',
      org: 'acme',
      principal: 'key_1',
      repos: [{ name: 'app', path: ROOT, readOnly: false, bookmark: 'main' }],
      cache: {},
      userAgent: { header: 'X-Mesa-User-Agent', value: 'simulation' },
      ...spec,
    };
    await this.#count(tab, async () => {
      try {
        const status = await tab.open(full, {
          credential: () => {
            if (this.askFails) throw new Error('the page has no token');
            const credential = server.token(random.chance(0.8) ? TOKEN_LIFE : 5_000);
            this.#token = credential.token;
            return random.chance(0.5) ? credential : { token: credential.token };
          },
          events: (events) => (this.#tab === tab ? this.#heard(events) : undefined),
          status: (status) => (this.#tab === tab ? this.#stands(status) : undefined),
          log: ({ message }) => trace.add(name, `warns: ${message}`),
        });
        // Killed while it was opened, and another may be here by now.
        if (!tab.isAlive) return;
        trace.add(name, 'opened');
        this.entered.push(clock.now());
        this.strayed = false;
        this.status = status;
        this.shadow = new Shadow(
          (path) => tab.call('lstat', [path]),
          (path) => tab.call('readdir', [path]),
        );
        this.shadow.refresh(ROOT);
      } catch (error) {
        if (!tab.isAlive) return;
        trace.add(name, `open failed: ${String(error)}`);
        if (this.#tab === tab) this.#tab = null;
      }
    });
  }

  /** Closes the mount; what is pending waits in the device's journal, or is given up. */
  async close(): Promise<void> {
    const tab = this.#tab;
    if (tab === null || !tab.isOpen || tab.isFrozen) return;
    this.#tab = null;
    this.shadow = null;
    this.#closing += 1 + tab.busy;
    const { busy } = tab;
    if (!this.parts.keeps) this.#own.forget();
    try {
      const pending = await tab.close();
      this.parts.trace.add(this.name, `closed, ${pending} pending`);
    } finally {
      this.#closing -= 1 + busy;
    }
  }

  /** Stops the tab for a while. */
  freeze(ms: number): void {
    if (this.#tab === null) return;
    this.parts.tally.add('fault: tab frozen');
    this.#tab.freeze(this.parts.clock, ms);
  }

  /** Ends the tab at once, whatever it is doing. */
  crash(landed: boolean): void {
    const tab = this.#tab;
    if (tab === null) return;
    this.parts.tally.add('fault: tab killed');
    this.#tab = null;
    this.shadow = null;
    if (!this.parts.keeps) this.#own.forget();
    tab.kill(landed);
    for (const write of this.parts.ledger.writes.values()) {
      if (write.by === this.name && write.status === 'waiting')
        Object.assign(write, { status: 'unsure', settledAt: this.parts.clock.now(), error: 'the tab was killed' });
    }
  }

  /** The platform tells the engine whether there is a network. */
  network(online: boolean): void {
    this.#tab?.network(online);
  }

  /** The token in use is no longer good. */
  expire(): void {
    this.parts.server.expire(this.#token);
  }

  async call<M extends FsMethod>(method: M, args: FsArgs<M>): Promise<FsResult<M>> {
    if (this.#tab === null) throw new FsError('ECANCELED', method, '/');
    return this.#tab.call(method, args);
  }

  /** The ids of the root trees that the mount shows. */
  async root(): Promise<string> {
    return (await this.call('stat', [ROOT])).version;
  }

  /** The change it works in, which is the one that it was told to work in. */
  change(): Promise<string> {
    const { server, ledger } = this.parts;
    const ask = (): Promise<{ changeId: string }> => this.call('changeCurrent', [{ repo: 'app' }]);
    const astray = (what: string): void => void ledger.violations.push(`P6: ${this.name} ${what}`);
    return this.whereabouts.look({ ask, isMade: (made) => server.changes.includes(made), astray });
  }

  /** Does a step; resolves when all of it has settled, well or not. */
  perform(step: Step): Promise<void> {
    const tab = this.#tab;
    if (tab === null || !tab.isOpen || tab.isFrozen) return Promise.resolve();
    return this.#count(tab, async () => {
      try {
        await this.#act(step);
        this.parts.trace.add(this.name, `#${step.id} done`);
      } catch (error) {
        this.parts.trace.add(this.name, `#${step.id} ${String(error).slice(0, 160)}`);
      }
    });
  }

  async #count(tab: Tab, task: () => Promise<void>): Promise<void> {
    tab.busy += 1;
    try {
      await task();
    } finally {
      tab.busy -= 1;
    }
  }

  async #act(step: Step): Promise<void> {
    const random = new Random(this.parts.seed, `step ${step.id}`);
    switch (step.do) {
      case 'put':
        return this.#write(step.id, step.path, freshText(random, step.id), {}, random);
      case 'append':
        return this.#append(step.id, step.path, `more <${step.id}>\n`);
      case 'edit':
      case 'edit-base': {
        const screen = await this.#look(step.path);
        const text = editedText(screen?.text ?? '', random, step.id);
        return this.#write(step.id, step.path, text, step.do === 'edit-base' && screen !== null ? { base: screen.version } : {}, random);
      }
      case 'stale': {
        const screen = this.#screens.get(step.path);
        if (screen === undefined) return;
        return this.#write(step.id, step.path, editedText(screen.text, random, step.id), { base: screen.version }, random);
      }
      case 'read':
        return void (await this.#look(step.path));
      case 'list':
        return this.#list();
      case 'rm':
        this.#own.touched(step.path);
        return this.#change(step, [step.path], this.call('rm', [at(step.path), { recursive: step.recursive }]));
      case 'mv':
        return this.#change(step, [step.path, step.to], this.call('mv', [at(step.path), at(step.to)]));
      case 'cp':
        this.#own.touched(step.to);
        return this.#change(step, [step.to], this.call('cp', [at(step.path), at(step.to), { recursive: true }]));
      case 'mkdir':
        return this.#change(step, [step.path.split('/')[0] ?? ''], this.call('mkdir', [at(step.path), { recursive: true }]));
      case 'symlink':
        return this.#change(step, [step.path], this.call('symlink', [step.to, at(step.path)]));
      case 'chmod':
        return this.#change(step, [step.path], this.call('chmod', [at(step.path), step.executable ? 0o755 : 0o644]));
      case 'utimes':
        return this.#change(step, [step.path], this.call('utimes', [at(step.path), 1_000_000 * step.id]));
      case 'metadata':
        return this.call('setMetadata', [at(step.path), { [`k${step.id % 3}`]: `<${step.id}>` }]);
      case 'resolve':
        return this.#resolve(step.id, random);
      case 'change.new':
        return this.#enter(() => this.call('changeNew', [{ repo: 'app', ...this.#revision(random) }]));
      case 'change.edit':
        return this.#enter(() => this.call('changeEdit', [{ repo: 'app', ...this.#revision(random) }]));
      case 'checkpoint':
        return this.#checkpoint(step.id);
      case 'describe':
        return this.call('changeDescribe', [{ repo: 'app', message: `said <${step.id}>` }]);
      case 'bookmark.create':
        return this.call('bookmarkCreate', [{ repo: 'app', name: step.name }]);
      case 'bookmark.move': {
        const changeId = random.pick(this.parts.server.changes);
        const isEntered = this.whereabouts.mayFollow(step.name);
        await this.call('bookmarkMove', [{ repo: 'app', name: step.name, changeId }]);
        // Whoever moves the bookmark that is followed goes there.
        if (isEntered) this.entered.push(this.parts.clock.now());
        return;
      }
      default:
        throw new Error(`a mount cannot do ${step.do}`);
    }
  }

  #revision(random: Random): { bookmark: string } | { changeId: string } {
    const { changes } = this.parts.server;
    return changes.length === 0 || random.chance(0.4) ? { bookmark: random.pick(['main', 'main', 'other']) } : { changeId: random.pick(changes) };
  }

  async #enter(task: () => Promise<{ changeOid: string }>): Promise<void> {
    // Where it stands in between is not known: nothing is compared across it.
    this.#own.forget();
    this.strayed = true;
    this.era += 1;
    const arrived = this.whereabouts.leave();
    const { changeOid } = await task();
    arrived(changeOid);
    this.era += 1;
    this.entered.push(this.parts.clock.now());
    this.#screens.clear();
    this.shadow?.refresh(ROOT);
  }

  /** It goes on as it was: of what others did it is told by events. */
  async #checkpoint(id: number): Promise<void> {
    this.strayed = true;
    this.era += 1;
    // Who follows a bookmark goes on doing so.
    this.whereabouts.follow(this.whereabouts.bookmark);
    try {
      await this.call('changeCheckpoint', [{ repo: 'app', message: `saved <${id}>` }]);
    } finally {
      this.era += 1;
    }
  }

  /** Reads a path; `null` when there is no file to read. */
  async #look(path: string): Promise<{ text: string; version: string } | null> {
    const { clock, trace } = this.parts;
    const begin = this.#begin();
    const expected = this.#own.at(path);
    try {
      const { bytes, version } = await this.call('readVersioned', [at(path)]);
      const screen = { text: new TextDecoder().decode(bytes), version };
      this.#claimOwn(expected, path, screen.text, version);
      this.#screens.set(path, screen);
      if (!this.read.has(version)) this.read.set(version, clock.now());
      trace.add(this.name, `read ${path} ${version} ${JSON.stringify(screen.text)}`);
      this.#note(begin, path, version);
      return screen;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (error.code !== 'ENOENT') throw error;
      this.#note(begin, path, '0');
      // A conflict of kinds above it hides what is in a directory.
      if (!path.includes('/')) this.#claimOwn(expected, path, '', '0');
      return null;
    }
  }

  /** What it wrote itself has to be in what is shown there, unless it was refused or taken away. */
  #claimOwn(expected: readonly number[], path: string, text: string, version: string): void {
    const { ledger, clock, tally } = this.parts;
    const shown = new Set(marksIn(text));
    const now = new Set(this.#own.at(path));
    for (const token of expected) {
      if (!now.has(token)) continue;
      tally.add('own writes looked at again');
      if (shown.has(token)) continue;
      const what = `P6: ${this.name} does not show its own write <${token}> at ${path} any more`;
      ledger.claims.push({ token, by: this.name, at: clock.now(), version, what });
    }
  }

  #stands(status: SyncStatus): void {
    const { tally } = this.parts;
    if (status.pending > 0 || (this.status?.pending ?? 0) > 0) this.#lastPending = tally.turn;
    this.status = status;
  }

  #begin(): LookBegin {
    const { tally } = this.parts;
    tally.turn += 1;
    if ((this.status?.pending ?? 0) > 0) this.#lastPending = tally.turn;
    return { tab: this.#tab, era: this.era, turn: tally.turn };
  }

  #note({ tab, era, turn }: LookBegin, path: string, version: string): void {
    const { ledger, clock, tally } = this.parts;
    // A link leads elsewhere. Of a tab that closes meanwhile it is not heard any more what is pending.
    if (tab !== this.#tab || era !== this.era || this.status === null || (this.parts.links && path !== '')) return;
    tally.turn += 1;
    const pending = this.#lastPending >= turn || this.status.pending > 0 || this.parts.device?.isShared === true;
    ledger.looks.push({ by: this.name, era, at: clock.now(), begun: turn, done: tally.turn, path, version, pending });
  }

  /** Looks at everything in one moment, without reading it. */
  async #list(): Promise<void> {
    const begin = this.#begin();
    const root = await this.root();
    this.#note(begin, '', root);
    this.parts.trace.add(this.name, `is at ${root} in ${await this.change()}`);
  }

  async #write(token: number, path: string, text: string, options: { base?: string }, random: Random): Promise<void> {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (parent !== '' && options.base === undefined) void this.call('mkdir', [at(parent), { recursive: true }]).catch(() => undefined);
    const marks = marksIn(text);
    for (const mark of marks) if (marks.indexOf(mark) !== marks.lastIndexOf(mark)) this.parts.ledger.doubled.add(mark);
    const call = this.call('writeFile', [at(path), new TextEncoder().encode(text), options]);
    this.#own.wrote(token, path, marks);
    const written = this.#record(token, path, call, marks.includes(token));
    const again = random.chance(0.3);
    if (again) await this.#readBack(token, path, marks.includes(token));
    await written;
  }

  async #append(token: number, path: string, text: string): Promise<void> {
    const call = this.call('appendFile', [at(path), new TextEncoder().encode(text)]);
    this.#own.added(token, path);
    await this.#record(token, path, call, true);
  }

  /** A read made after a write, whether that is accepted or not, shows it. */
  async #readBack(token: number, path: string, marked: boolean): Promise<void> {
    const { ledger, clock } = this.parts;
    const screen = await this.#look(path).catch(() => null);
    const status = ledger.writes.get(token)?.status;
    // Through a link it was written elsewhere.
    if (!marked || this.parts.links || screen === null || status === 'refused' || status === 'unsure') return;
    if (marksIn(screen.text).includes(token)) return;
    const what = `P6: ${this.name} does not read its own write <${token}> at ${path}`;
    ledger.claims.push({ token, by: this.name, at: clock.now(), version: screen.version, what });
  }

  async #resolve(token: number, random: Random): Promise<void> {
    const paths = await this.call('conflicts', [{ repo: 'app' }]);
    if (paths.length === 0) return;
    const path = random.pick(paths);
    const conflict = await this.call('readConflict', [path]);
    if (conflict === null) return;
    if (!this.read.has(conflict.version)) this.read.set(conflict.version, this.parts.clock.now());
    const inner = path.slice(ROOT.length + 1);
    this.#own.touched(inner);
    if (conflict.kind === 'kinds' || random.chance(0.5)) {
      const take = random.below(conflict.sides.length);
      return this.#change({ id: token }, [inner], this.call('resolveConflict', [path, random.chance(0.1) ? { delete: true } : { take }]));
    }
    const bytes = new TextEncoder().encode(`settled <${token}>\n`);
    this.#own.added(token, inner);
    await this.#record(token, inner, this.call('resolveConflict', [path, { content: bytes }]), true);
  }

  /** Follows what becomes of a write that carries a token. */
  async #record(token: number, path: string, call: Promise<void>, marked: boolean): Promise<void> {
    const { ledger, clock } = this.parts;
    const write: Write = { token, by: this.name, what: path, at: clock.now(), status: 'waiting', settledAt: 0, error: '', removed: new Set() };
    if (marked) ledger.writes.set(token, write);
    const settle = (status: Write['status'], error = ''): void => {
      // A tab that was killed hears no answer any more.
      if (write.status === 'waiting') Object.assign(write, { status, error });
    };
    await this.#change({ id: token }, [path], call).then(
      () => settle('acked'),
      (error: unknown) => settle(fateOf(error), String(error)),
    );
    write.settledAt = clock.now();
    this.parts.tally.add(`writes ${write.status}`);
    this.parts.trace.add(this.name, `<${token}> ${write.status} ${write.error.slice(0, 120)}`);
  }

  async #change(_: { id: number }, paths: readonly string[], call: Promise<void>): Promise<void> {
    // What it wrote itself it hears no event of.
    for (const path of this.parts.links ? [''] : paths) this.shadow?.refresh(at(path));
    await call;
  }

  #heard(events: readonly WatchEvent[]): void {
    for (const { path } of events) this.shadow?.refresh(path);
    this.parts.trace.add(this.name, `hears ${events.map(({ path, recursive }) => path.slice(ROOT.length) + (recursive ? '/**' : '')).join(' ')}`);
  }
}

/** The absolute path of a path in the repo. */
export function at(path: string): string {
  return path === '' ? ROOT : `${ROOT}/${path}`;
}

/** Whether a write that failed may have had an effect. */
function fateOf(error: unknown): 'refused' | 'unsure' {
  if (error instanceof FsError) return NOTHING_DONE.has(error.code) ? 'refused' : 'unsure';
  if (error instanceof MesaApiError) return error.status === 0 && error.code !== 'UNAVAILABLE' ? 'refused' : 'unsure';
  return 'unsure';
}
