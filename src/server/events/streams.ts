import type { Clock } from '../../base/env.ts';
import type { StoredObject } from '../../core/resolve.ts';
import type { ChangeEvent } from '../../wire/events.ts';
import type { Frame } from '../../wire/frames.ts';
import { encodeFrames } from '../../wire/frames.ts';
import { toBase64 } from '../base64.ts';
import type { Cursor } from './cursor.ts';
import type { Delivery, Hub, Rooms, Subscription } from './hub.ts';

/** How event streams behave; times in milliseconds. */
export interface StreamLimits {
  /** A comment is sent this often, so that nobody in between takes the stream for dead. */
  heartbeat: number;
  /** A stream ends after this long; the reader goes on with its cursor. */
  life: number;
  /** Bytes a reader may fall behind before it is dropped. */
  behind: number;
}

/** The limits unless said otherwise: 15 s, 10 min, 256 KiB. */
export const STREAM_LIMITS: StreamLimits = { heartbeat: 15_000, life: 600_000, behind: 256 * 1024 };

/** Who reads, and from where. */
export interface StreamRequest {
  rooms: Rooms;
  cursor: Cursor | null;
  /** When the credential runs out, or `null`. */
  expiresAt: number | null;
  /** The key it was asked with: when that is revoked, the stream ends. */
  keyId: string;
  /** Whether what is new with an event goes along. */
  objects?: boolean;
  /** Fires when the reader has gone, as it may before there is anything to read. */
  signal: AbortSignal;
}

interface OpenStream {
  keyId: string;
  rooms: Rooms;
  beat(): void;
  bye(): void;
}

/** Holds the open event streams and long-polls: server-sent events, one heartbeat for all. */
export class EventStreams {
  readonly #hub: Hub;
  readonly #clock: Clock;
  readonly #limits: StreamLimits;
  readonly #open = new Set<OpenStream>();
  readonly #encoded = new WeakMap<Delivery, Uint8Array>();
  readonly #encodedObjects = new WeakMap<readonly StoredObject[], Uint8Array>();
  /** The next heartbeat, while there is anybody to hear it. */
  #beating: unknown = null;
  /** Keys that were revoked: a stream may have been about to open. */
  readonly #ended = new Set<string>();
  #closed = false;

  constructor(hub: Hub, clock: Clock, limits: StreamLimits) {
    this.#hub = hub;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Opens a stream: `ready` first, then what was missed, then what comes. */
  async open(request: StreamRequest): Promise<ReadableStream<Uint8Array>> {
    const { subscription, backlog } = await this.#hub.subscribe(request.rooms, request.cursor);
    let leave = (): void => subscription.close();
    // A stream that has ended takes nothing more: who is dropped in the middle of what was waiting is still offered the rest.
    let ended = false;
    const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      const send = (bytes: Uint8Array): void => {
        if (ended) return;
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(bytes);
        else end();
      };
      const end = (): void => {
        if (ended) return;
        ended = true;
        leave();
        controller.close();
      };
      const stream: OpenStream = {
        keyId: request.keyId,
        rooms: request.rooms,
        beat: () => send(encode(':\n\n')),
        bye: () => {
          if (ended) return;
          controller.enqueue(encode('event: bye\ndata: {}\n\n'));
          end();
        },
      };
      const life = Math.min(this.#limits.life, (request.expiresAt ?? Infinity) - this.#clock.now());
      const timer = this.#clock.set(() => stream.bye(), Math.max(0, life));
      const { signal } = request;
      leave = () => {
        leave = () => {};
        this.#clock.clear(timer);
        signal.removeEventListener('abort', end);
        this.#remove(stream);
        subscription.close();
      };
      signal.addEventListener('abort', end, { once: true });
      this.#add(stream);
      const { cursor } = subscription;
      controller.enqueue(encode(`id: ${cursor}\nevent: ready\ndata: ${JSON.stringify({ cursor })}\n\n`));
      for (const delivery of backlog) controller.enqueue(this.#encode(delivery));
      subscription.flow((delivery) => {
        if (ended) return;
        const news = request.objects === true ? this.#encodeObjects(delivery) : null;
        // What nothing depends on is no reason to drop a reader.
        if (news !== null && (controller.desiredSize ?? 0) > news.length) controller.enqueue(news);
        send(this.#encode(delivery));
      });
      if (this.#isOver(request)) stream.bye();
      if (signal.aborted) end();
    };
    const strategy = new ByteLengthQueuingStrategy({ highWaterMark: this.#limits.behind });
    const cancel = (): void => {
      ended = true;
      leave();
    };
    return new ReadableStream<Uint8Array>({ start, cancel }, strategy);
  }

  /** Answers what was missed, or else the first that comes within `wait` milliseconds; nothing when the credential ends or the backend closes first. */
  async poll(request: StreamRequest, wait: number): Promise<{ deliveries: Delivery[]; cursor: string }> {
    const { subscription, backlog } = await this.#hub.subscribe(request.rooms, request.cursor);
    try {
      const left = Math.min(wait, (request.expiresAt ?? Infinity) - this.#clock.now());
      if (backlog.length === 0 && left > 0) await this.#next(subscription, backlog, request, left);
      return { deliveries: backlog, cursor: backlog.at(-1)?.id ?? subscription.cursor };
    } finally {
      subscription.close();
    }
  }

  /** Ends the streams of a key that was revoked, and those still to be opened as they begin. */
  endKey(keyId: string): void {
    this.#ended.add(keyId);
    for (const stream of this.#open) if (stream.keyId === keyId) stream.bye();
  }

  /** Ends the streams that hear of a repo: tokens name repos, so whoever may go on hearing of it has to open anew. */
  endRepo(repo: string): void {
    for (const stream of this.#open) if (stream.rooms.has(repo)) stream.bye();
  }

  /** Ends all streams, and those still to be opened as they begin. */
  close(): void {
    this.#closed = true;
    this.#clock.clear(this.#beating);
    for (const stream of this.#open) stream.bye();
  }

  #isOver({ keyId }: StreamRequest): boolean {
    return this.#closed || this.#ended.has(keyId);
  }

  #next(subscription: Subscription, into: Delivery[], request: StreamRequest, wait: number): Promise<void> {
    const { keyId, rooms, signal } = request;
    return new Promise((resolve) => {
      const done = (): void => {
        this.#clock.clear(timer);
        this.#open.delete(poll);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.#clock.set(done, wait);
      const poll: OpenStream = { keyId, rooms, beat: () => {}, bye: done };
      this.#open.add(poll);
      if (signal.aborted || this.#isOver(request)) done();
      signal.addEventListener('abort', done, { once: true });
      subscription.flow((delivery) => {
        into.push(delivery);
        done();
      });
    });
  }

  #add(stream: OpenStream): void {
    this.#open.add(stream);
    if (this.#beating === null) this.#beatLater();
  }

  /** Without streams nothing beats: a process that has no more to do can end. */
  #remove(stream: OpenStream): void {
    this.#open.delete(stream);
    if (this.#open.size > 0 || this.#beating === null) return;
    this.#clock.clear(this.#beating);
    this.#beating = null;
  }

  #beatLater(): void {
    this.#beating = this.#clock.set(() => {
      this.#beating = null;
      for (const stream of this.#open) stream.beat();
      // Storage that can't be read now is read at the next beat.
      this.#hub.review().catch(() => undefined);
      if (this.#open.size > 0) this.#beatLater();
    }, this.#limits.heartbeat);
  }

  #encode(delivery: Delivery): Uint8Array {
    const known = this.#encoded.get(delivery);
    if (known !== undefined) return known;
    const bytes = encode(`id: ${delivery.id}\nevent: ${delivery.event}\ndata: ${delivery.data}\n\n`);
    this.#encoded.set(delivery, bytes);
    return bytes;
  }

  /** The event that brings along what is new; `null` when nothing does. */
  #encodeObjects({ data, objects }: Delivery): Uint8Array | null {
    const news = objects?.() ?? [];
    if (news.length === 0) return null;
    const known = this.#encodedObjects.get(news);
    if (known !== undefined) return known;
    const { repo } = JSON.parse(data) as ChangeEvent;
    const frames = encodeFrames([{ type: 'header', value: { repo } }, ...news.map((object): Frame => ({ type: 'object', ...object }))]);
    const bytes = encode(`event: objects\ndata: ${toBase64(frames)}\n\n`);
    this.#encodedObjects.set(news, bytes);
    return bytes;
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
