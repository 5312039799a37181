/** What a key did to the line. */
export type LineAction = 'changed' | 'submit' | 'interrupt' | 'clear' | 'complete' | 'end' | 'none';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The line a person types at the prompt, edited as readline does: arrows, words, kill and yank, and the lines before. It knows nothing
 * of a screen; {@link drawLine} draws it.
 */
export class LineEditor {
  text = '';
  /** An offset into {@link text}. */
  cursor = 0;
  readonly #history: string[];
  /** Which line of the history is shown; its length is the line being typed. */
  #at: number;
  #draft = '';
  #killed = '';

  constructor(history: readonly string[] = []) {
    this.#history = [...history];
    this.#at = this.#history.length;
  }

  get history(): readonly string[] {
    return this.#history;
  }

  /** Takes one key, as {@link splitKeys} cuts them. */
  press(key: string): LineAction {
    const edit = edits[key];
    if (edit) return edit(this);
    if (key.startsWith(pasteStart)) return this.insert(key.slice(pasteStart.length).replace(pasteEnd, '').replaceAll(/\r\n?/g, '\n'));
    const code = key.codePointAt(0) ?? 0;
    return code < 32 || code === 127 ? 'none' : this.insert(key);
  }

  insert(text: string): LineAction {
    return this.replace(this.cursor, this.cursor, text);
  }

  /** Replaces a range and puts the cursor behind what was put in. */
  replace(from: number, to: number, text: string): LineAction {
    this.text = this.text.slice(0, from) + text + this.text.slice(to);
    this.cursor = from + text.length;
    return 'changed';
  }

  /** Takes the line as typed: it goes to the history, and a new one begins. */
  take(): string {
    const line = this.text;
    if (line.trim() !== '' && this.#history.at(-1) !== line) this.#history.push(line);
    this.reset();
    return line;
  }

  /** Goes on with a line that was taken. */
  resume(line: string): void {
    if (this.#history.at(-1) === line) this.#history.pop();
    this.reset();
    this.insert(line);
  }

  reset(): void {
    this.text = '';
    this.cursor = 0;
    this.#at = this.#history.length;
    this.#draft = '';
  }

  /** Moves to an offset. */
  moveTo(cursor: number): LineAction {
    this.cursor = Math.min(Math.max(cursor, 0), this.text.length);
    return 'changed';
  }

  /** Cuts a range out; {@link yank} puts it back. */
  kill(from: number, to: number): LineAction {
    if (from === to) return 'none';
    this.#killed = this.text.slice(from, to);
    this.replace(from, to, '');
    return 'changed';
  }

  yank(): LineAction {
    return this.insert(this.#killed);
  }

  /** Goes to an earlier (-1) or later (1) line. */
  recall(by: -1 | 1): LineAction {
    const next = this.#at + by;
    if (next < 0 || next > this.#history.length) return 'none';
    if (this.#at === this.#history.length) this.#draft = this.text;
    this.#at = next;
    this.text = this.#history[next] ?? this.#draft;
    return this.moveTo(this.text.length);
  }

  /** The offset one character on; what a person sees as one is one. */
  step(by: -1 | 1): number {
    if (by > 0) {
      const [next] = graphemes.segment(this.text.slice(this.cursor));
      return this.cursor + (next?.segment.length ?? 0);
    }
    const last = [...graphemes.segment(this.text.slice(0, this.cursor))].at(-1);
    return this.cursor - (last?.segment.length ?? 0);
  }

  /** The offset one word on. */
  word(by: -1 | 1): number {
    if (by > 0) return this.cursor + (/^[^\p{L}\p{N}]*[\p{L}\p{N}]*/u.exec(this.text.slice(this.cursor))?.[0].length ?? 0);
    return this.cursor - (/[\p{L}\p{N}]*[^\p{L}\p{N}]*$/u.exec(this.text.slice(0, this.cursor))?.[0].length ?? 0);
  }
}

const pasteStart = '\x1b[200~';
const pasteEnd = '\x1b[201~';

const edits: Record<string, (line: LineEditor) => LineAction> = {
  '\r': () => 'submit',
  '\n': () => 'submit',
  '\t': () => 'complete',
  '\x03': () => 'interrupt',
  '\x0c': () => 'clear',
  '\x04': (line) => (line.text === '' ? 'end' : line.replace(line.cursor, line.step(1), '')),
  '\x7f': (line) => line.replace(line.step(-1), line.cursor, ''),
  '\b': (line) => line.replace(line.step(-1), line.cursor, ''),
  '\x1b[3~': (line) => keepCursor(line, () => line.replace(line.cursor, line.step(1), '')),
  '\x01': (line) => line.moveTo(0),
  '\x1b[H': (line) => line.moveTo(0),
  '\x1bOH': (line) => line.moveTo(0),
  '\x05': (line) => line.moveTo(line.text.length),
  '\x1b[F': (line) => line.moveTo(line.text.length),
  '\x1bOF': (line) => line.moveTo(line.text.length),
  '\x02': (line) => line.moveTo(line.step(-1)),
  '\x1b[D': (line) => line.moveTo(line.step(-1)),
  '\x06': (line) => line.moveTo(line.step(1)),
  '\x1b[C': (line) => line.moveTo(line.step(1)),
  '\x1bb': (line) => line.moveTo(line.word(-1)),
  '\x1b[1;5D': (line) => line.moveTo(line.word(-1)),
  '\x1b[1;3D': (line) => line.moveTo(line.word(-1)),
  '\x1bf': (line) => line.moveTo(line.word(1)),
  '\x1b[1;5C': (line) => line.moveTo(line.word(1)),
  '\x1b[1;3C': (line) => line.moveTo(line.word(1)),
  '\x0b': (line) => line.kill(line.cursor, line.text.length),
  '\x15': (line) => line.kill(0, line.cursor),
  '\x17': (line) => line.kill(line.cursor - (/\S*\s*$/.exec(line.text.slice(0, line.cursor))?.[0].length ?? 0), line.cursor),
  '\x1b\x7f': (line) => line.kill(line.word(-1), line.cursor),
  '\x1bd': (line) => keepCursor(line, () => line.kill(line.cursor, line.word(1))),
  '\x19': (line) => line.yank(),
  '\x10': (line) => line.recall(-1),
  '\x1b[A': (line) => line.recall(-1),
  '\x0e': (line) => line.recall(1),
  '\x1b[B': (line) => line.recall(1),
};

function keepCursor(line: LineEditor, edit: () => LineAction): LineAction {
  const { cursor } = line;
  const action = edit();
  line.moveTo(cursor);
  return action;
}

/** Cuts what a terminal sends into keys: escape sequences, a whole bracketed paste, and runs of characters. */
export function splitKeys(data: string): string[] {
  // oxlint-disable-next-line no-control-regex
  return data.match(/\x1b\[200~[\s\S]*?(?:\x1b\[201~|$)|\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|\x1b[\s\S]|[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+/g) ?? [];
}
