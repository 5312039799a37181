import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const app = mkdtempSync(join(tmpdir(), 'mesafs-package-'));
afterAll(() => rmSync(app, { recursive: true, force: true }));

/** The package as `npm pack` makes it, installed beside what it depends on. */
beforeAll(() => {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', app], { cwd: root, stdio: 'pipe' });
  const installed = join(app, 'node_modules/mesafs-web');
  mkdirSync(installed, { recursive: true });
  const [archive] = readdirSync(app).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', join(app, archive ?? ''), '-C', installed, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    const link = join(app, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }');
}, 180_000);

const node = (...args: string[]): string => execFileSync(process.execPath, args, { cwd: app, encoding: 'utf8' });

test('a project that installs it serves, mounts, writes and runs a shell', () => {
  writeFileSync(
    join(app, 'app.js'),
    `import { Mesa } from 'mesafs-web';
import { loadCore } from 'mesafs-web/core';
import { bootstrapOrg, createHandler, systemEnv } from 'mesafs-web/server';
import { memoryStorage } from 'mesafs-web/server/memory';
const storage = memoryStorage(crypto.randomUUID());
const { adminKey } = await bootstrapOrg(storage, systemEnv(), 'acme');
const handler = await createHandler({ core: await loadCore(), storage });
const mesa = new Mesa({ apiUrl: 'http://backend.test/v1', apiKey: adminKey, fetch: handler });
await mesa.repos.create({ name: 'app' });
const fs = await mesa.fs.mount({ repos: ['app'] });
await fs.writeFile('/acme/app/plan.md', 'ship on Monday\\n');
const bash = fs.bash({ cwd: '/acme/app' });
console.log((await bash.exec('grep -c Monday plan.md')).stdout.trim());
await bash.close();
await fs.close();
await handler.close();
`,
  );
  expect(node('app.js')).toBe('1\n');
});

test('its command runs, and its types are there', () => {
  expect(node('node_modules/mesafs-web/dist/worker/cli.js', '--help')).toContain('mesafs serve');
  const { exports } = JSON.parse(readFileSync(join(app, 'node_modules/mesafs-web/package.json'), 'utf8')) as { exports: object };
  const named = JSON.stringify(exports).match(/"\.\/dist\/[^"]+"/g) ?? [];
  expect(named.length).toBeGreaterThan(10);
  for (const path of named) expect(() => readFileSync(join(app, 'node_modules/mesafs-web', JSON.parse(path) as string))).not.toThrow();
});
