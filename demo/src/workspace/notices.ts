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
  actions: readonly NoticeAction[];
}

/** A question that waits for an answer. */
export interface Question {
  title: string;
  text: string;
  /** The first is the one that Enter takes; a dangerous one is shown so. */
  choices: readonly { value: string; label: string; tone?: 'primary' | 'danger' }[];
  answer(value: string | null): void;
}

const stay = 6_000;

/** Messages and questions. Errors stay until they are dismissed; the rest go by themselves. */
export class Notices {
  readonly list: Signal<readonly Notice[]> = signal([]);
  readonly question: Signal<Question | null> = signal(null);
  #next = 1;

  show(tone: Notice['tone'], message: string, more: { detail?: string; actions?: readonly NoticeAction[] } = {}): number {
    const id = this.#next++;
    const notice: Notice = { id, tone, message, actions: more.actions ?? [], ...(more.detail === undefined ? {} : { detail: more.detail }) };
    // The same message again replaces the one that is still there.
    this.list.value = [...this.list.peek().filter((other) => other.message !== message), notice].slice(-5);
    if (tone !== 'error') setTimeout(() => this.dismiss(id), notice.actions.length > 0 ? stay * 2 : stay);
    return id;
  }

  /** Shows what went wrong, where, and what to do about it. */
  fail(what: string, error: unknown, actions: readonly NoticeAction[] = []): void {
    const { message, remedy } = describeError(error);
    this.show('error', what, { detail: remedy === undefined ? message : `${message}. ${remedy}`.replace('..', '.'), actions });
  }

  dismiss(id: number): void {
    this.list.value = this.list.peek().filter((notice) => notice.id !== id);
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
