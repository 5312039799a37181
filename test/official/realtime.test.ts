import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Mesa } from '../../src/runtime/node.ts';
import type { Server } from '../../worker/node.ts';
import { serve } from '../../worker/node.ts';

// The flow of Mesa's own page on realtime, step by step, on a real server: mount, change.edit, subscribe, an edit from elsewhere, a race, markers,
// resolving by editing, unsubscribe.

const dataDir = mkdtempSync(join(tmpdir(), 'mesafs-realtime-'));
let server: Server;
beforeAll(async () => {
  server = await serve({ port: 0, dataDir });
  process.env['MESA_API_KEY'] = server.adminKey ?? '';
  process.env['MESA_API_URL'] = `${server.url}/v1`;
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const README = '/acme/app/README.md';

test('the realtime page runs as written', async () => {
  const mesa = new Mesa({ apiKey: process.env['MESA_API_KEY'] ?? '', org: 'acme' });
  await mesa.repos.create({ name: 'app' });
  const fs = await mesa.fs.mount({ repos: [{ name: 'app', bookmark: 'main' }], mode: 'rw' });
  await fs.writeFile(README, 'title\nprevious content\nend\n');
  await fs.change.edit({ repo: 'app', bookmark: 'main' });
  expect(await fs.readFile(README, 'utf8')).toBe('title\nprevious content\nend\n');

  const heard: { path: string; recursive: boolean; text: string }[] = [];
  const subscription = fs.subscribe(async (event) => {
    // The callback runs after the changed state is visible through this handle.
    heard.push({ path: event.path, recursive: event.recursive, text: await fs.readFile(event.path, 'utf8') });
  });

  // An active mount on the same change, as on another host.
  const elsewhere = await new Mesa().fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
  await elsewhere.change.edit({ repo: 'app', bookmark: 'main' });
  await elsewhere.writeFile(README, 'title\nedited elsewhere\nend\n');
  await vi.waitFor(() => expect(heard).toEqual([{ path: README, recursive: false, text: 'title\nedited elsewhere\nend\n' }]));

  // Racing edits: neither has seen the other's.
  await Promise.all([fs.writeFile(README, 'title\ncontent from one writer\nend\n'), elsewhere.writeFile(README, 'title\ncontent from another writer\nend\n')]);
  await vi.waitFor(async () => {
    const text = await fs.readFile(README, 'utf8');
    expect(await elsewhere.readFile(README, 'utf8')).toBe(text);
    expect(text).toMatch(/^<{7} conflict 1 of 1$/m);
    expect(text).toMatch(/^-{7} base\nedited elsewhere$/m);
    for (const side of ['content from one writer', 'content from another writer']) expect(text).toContain(`\n${side}\n`);
  });

  // Resolve the conflict by simply editing the file again.
  await fs.writeFile(README, 'title\nresolved\nend\n');
  await vi.waitFor(async () => expect(await elsewhere.readFile(README, 'utf8')).toBe('title\nresolved\nend\n'));

  subscription.unsubscribe();
  const before = heard.length;
  await elsewhere.writeFile(README, 'title\nafter the end\nend\n');
  await vi.waitFor(async () => expect(await fs.readFile(README, 'utf8')).toBe('title\nafter the end\nend\n'));
  expect(heard).toHaveLength(before);
  await Promise.all([fs.close(), elsewhere.close()]);
});

test.each([
  { title: '300 ms apart, without reading in between: both sides are kept', pause: 300, read: false, kept: true },
  { title: '2 s apart: the later wins', pause: 2_000, read: false, kept: false },
  { title: '300 ms apart, after a read: the later wins', pause: 300, read: true, kept: false },
])('two mounts write one line $title', async ({ pause, read, kept }) => {
  const mesa = new Mesa({ org: 'acme' });
  const mount = { repos: [{ name: 'app', bookmark: 'main' }] };
  const [first, second] = await Promise.all([mesa.fs.mount(mount), new Mesa({ org: 'acme' }).fs.mount(mount)]);
  await first.writeFile(README, 'the line\n');
  await vi.waitFor(async () => expect(await second.readFile(README)).toBe('the line\n'));
  await vi.waitFor(() => expect(second.sync.status.state).toBe('live'));
  await first.writeFile(README, 'first\n');
  // The contract is about time that passes, so it passes here; the suites drive a clock instead.
  await new Promise((resolve) => setTimeout(resolve, pause));
  if (read) expect(await second.readFile(README)).toBe('first\n');
  await second.writeFile(README, 'second\n');
  const text = await second.readFile(README);
  if (kept) {
    expect(text).toContain('+++++++ side #1\nfirst\n------- base\nthe line\n+++++++ side #2\nsecond\n');
  } else {
    expect(text).toBe('second\n');
  }
  await vi.waitFor(async () => expect(await first.readFile(README)).toBe(text));
  await Promise.all([first.close(), second.close()]);
});
