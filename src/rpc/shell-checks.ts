import type { IFileSystem } from 'just-bash';
import { FsError } from '../base/errors.ts';

/** What a shell may be given, wherever it runs. */
const OPTIONS = 'cwd, env, timeoutMs, executionLimits, commands, customCommands, fetch, network, python, javascript, logger'.split(', ');
/** What one of its command lines may be given. */
const EXEC_OPTIONS = ['cwd', 'env', 'stdin', 'timeoutMs', 'signal'];

/**
 * Answers what checks a command line and its options before it begins, and the shell's directory with the first. It is loaded with the interpreter: a page's first load has no
 * room for it.
 *
 * @throws FsError EINVAL for an option there is not
 */
export function checksOf(options: { cwd?: string }, fs: Pick<IFileSystem, 'stat'>): (command: unknown, given: object) => Promise<void> {
  checkNames('bash', 'fs.bash()', options, OPTIONS);
  const { cwd } = options;
  let wasThere = cwd === undefined;
  return async (command, given) => {
    if (typeof command !== 'string') {
      throw new FsError('EINVAL', 'exec', JSON.stringify(command) ?? String(command), { hint: 'a command line is a string, such as "ls -l"' });
    }
    checkNames('exec', 'exec()', given, EXEC_OPTIONS);
    if (wasThere || cwd === undefined) return;
    await requireDirectory(fs, cwd);
    // What is removed later the commands themselves tell.
    wasThere = true;
  };
}

/** @throws FsError EINVAL for an option there is not */
function checkNames(syscall: string, call: string, options: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || names.includes(name)) continue;
    throw new FsError('EINVAL', syscall, name, { hint: `${call} has no such option; there are ${names.join(', ')}` });
  }
}

/** @throws FsError ENOENT or ENOTDIR where a shell can't begin */
async function requireDirectory(fs: Pick<IFileSystem, 'stat'>, cwd: string): Promise<void> {
  const hint = 'make it first, or give fs.bash({ cwd }) a directory that is there';
  const stat = await fs.stat(cwd).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('ENOENT')) throw new FsError('ENOENT', 'chdir', cwd, { hint, cause: error });
    // A network that is away, say: commands that need it tell.
    return null;
  });
  if (stat !== null && !stat.isDirectory) throw new FsError('ENOTDIR', 'chdir', cwd, { hint });
}
