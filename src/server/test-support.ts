import { createHash } from 'node:crypto';
import type { Clock } from '../base/env.ts';
import type { Core } from '../core/load.ts';
import { loadNodeCore } from '../runtime/node-core.ts';
import type { ErrorBody } from '../wire/errors.ts';
import type { Frame } from '../wire/frames.ts';
import { encodeFrames, FRAMES_TYPE, readFrames } from '../wire/frames.ts';
import type { Operation, OpResult, OpsReply, WireEdit, WireTerms } from '../wire/operations.ts';
import { operationFrame } from '../wire/operations.ts';
import type { KeyRights } from './auth/keys.ts';
import { bootstrapOrg, createKey } from './bootstrap.ts';
import type { Handler } from './handler.ts';
import type { HandlerOptions } from './handler-options.ts';
import { createHandler } from './handler.ts';
import type { Storage } from './storage/interface.ts';
import { memoryStorage } from './storage/memory.ts';

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #now: number;
  #timers = new Map<number, { at: number; callback: () => void }>();
  #next = 1;

  constructor(now: number = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  set(callback: () => void, ms: number): number {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + ms, callback });
    return id;
  }

  clear(handle: unknown): void {
    this.#timers.delete(handle as number);
  }

  /** Timers that are set. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets `ms` milliseconds pass; timers that fall due are called, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].callback();
    }
    this.#now = end;
  }
}

/** Bytes that look random and are the same in every run. */
export function seededRandom(seed = 1): (bytes: Uint8Array) => void {
  let count = seed * 1_000_000;
  return (bytes) => {
    for (let at = 0; at < bytes.length; at += 32) {
      const block = createHash('sha256').update(String(count++)).digest();
      bytes.set(block.subarray(0, bytes.length - at), at);
    }
  };
}

/** How a request is sent. */
export interface RequestOptions {
  key?: string;
  headers?: Record<string, string>;
}

/** A backend for one test, with an org `acme` and a way to call it. */
export class TestBackend {
  readonly core: Core;
  readonly storage: Storage;
  readonly clock: ManualClock;
  readonly random: (bytes: Uint8Array) => void;
  readonly handler: Handler;
  readonly adminKey: string;
  readonly orgId: string;
  /** What went wrong unexpectedly. */
  readonly logged: unknown[];

  private constructor(parts: {
    core: Core;
    storage: Storage;
    clock: ManualClock;
    random: (bytes: Uint8Array) => void;
    handler: Handler;
    adminKey: string;
    orgId: string;
    logged: unknown[];
  }) {
    this.core = parts.core;
    this.storage = parts.storage;
    this.clock = parts.clock;
    this.random = parts.random;
    this.handler = parts.handler;
    this.adminKey = parts.adminKey;
    this.orgId = parts.orgId;
    this.logged = parts.logged;
  }

  static async start(options: Partial<HandlerOptions> = {}): Promise<TestBackend> {
    const core = await loadNodeCore();
    const clock = new ManualClock();
    const random = seededRandom();
    const { storage = memoryStorage('epoch-1') } = options;
    const logged: unknown[] = [];
    const { org, adminKey } = await bootstrapOrg(storage, { clock, random }, 'acme');
    const handler = await createHandler({ core, storage, env: { clock, random }, log: ({ error }) => logged.push(error), ...options });
    return new TestBackend({ core, storage, clock, random, handler, adminKey: adminKey ?? '', orgId: org.id, logged });
  }

  /** Makes another key. */
  async key(rights: Partial<KeyRights>): Promise<string> {
    return (await createKey(this.storage, this, this.orgId, rights)).key;
  }

  /** Sends a request to a path below `/v1`; bodies that are not bytes go as JSON. */
  request(method: string, path: string, body?: unknown, { key = this.adminKey, headers = {} }: RequestOptions = {}): Promise<Response> {
    const type = body === undefined ? {} : { 'Content-Type': body instanceof Uint8Array ? FRAMES_TYPE : 'application/json' };
    const content = body === undefined ? null : body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body);
    return this.handler(new Request(`http://test/v1${path}`, { method, body: content, headers: { Authorization: `Bearer ${key}`, ...type, ...headers } }));
  }

  /** As {@link request}, answering the status and the JSON. */
  async json<T = Record<string, unknown>>(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<{ status: number; body: T }> {
    const response = await this.request(method, path, body, options);
    return { status: response.status, body: (await response.json()) as T };
  }

  /** Makes a repo. */
  async repo(name = 'app'): Promise<{ id: string }> {
    const { status, body } = await this.json<{ id: string }>('POST', '/acme/repos', { name });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body;
  }

  /** Sends a batch of operations; answers their results. */
  async ops(
    client: string,
    operations: Operation[],
    blobs: (string | Uint8Array)[] = [],
    { repo = 'app', key = this.adminKey, clients }: { repo?: string; key?: string; clients?: string[] } = {},
  ): Promise<OpsReply> {
    const batch = this.batch(client, operations, blobs, clients);
    const { status, body } = await this.json<OpsReply & ErrorBody>('POST', `/acme/${repo}/-/ops`, batch, { key });
    if (status !== 200) throw Object.assign(new Error(body.error.message), { status, ...body.error });
    return body;
  }

  /** Sends one operation, which has to be accepted. */
  async op(
    client: string,
    operation: Operation,
    blobs: (string | Uint8Array)[] = [],
    options: { repo?: string; key?: string } = {},
  ): Promise<Extract<OpResult, { ok: true }>> {
    const { results } = await this.ops(client, [operation], blobs, options);
    const [result] = results;
    if (result?.ok !== true) throw new Error(JSON.stringify(result));
    return result;
  }

  /** The body of a batch; `clients` are others to be told about. */
  batch(client: string, operations: Operation[], blobs: (string | Uint8Array)[] = [], clients?: string[]): Uint8Array {
    const contents = blobs.map((blob) => (typeof blob === 'string' ? new TextEncoder().encode(blob) : blob));
    const sent = contents.map((bytes): Frame => ({ type: 'object', kind: 'blob', oid: this.core.hashObject('blob', bytes), bytes }));
    return encodeFrames([{ type: 'header', value: { client, ...(clients === undefined ? {} : { clients }) } }, ...operations.map(operationFrame), ...sent]);
  }

  /** The terms of a resolved file with this content. */
  file(content: string | Uint8Array, mode = 0o100644): WireTerms {
    return [{ oid: this.core.hashObject('blob', typeof content === 'string' ? new TextEncoder().encode(content) : content), mode }];
  }

  /** An edit that puts a file in the place of what was there. */
  write(path: string, content: string | null, was: string | null | WireTerms = null): WireEdit {
    const before = Array.isArray(was) ? was : was === null ? [null] : this.file(was);
    return { type: 'write', path, was: before, entry: content === null ? [null] : this.file(content), mtime: this.clock.now() };
  }

  /** Reads a file's text as it is in a change, or in the default bookmark. */
  async read(path: string, change?: string, repo = 'app'): Promise<string> {
    const query = new URLSearchParams({ path, ...(change === undefined ? {} : { change_id: change }) });
    const response = await this.request('GET', `/acme/${repo}/content?${query}`, undefined, { headers: { Accept: 'application/octet-stream' } });
    if (!response.ok) throw new Error(await response.text());
    return response.text();
  }
}

/** A client id made of one letter. */
export function clientId(letter: string): string {
  return letter.repeat(22);
}

/** Reads all frames of an answer. */
export async function framesOf(response: Response): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(response.body ?? new Uint8Array(0))) frames.push(frame);
  return frames;
}

/** Reads server-sent events one by one; comments come as `event: ':'`. */
export class SseReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = '';

  constructor(response: Response) {
    if (response.body === null) throw new Error('no body');
    this.#reader = response.body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  }

  /** The next event, or `null` at the end. */
  async next(): Promise<{ event: string; id: string; data: Record<string, unknown> } | null> {
    for (let cut = this.#text.indexOf('\n\n'); ; cut = this.#text.indexOf('\n\n')) {
      if (cut >= 0) {
        const block = this.#text.slice(0, cut);
        this.#text = this.#text.slice(cut + 2);
        if (block.startsWith(':')) return { event: ':', id: '', data: {} };
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        return { event: field('event'), id: field('id'), data: JSON.parse(field('data')) as Record<string, unknown> };
      }
      const chunk = await this.#reader.read();
      if (chunk.done) return null;
      this.#text += chunk.value;
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}
