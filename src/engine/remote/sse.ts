import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import type { LiveEvent, NewObjects } from '../../wire/events.ts';
import { readFrames } from '../../wire/frames.ts';

const NAMES: ReadonlySet<string> = new Set(['ready', 'change', 'bookmark', 'reset', 'bye']);

/**
 * Reads the events of a `text/event-stream` body as they arrive. Events with names of a later version are skipped; one whose data is not JSON ends
 * the stream with an error, since what it said would be missed. `alive` is called for every chunk. The signal ends it, whatever fetch made of it.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, signal: AbortSignal, alive: () => void): AsyncGenerator<LiveEvent, void, undefined> {
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => void arrived.push(message) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const abort = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      alive();
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      for (const message of arrived.splice(0)) {
        const event = message.event ?? 'message';
        if (event === 'objects') yield { event, id: '', data: await readObjects(message.data) };
        else if (NAMES.has(event)) yield { event, id: message.id ?? '', data: JSON.parse(message.data) as unknown } as LiveEvent;
      }
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', abort);
    await reader.cancel().catch(() => undefined);
  }
}

/** What an event brings along: frames in base64. */
async function readObjects(text: string): Promise<NewObjects> {
  const news: NewObjects = { repo: '', objects: [] };
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  for await (const frame of readFrames(bytes)) {
    if (frame.type === 'header') news.repo = String(frame.value['repo']);
    else if (frame.type === 'object') news.objects.push({ oid: frame.oid, kind: frame.kind, bytes: frame.bytes.slice() });
  }
  return news;
}
