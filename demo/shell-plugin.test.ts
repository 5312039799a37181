import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeShell } from './shell-plugin.ts';
import type { ShellManifest } from './src/offline/shell.ts';

function built(files: Record<string, string>): ShellManifest {
  const folder = mkdtempSync(join(tmpdir(), 'mesafs-shell-'));
  try {
    mkdirSync(join(folder, 'assets'));
    for (const [path, text] of Object.entries({ 'sw.js': 'code', ...files })) writeFileSync(join(folder, path), text);
    writeShell(folder);
    const [first = '', code] = readFileSync(join(folder, 'sw.js'), 'utf8').split('\n');
    expect(code).toBe('code');
    return JSON.parse(first.replace('globalThis.mesafsShell=', '').replace(/;$/, '')) as ShellManifest;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const files = { 'index.html': '<p>', 'assets/a.wasm': 'wasm', '.built-from': 'stamp' };

test('the list has all files but the page, the worker itself and hidden ones', () => {
  const { files: listed, page } = built(files);
  expect(listed).toEqual(['assets/a.wasm']);
  expect(page).toBe(`sha256-${createHash('sha256').update('<p>').digest('base64')}`);
});

test('another byte anywhere is another build', () => {
  const names = [files, { ...files, 'assets/a.wasm': 'wasn' }, { ...files, 'index.html': '<b>' }].map((all) => built(all).build);
  expect(new Set(names).size).toBe(3);
  expect(built(files).build).toBe(names[0]);
});
