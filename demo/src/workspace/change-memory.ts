/** A change that was made or opened in this browser. */
export interface KnownChange {
  id: string;
  /** What it is about; `''` when that isn't known. */
  message: string;
}

interface Kept {
  current: string | null;
  known: KnownChange[];
}

const most = 20;

/** The changes of a bookmark that were worked in from this browser: so that a reload, or tomorrow's window, goes on where work stopped. */
export class ChangeMemory {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly #key: string;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'>, place: { org: string; repo: string; bookmark: string }) {
    this.#storage = storage;
    this.#key = `mesafs-ide.changes.${place.org}/${place.repo}@${place.bookmark}`;
  }

  /** The change work stopped in; `null` when that was the bookmark's own. */
  get current(): string | null {
    return this.#read().current;
  }

  /** Those known, the latest first. */
  get known(): readonly KnownChange[] {
    return this.#read().known;
  }

  messageOf(id: string): string {
    return this.known.find((change) => change.id === id)?.message ?? '';
  }

  /** Work goes on in a change. */
  enter(change: KnownChange): void {
    this.#keep(change, change.id);
  }

  /** A change was made; work goes on where it was. */
  note(change: KnownChange): void {
    this.#keep(change, this.current);
  }

  /** Work goes on at the bookmark. */
  leave(): void {
    this.#write({ ...this.#read(), current: null });
  }

  /** A change that isn't there any more. */
  drop(id: string): void {
    const { current, known } = this.#read();
    this.#write({ current: current === id ? null : current, known: known.filter((change) => change.id !== id) });
  }

  #keep({ id, message }: KnownChange, current: string | null): void {
    const { known } = this.#read();
    const kept = { id, message: message === '' ? this.messageOf(id) : message };
    this.#write({ current, known: [kept, ...known.filter((change) => change.id !== id)].slice(0, most) });
  }

  #read(): Kept {
    try {
      const value = JSON.parse(this.#storage.getItem(this.#key) ?? 'null') as Partial<Kept> | null;
      const known = (value?.known ?? []).filter(({ id, message }) => typeof id === 'string' && typeof message === 'string');
      return { current: typeof value?.current === 'string' ? value.current : null, known };
    } catch {
      return { current: null, known: [] };
    }
  }

  #write(kept: Kept): void {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing begins at the bookmark each time; the address still names the change.
    }
  }
}
