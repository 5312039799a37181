import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'vite';

/** The service worker's file. */
export const SHELL_WORKER = 'sw.js';

/** Tells the service worker, once everything is written, what the build consists of. */
export function shellPlugin(): Plugin {
  return {
    name: 'mesafs-shell',
    apply: 'build',
    writeBundle: { order: 'post', handler: ({ dir }) => (dir === undefined ? undefined : writeShell(dir)) },
  };
}

/** Puts the list of a build's files in front of its service worker. A build is named by the contents of all its files. */
export function writeShell(folder: string): void {
  const hashOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => path !== SHELL_WORKER)
    .toSorted();
  const build = createHash('sha256');
  for (const path of all) build.update(`${path}\0`).update(hashOf(readFileSync(join(folder, path))));
  const code = readFileSync(join(folder, SHELL_WORKER), 'utf8');
  const manifest = {
    build: build.update(code).digest('hex').slice(0, 16),
    files: all.filter((path) => path !== 'index.html'),
    page: `sha256-${hashOf(readFileSync(join(folder, 'index.html'))).toString('base64')}`,
  };
  writeFileSync(join(folder, SHELL_WORKER), `globalThis.mesafsShell=${JSON.stringify(manifest)};\n${code}`);
}
