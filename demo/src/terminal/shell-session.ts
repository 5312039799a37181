import type { CommandResult, Shell } from '../workspace/client.ts';

/** A command in a terminal may take longer than one in a program. */
const timeoutMs = 10 * 60_000;

/** Commands one after another as in one shell: each begins with the directory and the variables the one before ended with. */
export class ShellSession {
  cwd: string;
  readonly #shell: Shell;
  #env: Record<string, string> = {};

  constructor(shell: Shell, cwd: string) {
    this.#shell = shell;
    this.cwd = cwd;
  }

  async run(command: string, signal: AbortSignal): Promise<CommandResult> {
    const result = await this.#shell.exec(command, { signal, cwd: this.cwd, env: this.#env, timeoutMs });
    // One that was broken off, or that the shell couldn't read, says nothing; things stay as they were.
    const { PWD: cwd } = result.env;
    if (cwd === undefined) return result;
    this.cwd = cwd;
    this.#env = result.env;
    return result;
  }
}
