/** How long a pause ends a word, in milliseconds. */
const pause = 700;

/** Finds rows by the letters typed: letters in quick succession are one word, one letter again and again goes through its rows. */
export class TypeAhead {
  #typed = '';
  #last = Number.NEGATIVE_INFINITY;

  /** Whether a word is being typed, so that a letter belongs to it and is no shortcut. */
  active(now: number): boolean {
    return this.#typed !== '' && now - this.#last < pause;
  }

  /** Takes a letter; answers the index to go to, or -1. `from` is the row that has focus. */
  type(letter: string, now: number, names: readonly string[], from: number): number {
    this.#typed = this.active(now) ? this.#typed + letter.toLowerCase() : letter.toLowerCase();
    this.#last = now;
    const first = this.#typed.charAt(0);
    const same = this.#typed === first.repeat(this.#typed.length);
    const wanted = same ? first : this.#typed;
    // A single letter looks behind the row that has focus; a longer word may still be about that row.
    const start = same ? from + 1 : from;
    for (let step = 0; step < names.length; step += 1) {
      const index = (Math.max(start, 0) + step) % names.length;
      if (names[index]?.toLowerCase().startsWith(wanted)) return index;
    }
    return -1;
  }
}
