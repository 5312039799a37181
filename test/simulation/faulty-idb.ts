import { forceCloseDatabase, IDBFactory as MemoryFactory } from 'fake-indexeddb';

/**
 * What becomes of a transaction, or of opening a database.
 *
 * - `abort`: it is aborted at its end, without an error and without an `error` event; `quota`: the same, and its error says that there is no room
 * - `error`: its first request fails
 * - `lose`: the connection is lost before it is stored; `lose-late`: after that, and before it is told; `lose-quietly`: before, and only the connection says so
 * - `vanish`: it completes, and nothing is stored: the power went before the disk had it
 * - `die`: the tab ends before it is stored, `die-late`: after; nothing is ever told
 */
export type Fate = 'complete' | 'abort' | 'quota' | 'error' | 'lose' | 'lose-late' | 'lose-quietly' | 'vanish' | 'die' | 'die-late';

/** A transaction, or the opening of a database, as the one who decides over it sees it. */
export interface Step {
  /** Counts from 0 over the life of the tab. */
  index: number;
  kind: 'open' | IDBTransactionMode;
  /** The stores it is on. */
  stores: readonly string[];
}

/** What fake-indexeddb's transactions have inside. */
interface Inside {
  _rollbackLog: (() => void)[];
  _execRequestAsync: (request: { operation: () => unknown }) => unknown;
}

/** What fake-indexeddb's events are: changed here before they are told. */
interface Told {
  type: string;
  bubbles: boolean;
}

/**
 * IndexedDB as one tab sees it, in which each step can go wrong. What is stored is in the factory it stands on, so another one on the same factory is the
 * next tab.
 */
export class FaultyIdb {
  /** What the tab opens databases with. */
  readonly factory: IDBFactory;
  readonly #fate: (step: Step) => Fate;
  /** Steps taken. */
  steps = 0;
  /** Whether the tab has ended: nothing that it does is stored, and no end of a transaction is told. */
  dead = false;

  constructor(under: IDBFactory, fate: (step: Step) => Fate) {
    this.#fate = fate;
    this.factory = new Proxy(under, {
      get: (target, property) => {
        if (property === 'open') return (name: string, version?: number) => this.#open(target, name, version);
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  #decide(kind: Step['kind'], stores: readonly string[]): Fate {
    const fate = this.dead ? 'die' : this.#fate({ index: this.steps, kind, stores });
    this.steps += 1;
    if (fate.startsWith('die')) this.dead = true;
    return fate;
  }

  #open(under: IDBFactory, name: string, version?: number): IDBOpenDBRequest {
    const fate = this.#decide('open', []);
    // A tab that has ended opens a database that nobody finds.
    const request = fate === 'die' ? new MemoryFactory().open(name, version) : under.open(name, version);
    override(request, (event, tell) => {
      if (event.type !== 'success') return tell();
      if (this.dead) return letGo(request);
      if (fate === 'error' || fate === 'abort' || fate === 'quota') {
        letGo(request);
        const error = new DOMException('planned', fate === 'quota' ? 'QuotaExceededError' : 'UnknownError');
        Object.defineProperty(request, 'error', { value: error });
        (event as unknown as Told).type = 'error';
      } else {
        this.#watch(request.result);
        if (fate.startsWith('lose')) forceCloseDatabase(request.result as never);
      }
      tell();
    });
    return request;
  }

  /** Lets the transactions of a connection have their fates. */
  #watch(database: IDBDatabase): void {
    const begin = database.transaction.bind(database);
    database.transaction = (stores, mode = 'readonly', options) => {
      const transaction = begin(stores, mode, options);
      this.#doom(transaction, this.#decide(mode, typeof stores === 'string' ? [stores] : [...stores]));
      return transaction;
    };
    override(database, (_event, tell) => (this.dead ? undefined : tell()));
  }

  #doom(transaction: IDBTransaction, fate: Fate): void {
    const inside = transaction as unknown as Inside;
    const undo = (): void => {
      for (const each of inside._rollbackLog.toReversed()) each();
    };
    if (fate === 'error') failFirst(inside);
    override(transaction, (event, tell) => {
      if (event.type !== 'complete') return this.dead ? undefined : tell();
      if (fate === 'complete' || fate === 'error') return this.dead ? undo() : tell();
      if (fate !== 'lose-late' && fate !== 'die-late') undo();
      if (this.dead) return;
      if (fate === 'vanish') return tell();
      if (fate.startsWith('lose')) forceCloseDatabase(transaction.db as never);
      if (fate === 'lose-quietly') return;
      (event as unknown as Told).type = 'abort';
      (event as unknown as Told).bubbles = true;
      const name = { quota: 'QuotaExceededError', lose: 'AbortError', 'lose-late': 'AbortError' }[fate as string];
      if (name !== undefined) Object.defineProperty(transaction, 'error', { value: new DOMException('planned', name) });
      tell();
    });
  }
}

/** Puts a function between events and those who listen to them. */
function override(target: EventTarget, hear: (event: Event, tell: () => void) => void): void {
  const dispatch = target.dispatchEvent.bind(target);
  target.dispatchEvent = (event) => {
    hear(event, () => dispatch(event));
    return true;
  };
}

/** Lets the first request of a transaction fail. */
function failFirst(inside: Inside): void {
  const ask = inside._execRequestAsync.bind(inside);
  let first = true;
  inside._execRequestAsync = (request) => {
    if (!first) return ask(request);
    first = false;
    return ask({
      ...request,
      operation: () => {
        throw new DOMException('planned', 'UnknownError');
      },
    });
  };
}

function letGo(request: IDBOpenDBRequest): void {
  request.result?.close();
}
