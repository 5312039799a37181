import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Core } from '../../../src/core/load.ts';
import { encodeFrames, FRAMES_TYPE, readFrames } from '../../../src/wire/frames.ts';
import type { OpsReply, WireEntry } from '../../../src/wire/operations.ts';
import { operationFrame } from '../../../src/wire/operations.ts';

/** Requests under way at a time, each with one operation of a client of its own. */
const CLIENTS = 64;

/** What is measured, and on what. */
export interface ThroughputOptions {
  core: Core;
  apiUrl: string;
  key: string;
  seconds: number;
}

/** What came of it. */
export interface Throughput {
  /** Operations the server accepted in a second. */
  perSecond: number;
  /** Milliseconds until one was answered. */
  p50: number;
  p99: number;
}

/** Clients that each write to a file of their own, one operation a request and one request at a time, all on one change. The backend has to be empty. */
export async function measureThroughput({ core, apiUrl, key, seconds }: ThroughputOptions): Promise<Throughput> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const send = (path: string, body: Uint8Array | string, type: string): Promise<Uint8Array> => post(agent, `${apiUrl}${path}`, key, body, type);
  await send('/acme/repos', JSON.stringify({ name: 'app' }), 'application/json');
  const first = new Client(core, 0);
  await send('/acme/app/-/ops', first.next({ bookmark: 'main', newChange: 'k'.repeat(32) }), FRAMES_TYPE);
  let change = '';
  for await (const frame of readFrames(await send('/acme/app/-/open', JSON.stringify({ paths: [] }), 'application/json')))
    if (frame.type === 'header') change = String(frame.value['change']);
  const times: number[] = [];
  const run = async (client: Client, end: number, counted: boolean): Promise<void> => {
    while (performance.now() < end) {
      const began = performance.now();
      const reply = JSON.parse(Buffer.from(await send('/acme/app/-/ops', client.next({ change }), FRAMES_TYPE)).toString()) as OpsReply;
      if (reply.results[0]?.ok !== true) throw new Error(`An operation was refused: ${JSON.stringify(reply.results[0])}`);
      if (counted) times.push(performance.now() - began);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, index) => new Client(core, index + 1));
  const all = async (ms: number, counted: boolean): Promise<void> => {
    const end = performance.now() + ms;
    await Promise.all(clients.map((client) => run(client, end, counted)));
  };
  await all(1_000, false);
  const began = performance.now();
  await all(seconds * 1_000, true);
  const took = performance.now() - began;
  agent.destroy();
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { perSecond: (times.length * 1_000) / took, p50: at(0.5), p99: at(0.99) };
}

/** Writes one file again and again, each time on top of what it wrote before. */
class Client {
  readonly #core: Core;
  readonly #path: string;
  readonly #name = randomBytes(16).toString('base64url');
  #seq = 0;
  #was: WireEntry | null = null;

  constructor(core: Core, index: number) {
    this.#core = core;
    this.#path = `src/file-${index}.txt`;
  }

  /** The body of a request with its next operation. */
  next(target: { change: string } | { bookmark: string; newChange: string }): Uint8Array {
    this.#seq += 1;
    const bytes = new TextEncoder().encode(`${this.#path}, version ${this.#seq}\n`);
    const entry: WireEntry = { oid: this.#core.hashObject('blob', bytes), mode: 0o100644 };
    const edit = { type: 'write' as const, path: this.#path, was: [this.#was], entry: [entry] };
    this.#was = entry;
    return encodeFrames([
      { type: 'header', value: { client: this.#name } },
      operationFrame({ seq: this.#seq, kind: 'files', target, edits: [edit] }),
      { type: 'object', kind: 'blob', oid: entry.oid, bytes },
    ]);
  }
}

/** Sends a body over a connection that is kept, and reads the answer: with less around it than fetch has, since what is measured is the other end. */
function post(agent: Agent, url: string, key: string, body: Uint8Array | string, type: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
    const asked = request(url, { agent, method: 'POST', headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        const bytes = Buffer.concat(chunks);
        if ((answer.statusCode ?? 500) < 300) resolve(bytes);
        else reject(new Error(`${url} answered ${answer.statusCode}: ${bytes.toString()}`));
      });
    });
    asked.once('error', reject);
    asked.end(body);
  });
}
