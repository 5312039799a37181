import type { VirtualClock } from './clock.ts';
import type { Random } from './random.ts';
import type { Tally, Trace } from './trace.ts';

/** How the network fares: shares of requests that meet each fate, and times in milliseconds. */
export interface Weather {
  /** The request is lost on its way; half of these are noticed, the others are never answered. */
  drop: number;
  /** The backend does it, but its reply is lost. */
  lose: number;
  /** The request arrives twice, the second time later. */
  duplicate: number;
  /** Something on the way answers 429 or 503 with `Retry-After`. */
  busy: number;
  /** The backend does it, and its reply ends in the middle: with an error, or as if that were all. */
  cut: number;
  /** Somebody on the way answers with a page of his own. */
  stranger: number;
  /** The reply stops in the middle and nothing more comes: a connection half closed. */
  stall: number;
  /** A leg takes up to 3 s: what was sent later arrives earlier. */
  slow: number;
  /** The longest an ordinary leg takes. */
  latency: number;
}

export const CALM: Weather = { drop: 0, lose: 0, duplicate: 0, busy: 0, cut: 0, stranger: 0, stall: 0, slow: 0, latency: 8 };

/** What the network leads to. */
export interface Destination {
  answer(request: Request): Promise<Response>;
  /** Hears when every connection breaks; answers how to stop hearing. */
  onBreak(listener: () => void): () => void;
}

/** What a {@link Network} is made of. */
export interface NetworkParts {
  clock: VirtualClock;
  random: Random;
  trace: Trace;
  tally: Tally;
  server: Destination;
  /** Hears of every body that leaves a client for the endpoint that takes operations. */
  sent: (link: string, body: Uint8Array) => void;
}

/** Between the clients and the backend. */
export class Network {
  readonly parts: NetworkParts;
  weather: Weather = CALM;

  constructor(parts: NetworkParts) {
    this.parts = parts;
  }

  /** The time one leg takes. */
  leg(): number {
    const { random, tally } = this.parts;
    if (random.chance(this.weather.slow)) {
      tally.add('fault: slow leg');
      return random.below(3_000);
    }
    return 0.5 + random.fraction() * this.weather.latency;
  }
}

type Fate = 'pass' | 'drop' | 'vanish' | 'lose' | 'duplicate' | 'busy' | 'cut' | 'stranger' | 'stall';

/** One client's way to the backend. */
export class Link {
  readonly #network: Network;
  readonly #name: string;
  /** Exchanges under way, to be broken when the link goes down. */
  readonly #open = new Set<(error: Error) => void>();
  readonly #streams = new Set<Stream>();
  #online = true;
  #polls = 0;
  /** Replies that broke off in the middle, and are waited for. */
  readonly #stalled = new Set<(error: Error) => void>();
  requests = 0;
  /** Whoever is on it may not write: the backend refuses all operations for good. */
  forbidden = false;
  /** What holds back everything that arrives, while the client is frozen. */
  gate: () => Promise<void> | null = () => null;

  constructor(network: Network, name: string) {
    this.#network = network;
    this.#name = name;
  }

  /** Requests whose reply is still on its way; those for events, which may wait long for one, are not counted. */
  get active(): number {
    return this.#open.size - this.#polls + this.#stalled.size;
  }

  get online(): boolean {
    return this.#online;
  }

  set online(online: boolean) {
    this.#online = online;
    if (!online) this.drop();
  }

  /** Breaks all that is under way. */
  drop(): void {
    for (const fail of [...this.#open, ...this.#stalled]) fail(failure('the link went down'));
    for (const stream of [...this.#streams]) stream.cut();
  }

  /** Ends the event streams: with an error, or by saying nothing more. */
  interrupt(how: 'cut' | 'silence'): number {
    const streams = [...this.#streams];
    for (const stream of streams) stream[how]();
    return streams.length;
  }

  async fetch(request: Request): Promise<Response> {
    const { clock, trace, tally, server, sent } = this.#network.parts;
    const { method } = request;
    const path = request.url.slice(request.url.indexOf('/v1/') + 3);
    const number = (this.requests += 1);
    tally.add('requests');
    const body = method === 'GET' ? null : await request.bytes();
    const ops = path.endsWith('/-/ops');
    if (ops && body !== null) sent(this.#name, body);
    const { signal } = request;
    const exchange = this.#exchange(signal);
    const polls = path.includes('/-/events') ? 1 : 0;
    this.#polls += polls;
    const fate = this.#fate(path);
    trace.add(this.#name, `→ ${number} ${method} ${path} ${body?.length ?? 0} ${fate}`);
    try {
      if (!this.#online) {
        await exchange.within(this.#wait(1));
        throw failure('there is no network');
      }
      await exchange.within(this.#wait(this.#network.leg()));
      if (fate === 'drop') throw failure('the request was lost');
      if (fate === 'vanish') return await exchange.within(new Promise<never>(() => {}));
      if (ops && this.forbidden) return this.#forbid(number);
      if (fate === 'busy') return this.#busy(number);
      if (fate === 'stranger') return this.#stranger(number);
      const again = (): Request => new Request(request.url, { method, headers: request.headers, body, signal });
      if (fate === 'duplicate') {
        const { headers, url } = request;
        clock.set(() => void this.#repeat(new Request(url, { method, headers, body }), number), this.#network.leg() * 2);
      }
      const response = await exchange.within(server.answer(again()));
      if (fate === 'lose') {
        await response.body?.cancel();
        trace.add(this.#name, `✗ ${number} ${response.status} lost`);
        throw failure('the reply was lost');
      }
      if (response.headers.get('content-type') === 'text/event-stream') return await this.#stream(response, exchange, number, signal);
      const bytes = await exchange.within(response.bytes());
      await exchange.within(this.#wait(this.#network.leg()));
      trace.add(this.#name, `← ${number} ${response.status} ${bytes.length}`);
      const { status, headers } = response;
      if (fate === 'stall') return new Response(this.#half(bytes, signal), { status, headers });
      if (fate === 'cut') return new Response(this.#cut(bytes), { status, headers });
      return new Response(bytes.length === 0 ? null : (bytes as Uint8Array<ArrayBuffer>), { status, headers });
    } catch (error) {
      trace.add(this.#name, `✗ ${number} ${String(error)}`);
      throw error;
    } finally {
      exchange.end();
      this.#polls -= polls;
    }
  }

  #fate(path: string): Fate {
    const { random, tally } = this.#network.parts;
    const { weather } = this.#network;
    let left = random.fraction();
    const fates: [Fate, number][] = [
      ['drop', weather.drop / 2],
      ['vanish', weather.drop / 2],
      ['lose', weather.lose],
      ['duplicate', weather.duplicate],
      ['busy', weather.busy],
      ['cut', weather.cut],
      ['stranger', weather.stranger],
      ['stall', weather.stall],
    ];
    for (const [fate, share] of fates) {
      left -= share;
      if (left >= 0) continue;
      // A stream is cut by other means.
      if (path.includes('/-/events') && ['stall', 'cut', 'duplicate'].includes(fate)) return 'pass';
      tally.add(`fault: ${fate}`);
      return fate;
    }
    return 'pass';
  }

  #busy(number: number): Response {
    const { random, trace } = this.#network.parts;
    const status = random.chance(0.5) ? 429 : 503;
    trace.add(this.#name, `← ${number} ${status}`);
    const body = JSON.stringify({ error: { code: status === 429 ? 'RATE_LIMITED' : 'UNAVAILABLE', message: 'Come back later.' } });
    return new Response(body, { status, headers: { 'Content-Type': 'application/json', 'Retry-After': String(random.below(3)) } });
  }

  #forbid(number: number): Response {
    const { trace, tally } = this.#network.parts;
    trace.add(this.#name, `← ${number} 403`);
    tally.add('fault: right to write taken away');
    return Response.json({ error: { code: 'FORBIDDEN', message: 'You may not write here.' } }, { status: 403 });
  }

  /** A hotel's page to sign in, a proxy that can't reach the backend or does not want to. */
  #stranger(number: number): Response {
    const { random, trace } = this.#network.parts;
    const status = random.pick([200, 403, 404, 407, 502, 504]);
    trace.add(this.#name, `← ${number} ${status} of somebody else`);
    return new Response('<!doctype html><title>Welcome</title><p>Please sign in.', { status, headers: { 'Content-Type': 'text/html' } });
  }

  /** A part of a reply, then an error or an end. */
  #cut(bytes: Uint8Array): ReadableStream<Uint8Array> {
    const { random } = this.#network.parts;
    const part = bytes.slice(0, random.below(Math.max(1, bytes.length)));
    const fails = random.chance(0.7);
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        if (part.length > 0) controller.enqueue(part);
        if (!fails) controller.close();
      },
      pull: (controller) => controller.error(failure('the connection was closed')),
    });
  }

  /** A request that arrives a second time; nobody hears the reply. */
  async #repeat(request: Request, number: number): Promise<void> {
    const { server, trace } = this.#network.parts;
    const response = await server.answer(request).catch(() => null);
    trace.add(this.#name, `⇉ ${number} ${response?.status ?? 'no reply'}`);
    await response?.body?.cancel();
  }

  async #stream(response: Response, exchange: Exchange, number: number, signal: AbortSignal): Promise<Response> {
    const { clock, trace } = this.#network.parts;
    await exchange.within(this.#wait(this.#network.leg()));
    trace.add(this.#name, `← ${number} stream`);
    const stream = new Stream(response, {
      clock,
      leg: () => this.#network.leg(),
      gate: () => this.gate(),
      chunk: (text) => trace.add(this.#name, `⇠ ${number} ${text}`),
      over: () => {
        this.#streams.delete(stream);
        leave();
      },
    });
    const leave = this.#network.parts.server.onBreak(() => stream.cut());
    this.#streams.add(stream);
    signal.addEventListener('abort', () => stream.close(), { once: true });
    if (signal.aborted) stream.close();
    return new Response(stream.body, { status: response.status, headers: response.headers });
  }

  /** The first half of a reply, and then nothing, until nobody waits for the rest or the link goes down. */
  #half(bytes: Uint8Array, signal: AbortSignal): ReadableStream<Uint8Array> {
    const stalled = this.#stalled;
    const over = Promise.withResolvers<never>();
    over.promise.catch(() => undefined);
    const fail = (error: unknown): void => {
      stalled.delete(fail);
      over.reject(error);
    };
    stalled.add(fail);
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    return new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes.slice(0, bytes.length >> 1)),
      pull: () => over.promise,
      cancel: () => void stalled.delete(fail),
    });
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#network.parts.clock.set(resolve, ms));
  }

  #exchange(signal: AbortSignal): Exchange {
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => undefined);
    const fail = (error: Error): void => broken.reject(error);
    const leave = this.#network.parts.server.onBreak(() => fail(failure('the connection was reset')));
    const aborted = (): void => broken.reject(signal.reason);
    this.#open.add(fail);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    return {
      within: (promise) => Promise.race([promise, broken.promise]),
      end: () => {
        leave();
        this.#open.delete(fail);
        signal.removeEventListener('abort', aborted);
      },
    };
  }
}

/** A request and its reply, which may break off. */
interface Exchange {
  within<T>(promise: Promise<T>): Promise<T>;
  end(): void;
}

interface StreamPorts {
  clock: VirtualClock;
  leg: () => number;
  gate: () => Promise<void> | null;
  chunk: (text: string) => void;
  over: () => void;
}

/** An event stream on its way: its chunks arrive in order, each a while after it was sent. */
class Stream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #ports: StreamPorts;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #last = 0;
  #mute = false;

  constructor(response: Response, ports: StreamPorts) {
    this.#ports = ports;
    if (response.body === null) throw new Error('an event stream has no body');
    this.#reader = response.body.getReader();
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => this.close(),
    });
    void this.#pump();
  }

  /** Breaks with an error. */
  cut(): void {
    const controller = this.#end();
    controller?.error(failure('the stream was cut'));
  }

  /** Goes on, for all the client can tell, but nothing more arrives. */
  silence(): void {
    this.#mute = true;
  }

  /** The client has let go of it. */
  close(): void {
    this.#end();
  }

  async #pump(): Promise<void> {
    try {
      for (let chunk = await this.#reader.read(); !chunk.done; chunk = await this.#reader.read()) this.#later(chunk.value);
      this.#later(null);
    } catch {
      this.cut();
    }
  }

  #later(bytes: Uint8Array | null): void {
    const { clock, leg, gate, chunk } = this.#ports;
    this.#last = Math.max(this.#last, clock.now() + leg());
    clock.set(() => {
      const held = gate();
      // In order: those that are held back go on in the order in which they came.
      if (held !== null) return void held.then(() => arrive());
      arrive();
    }, this.#last - clock.now());
    const arrive = (): void => {
      if (this.#mute || this.#controller === null) return;
      if (bytes === null) return this.#end()?.close();
      chunk(summary(bytes));
      this.#controller.enqueue(bytes);
    };
  }

  #end(): ReadableStreamDefaultController<Uint8Array> | null {
    const controller = this.#controller;
    if (controller === null) return null;
    this.#controller = null;
    this.#ports.over();
    this.#reader.cancel().catch(() => undefined);
    return controller;
  }
}

/** The names and numbers of the events in a chunk. */
function summary(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return text.startsWith(':') ? 'beat' : text.replace(/\n/g, ' ').slice(0, 400);
}

/** What fetch throws when the network fails. */
function failure(what: string): TypeError {
  return new TypeError(`fetch failed: ${what}`);
}
