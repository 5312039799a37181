import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '../../src/wire/errors.ts';
import { requestUrl } from './request-url.ts';

/** Bytes of a body waiting to be read. */
const WAITING_BYTES = 65_536;
/** How long the rest of a body nobody reads is let run out, in milliseconds, before the connection is cut. */
const LINGER = 2_000;

/** How long a body may say nothing while it is waited for, in milliseconds. */
const BODY_SILENCE = 60_000;
/** How long a client may leave what it was sent unread, in milliseconds, before the connection is cut. */
const UNREAD = 120_000;
/** Methods that a fetch request cannot have. */
const FOREIGN_METHODS: ReadonlySet<string | undefined> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/**
 * Makes a fetch request of what Node's server received; its body streams as it comes.
 *
 * @throws ApiError METHOD_NOT_ALLOWED for a method no fetch request has, INVALID_REQUEST for a host or a target that is none
 */
export function readRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  if (FOREIGN_METHODS.has(incoming.method)) throw new ApiError('METHOD_NOT_ALLOWED', 'Nothing here answers that method.');
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '');
  }
  const method = incoming.method ?? 'GET';
  // Two Host headers are one here, with a comma, which is no host.
  const url = requestUrl(incoming.url ?? '/', headers.get('host') ?? 'localhost');
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal });
  return new Request(url, { method, headers, signal, body: bodyOf(incoming), duplex: 'half' } as RequestInit);
}

/**
 * The body as a stream, no faster than it is read. One that is cancelled is left to run out: cutting the connection at once would take the answer,
 * which says why, along.
 */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let silence: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(silence);
    incoming.removeAllListeners('data');
    incoming.resume();
  };
  let over = false;
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start(controller) {
      const finish = (error?: Error): void => {
        if (over) return;
        over = true;
        clearTimeout(silence);
        if (error === undefined) controller.close();
        else controller.error(error);
      };
      incoming.pause();
      incoming.on('data', (chunk: Uint8Array) => {
        controller.enqueue(chunk);
        silence?.refresh();
        if ((controller.desiredSize ?? 0) > 0) return;
        clearTimeout(silence);
        incoming.pause();
      });
      incoming.once('end', () => finish());
      incoming.once('error', finish);
      incoming.once('close', () => finish(new Error('The connection broke before the whole body had come')));
    },
    pull() {
      clearTimeout(silence);
      if (!over) silence = setTimeout(() => incoming.destroy(), BODY_SILENCE);
      incoming.resume();
    },
    cancel() {
      over = true;
      stop();
    },
  };
  return new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: WAITING_BYTES }));
}

/** Sends what `respond` answers, or the `ApiError` it throws, a chunk at a time and no faster than the client reads. */
export async function answer(incoming: IncomingMessage, outgoing: ServerResponse, respond: () => Promise<Response>): Promise<void> {
  const response = await respond().catch(refusal);
  // The rest of a body that was refused is not another request.
  if (!incoming.complete) outgoing.setHeader('Connection', 'close');
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body !== null) await send(response.body, outgoing);
  if (!incoming.complete) await runOut(incoming);
  outgoing.end();
}

function refusal(error: unknown): Response {
  if (error instanceof ApiError) return Response.json(error.toBody(), { status: error.status });
  throw error;
}

async function send(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const gone = (): void => void reader.cancel().catch(() => undefined);
  outgoing.once('close', gone);
  try {
    // A stream of events says that it is open before it has anything to say.
    outgoing.flushHeaders();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(chunk.value)) await drained(outgoing);
    }
  } finally {
    outgoing.off('close', gone);
    // Who left before the answer was there is not told of by an event any more.
    gone();
  }
}

/** Waits until the client has read; cuts the connection of one that doesn't. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => outgoing.destroy(), UNREAD);
    const done = (): void => {
      clearTimeout(late);
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.once('drain', done);
    outgoing.once('close', done);
  });
}

/** Lets the rest of a body go by unread, so that its sender comes to read the answer; not for ever. */
function runOut(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LINGER);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    incoming.once('end', done);
    incoming.once('close', done);
    // Whoever was to read it holds it back no more.
    incoming.removeAllListeners('data');
    incoming.resume();
  });
}
