import type { Server } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Passes everything on to a server, over HTTP/1.1, and counts the event streams that are open. */
export class CountingProxy {
  readonly #server: Server;
  url = '';
  /** Event streams open now, and opened in all. */
  streams = 0;
  opened = 0;

  constructor(target: string) {
    this.#server = createServer((incoming, outgoing) => {
      const isStream = incoming.url?.includes('/-/events') ?? false;
      const onward = request(
        new URL(incoming.url ?? '/', target),
        { method: incoming.method, headers: { ...incoming.headers, host: new URL(target).host } },
        (answer) => {
          // Whoever asked is gone.
          if (outgoing.destroyed) return void answer.destroy();
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
          if (!isStream) return;
          this.streams += 1;
          this.opened += 1;
          outgoing.once('close', () => {
            this.streams -= 1;
            answer.destroy();
          });
        },
      );
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
