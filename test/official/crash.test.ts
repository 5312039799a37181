import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Core } from '../../src/core/load.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import type { Head } from '../../src/wire/events.ts';
import { encodeFrames, FRAMES_TYPE, readFrames } from '../../src/wire/frames.ts';
import type { Operation, OpResult, OpsReply } from '../../src/wire/operations.ts';
import { operationFrame } from '../../src/wire/operations.ts';

const cli = fileURLToPath(new URL('../../worker/cli.ts', import.meta.url));
const IN_FLIGHT = 50;
/** `npm run crash -- --server 200` asks for more. */
const ROUNDS = Number(process.env['MESAFS_CRASH_ROUNDS'] ?? 4);

let core: Core;
let dataDir: string;
let child: ChildProcess | undefined;
let url: string;
let key: string;

beforeEach(async () => {
  core = await loadNodeCore();
  dataDir = mkdtempSync(join(tmpdir(), 'mesafs-crash-'));
});

afterEach(async () => {
  await kill();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Starts the server in a process of its own, and waits until it says where it is. */
async function start(): Promise<void> {
  const started = spawn(process.execPath, [cli, 'serve', '--port', '0', '--data', dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  url = await new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      key = /mesa_\S+/.exec(output)?.[0] ?? key;
      const address = /http:\S+\/v1/.exec(output)?.[0];
      if (address !== undefined && key !== undefined) resolve(address);
    };
    started.stdout.on('data', read);
    started.stderr.on('data', read);
    started.on('exit', () => reject(new Error(`the server ended: ${output}`)));
  });
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child?.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

const call = (path: string, init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {}): Promise<Response> =>
  fetch(`${url}${path}`, { ...init, headers: { Authorization: `Bearer ${key}`, ...init.headers } });

/** A write of a file of its own by a client of its own, always in the same bytes. */
interface Write {
  path: string;
  text: string;
  body: Uint8Array<ArrayBuffer>;
}

function newWrite(change: string): Write {
  const text = randomBytes(12).toString('hex');
  const path = `files/${text.slice(0, 2)}/${text}`;
  const bytes = new TextEncoder().encode(text);
  const oid = core.hashObject('blob', bytes);
  const operation: Operation = {
    seq: 1,
    kind: 'files',
    target: { bookmark: 'main', newChange: change },
    edits: [{ type: 'write', path, was: [null], entry: [{ oid, mode: 0o100644 }] }],
  };
  const client = randomBytes(16).toString('base64url');
  return { path, text, body: encodeFrames([{ type: 'header', value: { client } }, operationFrame(operation), { type: 'object', kind: 'blob', oid, bytes }]) };
}

async function send({ body }: Write): Promise<OpResult | undefined> {
  const response = await call('/acme/app/-/ops', { method: 'POST', body, headers: { 'Content-Type': FRAMES_TYPE } });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as OpsReply).results[0];
}

async function head(): Promise<Head> {
  const response = await call('/acme/app/-/open', { method: 'POST', body: JSON.stringify({ paths: [] }) });
  for await (const frame of readFrames(response.body ?? new Uint8Array(0))) if (frame.type === 'header') return frame.value as unknown as Head;
  throw new Error('no head');
}

test('a server killed among writes has lost none it acknowledged, and does none twice', { timeout: 120_000 + ROUNDS * 30_000 }, async () => {
  await start();
  await call('/acme/repos', { method: 'POST', body: JSON.stringify({ name: 'app' }) });
  const first = newWrite('k'.repeat(32));
  await send(first);
  const { repoSeq: before, change } = await head();
  const all: Write[] = [first];
  let unanswered = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const writes = Array.from({ length: IN_FLIGHT }, () => newWrite(change));
    all.push(...writes);
    const acknowledged = new Map<Write, OpResult>();
    const enough = Promise.withResolvers<void>();
    const sending = Promise.allSettled(
      writes.map(async (write) => {
        const result = await send(write);
        if (result !== undefined) acknowledged.set(write, result);
        if (acknowledged.size > (round * 13) % (IN_FLIGHT - 8)) enough.resolve();
      }),
    );
    await enough.promise;
    await kill();
    await sending;
    unanswered += writes.length - acknowledged.size;

    await start();
    for (const [write, result] of acknowledged) {
      const content = await call(`/acme/app/content?path=${write.path}`, { headers: { Accept: 'application/octet-stream' } });
      expect([content.status, await content.text()]).toEqual([200, write.text]);
      expect(await send(write)).toEqual({ ...result, replayed: true });
    }
    for (const write of writes) expect(await send(write)).toMatchObject({ ok: true });
  }
  expect(unanswered, 'some writes were under way when the server was killed').toBeGreaterThan(0);
  expect((await head()).repoSeq).toBe(before + ROUNDS * IN_FLIGHT);
  const listing = (await (await call('/acme/app/content')).json()) as { entries: { type: string; path: string }[] };
  const paths = listing.entries.filter(({ type }) => type === 'file').map(({ path }) => path);
  expect(paths).toEqual(all.map(({ path }) => path).toSorted());

  await kill();
  const database = new DatabaseSync(join(dataDir, 'mesafs.sqlite'));
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
  console.log(`killed ${ROUNDS} times, ${all.length} writes, ${unanswered} under way when it was killed`);
});
