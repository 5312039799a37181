import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** Makes a fetch request of what Node's server received; its body streams as it comes. */
export function readRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '');
  }
  const method = incoming.method ?? 'GET';
  const host = incoming.headers.host ?? 'localhost';
  const target = incoming.url ?? '/';
  const url = URL.canParse(target, `http://${host}`) ? new URL(target, `http://${host}`) : new URL('http://localhost/');
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal });
  return new Request(url, { method, headers, signal, body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } as RequestInit);
}

/** Sends what `respond` answers, a chunk at a time and no faster than the client reads. */
export async function answer(outgoing: ServerResponse, respond: () => Promise<Response>): Promise<void> {
  const response = await respond();
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  const gone = (): void => void reader.cancel().catch(() => undefined);
  outgoing.once('close', gone);
  try {
    // A stream of events says that it is open before it has anything to say.
    outgoing.flushHeaders();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(chunk.value)) await drained(outgoing);
    }
    outgoing.end();
  } finally {
    outgoing.off('close', gone);
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.once('drain', done);
    outgoing.once('close', done);
  });
}
