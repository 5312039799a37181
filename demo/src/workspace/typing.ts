/** How long after the last keystroke live mode saves, in milliseconds. */
export const liveDelay = 300;

/** How long after the first keystroke that isn't saved it does so while the typing goes on. */
export const liveLimit = 1_000;

/** What {@link Typing} calls. */
interface TypingCalls {
  later(ms: number, callback: () => void): () => void;
  /** It was typed for {@link liveLimit} without a pause. */
  onLimit(): void;
  onPause(): void;
}

/** Tells when somebody who types makes a pause, and when that can't be waited for any longer. */
export class Typing {
  readonly #calls: TypingCalls;
  #cancelPause: (() => void) | null = null;
  #cancelLimit: (() => void) | null = null;

  constructor(calls: TypingCalls) {
    this.#calls = calls;
  }

  /** Whether the last keystroke was a moment ago. */
  get goesOn(): boolean {
    return this.#cancelPause !== null;
  }

  typed(): void {
    this.#cancelPause?.();
    this.#cancelPause = this.#calls.later(liveDelay, () => {
      this.stop();
      this.#calls.onPause();
    });
    this.#cancelLimit ??= this.#calls.later(liveLimit, () => {
      this.#cancelLimit = null;
      this.#calls.onLimit();
    });
  }

  /** Forgets what was typed: it is taken care of. */
  stop(): void {
    this.#cancelPause?.();
    this.#cancelLimit?.();
    this.#cancelPause = null;
    this.#cancelLimit = null;
  }
}
