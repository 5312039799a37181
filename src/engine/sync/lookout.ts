import type { Clock, TimerHandle } from '../../base/env.ts';
import type { Journal } from '../journal/journal.ts';
import type { Answer } from '../journal/journals.ts';

/** Milliseconds between two looks. */
const EVERY = 5_000;

/** What a {@link Lookout} needs. */
export interface LookoutPorts {
  clock: Clock;
  /** Whether what is written is kept beyond the page. */
  keeps: () => boolean;
  /** The journals that are written from here. */
  journals: () => Journal[];
  /** Tells the other engines what became of operations. */
  tell: (client: string, answers: Answer[]) => void;
  warn: (message: string, error: unknown) => void;
}

/** Looks now and then, while journals keep anything, whether it is still stored: what was cleared away is stored anew. */
export class Lookout {
  readonly #ports: LookoutPorts;
  #timer: TimerHandle = null;

  constructor(ports: LookoutPorts) {
    this.#ports = ports;
  }

  /** Begins to look, or goes on. */
  start(): void {
    const { clock, keeps, warn } = this.#ports;
    if (!keeps()) return;
    this.#timer ??= clock.set(() => {
      this.#timer = null;
      const journals = this.#ports.journals().filter((journal) => !journal.isSettled);
      if (journals.length > 0) this.start();
      for (const journal of journals) this.#verify(journal).catch((error: unknown) => warn('What is not sent yet is not kept on this device any more', error));
    }, EVERY);
  }

  /** Stops. */
  stop(): void {
    if (this.#timer !== null) this.#ports.clock.clear(this.#timer);
  }

  async #verify(journal: Journal): Promise<void> {
    if (!(await journal.verify())) return;
    // Who has read the journal meanwhile takes what is parked in it for unsent.
    const answers = journal.parked.map(({ operation }): Answer => ({ seq: operation.seq, done: null }));
    this.#ports.tell(journal.client, answers);
  }
}
