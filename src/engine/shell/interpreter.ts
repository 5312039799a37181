import type { Bash, CommandName, CustomCommand } from 'just-bash';
import type { Clock } from '../../base/env.ts';
import { NullDeviceFs } from '../../rpc/null-device.ts';
import { checksOf } from '../../rpc/shell-checks.ts';
import type { ShellOptions } from '../../rpc/types.ts';
import type { Mount } from '../mount/mount.ts';
import { runLine } from './command-line.ts';
import { ShellFs } from './fs.ts';
import type { BashModule, Shell } from './shells.ts';

/** Milliseconds a command line may take. */
const TIMEOUT = 30_000;

/** Makes a shell of a mount. Loaded when the first is opened. @throws Error for options it does not take */
export async function interpreterOf(
  mount: Mount,
  clock: Clock,
  { Bash: BashClass, InMemoryFs }: BashModule,
  options: ShellOptions,
  wasi?: CustomCommand,
): Promise<Shell> {
  const { cwd = '/', env, executionLimits, commands, timeoutMs = TIMEOUT } = options;
  // The device itself is laid over it.
  const scratch = new InMemoryFs({ '/dev/null': '' });
  await scratch.mkdir('/tmp');
  const files = (): ShellFs => new ShellFs(mount, scratch);
  const bash = (fs: ShellFs): Bash =>
    new BashClass({
      fs: new NullDeviceFs(fs),
      cwd,
      ...(env === undefined ? {} : { env }),
      ...(executionLimits === undefined ? {} : { executionLimits }),
      ...(commands === undefined ? {} : { commands: commands as CommandName[] }),
      ...(wasi === undefined ? {} : { customCommands: [wasi] }),
      // It replaces globals (WeakRef among them) while a script runs, which breaks fetch. Scripts are interpreted; none becomes code of this realm.
      defenseInDepth: false,
    });
  const check = checksOf(options, files());
  // Options that it does not take are told now.
  bash(files());
  return { run: (command, given, canceled) => runLine({ clock, bash, files, check, timeoutMs }, command, given, canceled) };
}
