// `npm run jj`: clones an export with the real jj and compares what it sees (test/jj). jj is compiled once for a user, which takes some minutes;
// MESAFS_JJ names another one.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cache, root } from './lib/places.mjs';
import { capture, run } from './lib/run.mjs';

const VERSION = '0.45.1';
const home = join(cache, 'tools', `jj-${VERSION}`);
const program = process.env.MESAFS_JJ ?? join(home, 'bin/jj');

if (!existsSync(program)) {
  console.log(`compiling jj ${VERSION} into ${home}, once for this user`);
  const env = { CARGO_PROFILE_RELEASE_OPT_LEVEL: '1', CARGO_PROFILE_RELEASE_LTO: 'false', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' };
  await run('cargo', ['install', '--quiet', 'jj-cli', '--version', VERSION, '--locked', '--root', home], { env });
}
const version = capture(program, ['--version']) ?? 'no jj';
if (!version.includes(VERSION)) {
  console.error(`${program} is ${version}, not ${VERSION}; set MESAFS_JJ to a jj of that version`);
  process.exit(1);
}
const env = { PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter), MESAFS_JJ: program };
await run('vitest', ['run', '--project', 'jj'], { cwd: root, env, show: true }).catch(() => (process.exitCode = 1));
