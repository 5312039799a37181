/**
 * Requests and responses as far as engine and backend use them, their bodies in memory: the platform's own cost more than all else in a run. A body that
 * is a stream stays one.
 */

type Body = ReadableStream<Uint8Array> | Uint8Array | ArrayBuffer | string | null | undefined;
type HeadersLike = LightHeaders | Iterable<readonly [string, string]> | Record<string, string> | undefined;

/** Headers by name, in any case. */
export class LightHeaders {
  readonly #values: Map<string, string> = new Map();

  constructor(init?: HeadersLike) {
    if (init === undefined) return;
    const pairs = Symbol.iterator in init ? init : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), String(value));
  }

  append(name: string, value: string): void {
    const before = this.get(name);
    this.set(name, before === null ? value : `${before}, ${value}`);
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  forEach(callback: (value: string, name: string) => void): void {
    for (const [name, value] of this.#values) callback(value, name);
  }

  entries(): IterableIterator<[string, string]> {
    return this.#values.entries();
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  values(): IterableIterator<string> {
    return this.#values.values();
  }

  getSetCookie(): string[] {
    return [];
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#values.entries();
  }
}

/** Bytes that are read like a stream. */
class Bytes {
  readonly whole: Uint8Array;
  readonly locked = false;
  #left: Uint8Array | null;

  constructor(bytes: Uint8Array) {
    this.whole = bytes;
    this.#left = bytes.length === 0 ? null : bytes;
  }

  getReader(): { read(): Promise<ReadableStreamReadResult<Uint8Array>>; cancel(): Promise<void>; releaseLock(): void } {
    const read = async (): Promise<ReadableStreamReadResult<Uint8Array>> => {
      const value = this.#left;
      this.#left = null;
      return value === null ? { done: true, value: undefined } : { done: false, value };
    };
    return { read, cancel: () => this.cancel(), releaseLock: () => undefined };
  }

  async cancel(): Promise<void> {
    this.#left = null;
  }
}

/** What requests and responses have in common. */
class Message {
  readonly headers: LightHeaders;
  readonly #bytes: Uint8Array | null;
  readonly #stream: ReadableStream<Uint8Array> | null;
  #read: Bytes | null = null;

  constructor(body: Body, headers: HeadersLike) {
    this.headers = headers instanceof LightHeaders ? new LightHeaders(headers) : new LightHeaders(headers);
    this.#stream = body instanceof ReadableStream ? body : null;
    this.#bytes = body === null || body === undefined || this.#stream !== null ? null : bytesOf(body as Exclude<Body, ReadableStream | null | undefined>);
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.#stream !== null) return this.#stream;
    if (this.#bytes === null) return null;
    this.#read ??= new Bytes(this.#bytes);
    return this.#read as unknown as ReadableStream<Uint8Array>;
  }

  async bytes(): Promise<Uint8Array> {
    if (this.#stream === null) return this.#bytes ?? new Uint8Array(0);
    const chunks: Uint8Array[] = [];
    const reader = this.#stream.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
    return new Uint8Array(Buffer.concat(chunks));
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).slice().buffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }
}

/** A signal that never fires. */
const NEVER = { aborted: false, reason: undefined, addEventListener: () => undefined, removeEventListener: () => undefined, throwIfAborted: () => undefined };

class LightRequest extends Message {
  readonly url: string;
  readonly method: string;
  readonly signal: AbortSignal;

  constructor(url: string, init: { method?: string; headers?: HeadersLike; body?: Body; signal?: AbortSignal | null } = {}) {
    super(init.body, init.headers);
    this.url = url;
    this.method = init.method?.toUpperCase() ?? 'GET';
    this.signal = init.signal ?? (NEVER as unknown as AbortSignal);
  }
}

class LightResponse extends Message {
  readonly status: number;
  readonly statusText = '';

  constructor(body?: Body, init: { status?: number; headers?: HeadersLike } = {}) {
    super(body, init.headers);
    this.status = init.status ?? 200;
    if (typeof body === 'string' && !this.headers.has('content-type')) this.headers.set('Content-Type', 'text/plain;charset=UTF-8');
  }

  static json(value: unknown, init: { status?: number; headers?: HeadersLike } = {}): LightResponse {
    const response = new LightResponse(JSON.stringify(value), init);
    response.headers.set('Content-Type', 'application/json');
    return response;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }
}

function bytesOf(body: Bytes | Uint8Array | ArrayBuffer | string): Uint8Array {
  if (body instanceof Bytes) return body.whole;
  if (typeof body === 'string') return new TextEncoder().encode(body);
  return body instanceof Uint8Array ? body.slice() : new Uint8Array(body.slice(0));
}

/** Puts these in the place of the platform's. */
export function useLightFetch(): void {
  const put = (name: string, value: unknown): void => void Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  put('Headers', LightHeaders);
  put('Request', LightRequest);
  put('Response', LightResponse);
}
