import type { CommandResult, Shell } from '../workspace/client.ts';

/** A command in a terminal may take longer than one in a program. */
const timeoutMs = 10 * 60_000;

/** Variables the shell sets itself; carrying them over would only get in its way. */
const own = new Set([
  '?',
  '_',
  'BASHOPTS',
  'SHELLOPTS',
  'HOME',
  'HOSTNAME',
  'HOSTTYPE',
  'IFS',
  'MACHTYPE',
  'OPTIND',
  'OSTYPE',
  'PATH',
  'PIPESTATUS',
  'PWD',
  'mesafs_status',
]);

/**
 * Commands one after another as in one shell. The shell beside the data runs each in its first directory and environment, so every
 * command tells, behind its output, where it ended and which variables there are, and the next one begins with that.
 */
export class ShellSession {
  cwd: string;
  readonly #shell: Shell;
  readonly #mark: string;
  #variables = '';

  constructor(shell: Shell, cwd: string, mark: string) {
    this.#shell = shell;
    this.cwd = cwd;
    this.#mark = mark;
  }

  async run(command: string, signal: AbortSignal): Promise<CommandResult> {
    const tail = `mesafs_status=$?\nprintf '\\n%s%s\\n' '${this.#mark}' "$PWD"\ndeclare -p\nexit $mesafs_status`;
    const result = await this.#shell.exec(`${this.#variables}${command}\n${tail}`, { signal, cwd: this.cwd, timeoutMs });
    const at = result.stdout.lastIndexOf(`\n${this.#mark}`);
    // A command that left by itself, or that the shell couldn't read, says nothing; things stay as they were.
    if (at < 0) return result;
    const [cwd = this.cwd, ...variables] = result.stdout.slice(at + 1 + this.#mark.length).split('\n');
    this.cwd = cwd;
    this.#variables = variables
      .filter(isCarried)
      .map((line) => `${line}\n`)
      .join('');
    return { ...result, stdout: result.stdout.slice(0, at) };
  }
}

function isCarried(declaration: string): boolean {
  const found = /^declare -(\S+) ([^=\s]+)=/.exec(declaration);
  return found?.[2] !== undefined && !own.has(found[2]) && !found[1]?.includes('r');
}
