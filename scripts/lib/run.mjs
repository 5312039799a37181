import { spawn, spawnSync } from 'node:child_process';

/** Runs a command to its end; its output is shown only when it fails. Rejects with the last lines and what was run. */
export function run(command, args, { cwd, env, timeoutMs, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-20_000));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', (error) => reject(new CommandError(command, args, error.message)));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else reject(new CommandError(command, args, `${signal ? `ended by ${signal}` : `exit code ${code}`}\n${output.trim()}`));
    });
  });
}

/** What a short command prints, trimmed, or `null` when it fails or is not there. */
export function capture(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** Tells that a command failed, with its own last words. */
export class CommandError extends Error {
  constructor(command, args, what) {
    super(`${command} ${args.join(' ')}: ${what}`);
    this.name = 'CommandError';
  }
}
