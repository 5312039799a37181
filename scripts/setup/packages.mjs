import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, root } from '../lib/places.mjs';
import { run } from '../lib/run.mjs';

const lock = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules/.mesafs-setup');
const wanted = () => fingerprint([lock, join(root, 'package.json'), join(root, '.npmrc')], process.arch);

/** The npm packages, exactly as locked. @type {import('./steps.mjs').Step} */
export const packages = {
  name: 'npm packages',
  takes: 'about 40 s',
  have: () => (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted() ? 'as locked' : null),
  async get() {
    // Not `npm ci`: it refuses a lock file that lacks other platforms' binaries, and a registry need not offer those. `npm install` keeps every
    // locked version; what it would add to the lock file for this platform is not kept.
    const locked = readFileSync(lock);
    await run('npm', ['install', '--no-progress'], { cwd: root });
    writeFileSync(lock, locked);
    writeFileSync(stamp, wanted());
    return 'installed as locked';
  },
};
