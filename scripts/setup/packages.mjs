import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, root } from '../lib/places.mjs';
import { run } from '../lib/run.mjs';

const stamp = join(root, 'node_modules/.mesafs-setup');
const wanted = () => fingerprint([join(root, 'package-lock.json'), join(root, 'package.json'), join(root, '.npmrc')], process.arch);

/** The npm packages, exactly as locked. @type {import('./steps.mjs').Step} */
export const packages = {
  name: 'npm packages',
  takes: 'about 40 s',
  have: () => (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted() ? 'as locked' : null),
  async get() {
    await run('npm', ['ci', '--no-progress'], { cwd: root });
    writeFileSync(stamp, wanted());
    return 'installed as locked';
  },
};
