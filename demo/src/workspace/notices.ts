import { signal, type Signal } from '@preact/signals';
import { describeError } from './errors.ts';

/** Something a notice or a dialog lets a person do. */
export interface NoticeAction {
  label: string;
  run(): void;
}

/** A message in the corner. */
export interface Notice {
  id: number;
  tone: 'info' | 'success' | 'warning' | 'error';
  message: string;
  detail?: string;
  /** What was thrown, word by word: for those who look into it. */
  details?: string;
  actions: readonly NoticeAction[];
  /** What it offers is offered nowhere else: another of the same words does not replace it. */
  own?: boolean;
}

/** A question that waits for an answer. */
export interface Question {
  title: string;
  text: string;
  /** The first is the one that Enter takes; a dangerous one is shown so. */
  choices: readonly { value: string; label: string; tone?: 'primary' | 'danger' }[];
  answer(value: string | null): void;
}

/** How long a message stays, in milliseconds: without something to do, and with. */
const stays: Record<Notice['tone'], readonly [plain: number, actions: number]> = {
  info: [6_000, 12_000],
  success: [6_000, 12_000],
  warning: [6_000, 12_000],
  error: [12_000, 60_000],
};
/** How much longer one stays that is being looked at when its time is over. */
const grace = 3_000;

/** What a message may have besides. */
export interface NoticeMore {
  detail?: string;
  details?: string;
  actions?: readonly NoticeAction[];
  own?: boolean;
  /** It holds until it is dismissed, however long that takes. */
  lasting?: boolean;
}

/** Messages and questions. Messages go by themselves, once there was time to read them. */
export class Notices {
  readonly list: Signal<readonly Notice[]> = signal([]);
  readonly question: Signal<Question | null> = signal(null);
  /** Whether a person is at a message, by pointer or keyboard, or away from the page: then it waits. */
  isHeld: (id: number) => boolean = () => false;
  #next = 1;

  show(tone: Notice['tone'], message: string, { actions = [], lasting = false, ...more }: NoticeMore = {}): number {
    const id = this.#next++;
    const notice: Notice = { id, tone, message, actions, ...more };
    // The same message again replaces the one that is still there.
    this.list.value = [...this.list.peek().filter((other) => other.message !== message || other.own === true), notice].slice(-5);
    const [plain, withActions] = stays[tone];
    if (!lasting) setTimeout(() => this.#end(id), actions.length > 0 ? withActions : plain);
    return id;
  }

  /** Shows what went wrong, where, and what to do about it. */
  fail(what: string, error: unknown, actions: readonly NoticeAction[] = []): void {
    const { message, remedy } = describeError(error);
    this.show('error', what, { detail: remedy === undefined ? message : `${message}. ${remedy}`.replace('..', '.'), actions });
  }

  /** Does something; says `what` and why when it fails. What was said of the try before is over. Answers whether it was done. */
  async attempt(what: string, action: () => Promise<void>): Promise<boolean> {
    this.withdraw(what);
    try {
      await action();
      return true;
    } catch (error) {
      this.fail(what, error);
      return false;
    }
  }

  /** Takes back what was said: the same was done since, or is tried again. */
  withdraw(...messages: string[]): void {
    if (this.list.peek().some(({ message }) => messages.includes(message))) {
      this.list.value = this.list.peek().filter(({ message }) => !messages.includes(message));
    }
  }

  dismiss(id: number): void {
    this.list.value = this.list.peek().filter((notice) => notice.id !== id);
  }

  #end(id: number): void {
    if (!this.list.peek().some((notice) => notice.id === id)) return;
    if (this.isHeld(id)) setTimeout(() => this.#end(id), grace);
    else this.dismiss(id);
  }

  /** Asks; answers the chosen value, or `null` when the dialog was left. */
  ask(question: Omit<Question, 'answer'>): Promise<string | null> {
    this.question.peek()?.answer(null);
    return new Promise((resolve) => {
      this.question.value = {
        ...question,
        answer: (value) => {
          this.question.value = null;
          resolve(value);
        },
      };
    });
  }
}
