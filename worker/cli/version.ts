import { existsSync, readFileSync } from 'node:fs';

/** The package's version: its `package.json` is two folders above the sources, and three above what is built of them. */
export function packageVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    const file = new URL(path, import.meta.url);
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (name === 'mesafs-web' && version !== undefined) return version;
  }
  throw new Error('The package.json of mesafs-web is not where it was installed');
}
