import type { Terminal } from '@xterm/xterm';
import type { CommandResult } from '../workspace/client.ts';
import { describeError } from '../workspace/errors.ts';
import type { Ide } from '../workspace/ide.ts';
import { relativeTo } from '../workspace/paths.ts';
import { commandNames, helpText, hintFor, plainLimits, wrapWords } from './commands.ts';
import { complete } from './completion.ts';
import { drawLine, type Place } from './draw-line.ts';
import { LineEditor, splitKeys } from './line-editor.ts';
import { lacksEnd, needsMore } from './needs-more.ts';
import { ShellSession } from './shell-session.ts';

const dim = (text: string): string => `\x1b[2m${text}\x1b[0m`;
const red = (text: string): string => `\x1b[31m${text}\x1b[0m`;
const keptLines = 500;

/** Joins a screen, a line editor and a shell: a prompt, what is typed at it, and what commands print. */
export class Console {
  readonly #screen: Terminal;
  readonly #ide: Ide;
  readonly #session: ShellSession;
  readonly #line: LineEditor;
  readonly #onRunning: (running: boolean) => void;
  #drawn: Place = { row: 0, column: 0 };
  #running: AbortController | null = null;
  /** What was typed while a command ran. */
  #ahead: string[] = [];
  #lastStatus = 0;
  #lastKey = '';

  constructor(screen: Terminal, ide: Ide, onRunning: (running: boolean) => void) {
    this.#screen = screen;
    this.#ide = ide;
    this.#onRunning = onRunning;
    const { workspace } = ide;
    this.#session = new ShellSession(workspace.shell(), workspace.root);
    this.#line = new LineEditor(readHistory(this.#historyKey));
  }

  start(): void {
    const { place } = this.#ide.workspace;
    const banner = `bash over ${place.org}/${place.repo}, run beside the data: ls, grep, sed, awk, jq … “help” lists the commands, Tab completes.`;
    this.#note(banner);
    // Pastes come in one piece.
    this.#screen.write('\x1b[?2004h');
    this.#screen.onData((data) => void this.#type(data));
    this.#screen.onResize(() => this.#running ?? this.#draw());
    this.#draw();
  }

  stop(): void {
    this.#running?.abort();
  }

  get #historyKey(): string {
    const { place } = this.#ide.workspace;
    return `mesafs-ide.history.${place.org}/${place.repo}`;
  }

  get #prompt(): string {
    const where = relativeTo(this.#ide.workspace.root, this.#session.cwd);
    const shown = where === '' ? this.#ide.workspace.place.repo : where.startsWith('/') ? where : `${this.#ide.workspace.place.repo}/${where}`;
    return `\x1b[1;34m${shown}\x1b[0m ${this.#lastStatus === 0 ? '\x1b[32m' : '\x1b[31m'}$\x1b[0m `;
  }

  /** The last column stays free: a line that fills it looks cut off. */
  get #width(): number {
    return this.#screen.cols - 1;
  }

  async #type(data: string): Promise<void> {
    for (const key of splitKeys(data)) {
      if (!this.#running) await this.#press(key);
      else if (key === '\x03') this.#interrupt();
      else this.#ahead.push(key);
    }
  }

  /** Breaks the command off, and drops what was typed for after it. */
  #interrupt(): void {
    this.#ahead = [];
    this.#running?.abort();
  }

  async #press(key: string): Promise<void> {
    const action = this.#line.press(key);
    const again = this.#lastKey === key;
    this.#lastKey = key;
    switch (action) {
      case 'changed':
        return this.#draw();
      case 'clear':
        this.#screen.write('\x1b[2J\x1b[3J\x1b[H');
        this.#drawn = { row: 0, column: 0 };
        return this.#draw();
      case 'interrupt':
        this.#line.moveTo(this.#line.text.length);
        this.#draw();
        this.#screen.write('^C\r\n');
        this.#line.reset();
        this.#lastStatus = 130;
        return this.#fresh();
      case 'end':
        return this.#ide.toggleTerminal();
      case 'complete':
        return this.#complete(again);
      case 'submit':
        if (needsMore(this.#line.text)) {
          this.#line.moveTo(this.#line.text.length);
          this.#line.insert('\n');
          return this.#draw();
        }
        this.#submit();
        return;
      case 'none':
    }
  }

  #draw(): void {
    const { output, cursor } = drawLine(this.#prompt, this.#line.text, this.#line.cursor, this.#screen.cols, this.#drawn);
    this.#drawn = cursor;
    this.#screen.write(output);
  }

  /** Begins a prompt on a line of its own. */
  #fresh(): void {
    this.#drawn = { row: 0, column: 0 };
    this.#draw();
  }

  #submit(): void {
    this.#line.moveTo(this.#line.text.length);
    this.#draw();
    this.#screen.write('\r\n');
    const command = this.#line.take();
    writeHistory(this.#historyKey, this.#line.history);
    if (command.trim() === '') return this.#fresh();
    if (command.trim() === 'clear') {
      this.#screen.write('\x1b[2J\x1b[3J\x1b[H');
      return this.#fresh();
    }
    if (command.trim() === 'help') {
      this.#print(helpText(this.#width, this.#ide.workspace.place.bookmark));
      this.#lastStatus = 0;
      return this.#fresh();
    }
    if (command.trim() === 'exit') {
      this.#fresh();
      return this.#ide.toggleTerminal();
    }
    void this.#run(command);
  }

  async #run(command: string): Promise<void> {
    this.#running = new AbortController();
    this.#onRunning(true);
    let isRead = true;
    try {
      const result = await this.#session.run(command, this.#running.signal);
      isRead = !lacksEnd(command, result);
      if (isRead) this.#show(result, this.#running.signal);
    } catch (error) {
      this.#lastStatus = 1;
      this.#print(describeError(error).message, red);
    } finally {
      this.#running = null;
      this.#onRunning(false);
    }
    if (isRead) {
      this.#fresh();
      // What it wrote makes no events here: they tell of others' edits.
      void this.#ide.workspace.refreshAll();
    } else this.#goOn(command);
    const ahead = this.#ahead.splice(0).join('');
    if (ahead !== '') await this.#type(ahead);
  }

  #show({ stdout, stderr, exitCode }: CommandResult, signal: AbortSignal): void {
    this.#lastStatus = exitCode;
    if (stdout !== '') this.#print(stdout);
    if (signal.aborted) this.#screen.write('^C\r\n');
    else if (stderr !== '') this.#print(plainLimits(stderr), red);
    const hint = hintFor(stderr, this.#ide.workspace.place.bookmark);
    if (hint !== null) this.#note(hint);
  }

  /** Asks on for a command line that lacks its end, where it stands. */
  #goOn(command: string): void {
    this.#line.resume(command);
    this.#line.insert('\n');
    // The cursor is in the row behind it.
    this.#drawn = { row: this.#drawn.row + 1, column: 0 };
    this.#draw();
  }

  /** Says something of the terminal’s own. */
  #note(text: string): void {
    this.#print(wrapWords(text, this.#width).join('\n'), dim);
  }

  #print(text: string, paint: (text: string) => string = (plain) => plain): void {
    const lines = text.replace(/\n$/, '').split('\n');
    this.#screen.write(`${lines.map(paint).join('\r\n')}\r\n`);
  }

  async #complete(again: boolean): Promise<void> {
    const before = this.#line.text.slice(0, this.#line.cursor);
    const { from, words, common } = await complete(this.#ide.workspace.fs, this.#session.cwd, before, commandNames);
    // Something else was typed in the meantime.
    if (this.#line.text.slice(0, this.#line.cursor) !== before) return;
    if (common.length > before.length - from) {
      this.#line.replace(from, this.#line.cursor, common);
      return this.#draw();
    }
    if (words.length < 2 || !again) return;
    const names = words.map((word) => word.trimEnd().replace(/^.*\/(?=.)/, ''));
    this.#screen.write(`\r\n${dim(columns(names, this.#screen.cols))}\r\n`);
    this.#fresh();
  }
}

function columns(names: readonly string[], width: number): string {
  const cell = Math.max(...names.map((name) => name.length)) + 2;
  const perLine = Math.max(1, Math.floor(width / cell));
  const lines: string[] = [];
  for (let at = 0; at < names.length; at += perLine)
    lines.push(
      names
        .slice(at, at + perLine)
        .map((name) => name.padEnd(cell))
        .join(''),
    );
  return lines.map((line) => line.trimEnd()).join('\r\n');
}

function readHistory(key: string): string[] {
  try {
    const lines: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return Array.isArray(lines) ? lines.filter((line) => typeof line === 'string') : [];
  } catch {
    return [];
  }
}

function writeHistory(key: string, lines: readonly string[]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(lines.slice(-keptLines)));
  } catch {
    // Without storage the history lasts as long as the page.
  }
}
