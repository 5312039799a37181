// Opens event streams and notes when events arrive: node test/bench/listeners/listener.ts
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** What the process is told: open streams, tell what has arrived, end. */
export type ToListener = { open: { url: string; key: string; count: number } } | { report: true } | { end: true };
/** What it says. */
export type FromListener = { opened: number } | { arrivals: [repoSeq: number, atMs: number[]][]; broken: number };

/** Streams that are being opened at a time: a server's queue of connections is not endless. */
const AT_ONCE = 200;

const arrivals = new Map<number, number[]>();
const sockets = new Set<Socket>();
let broken = 0;
let ending = false;
const say = (message: FromListener): void => void process.send?.(message);

process.on('message', (message: ToListener) => {
  if ('open' in message) void openAll(message.open);
  else if ('report' in message) say({ arrivals: [...arrivals], broken });
  else {
    ending = true;
    for (const socket of sockets) socket.destroy();
    process.disconnect();
  }
});
process.on('disconnect', () => process.exit());

async function openAll({ url, key, count }: { url: string; key: string; count: number }): Promise<void> {
  let left = count;
  const opening = async (): Promise<void> => {
    while (left-- > 0) {
      await open(new URL(url), key);
      if (sockets.size % 1_000 === 0) say({ opened: sockets.size });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, opening));
  say({ opened: sockets.size });
}

/** A stream over a bare socket: what is measured is the server. Resolves once the server says that it is ready. */
function open({ hostname, port, pathname, search }: URL, key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let rest = '';
    socket.setEncoding('utf8');
    socket.once('connect', () => {
      socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${key}\r\nAccept: text/event-stream\r\n\r\n`);
    });
    socket.on('data', (text: string) => {
      const at = performance.timeOrigin + performance.now();
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === 'event: ready') {
          sockets.add(socket);
          resolve();
        }
        const seq = line.startsWith('data: ') ? /"repoSeq":(\d+)/.exec(line)?.[1] : undefined;
        if (seq !== undefined) (arrivals.get(Number(seq)) ?? arrivals.set(Number(seq), []).get(Number(seq)))?.push(at);
      }
    });
    socket.once('error', reject);
    socket.once('close', () => {
      if (!ending) broken += 1;
      reject(new Error('The server closed a stream of events'));
    });
  });
}
