import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/**
 * The line between a browser and a server: a proxy on a port of its own that can be cut. Whatever runs in the browser, page, worker or service worker,
 * finds nobody there then, and streams under way break off; others reach the server as before.
 */
export class Line {
  readonly #upstream: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  /** Answers a request instead of the server: a status, or `null` to let it through. */
  refuse: ((path: string) => number | null) | null = null;
  /** Paths that went through, with their methods. */
  readonly asked: string[] = [];

  private constructor(upstream: string) {
    this.#upstream = new URL(upstream);
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async to(upstream: string): Promise<Line> {
    const line = new Line(upstream);
    await line.restore();
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Nobody is reached any more. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** The server is reached again, at the same address. */
  async restore(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#server.removeAllListeners('error');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = 'GET', url: path = '/', headers } = incoming;
    this.asked.push(`${method} ${path}`);
    const status = this.refuse?.(path) ?? null;
    if (status !== null) {
      incoming.resume();
      outgoing
        .writeHead(status, { 'Content-Type': 'application/json' })
        .end(JSON.stringify({ error: { code: 'FORBIDDEN', message: 'You may not write here.' } }));
      return;
    }
    // The host stays the one the browser asked for: the demo lets in loopback names only, and answers addresses relative to it.
    const passed = request({ host: this.#upstream.hostname, port: this.#upstream.port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.once('close', () => passed.destroy());
    incoming.pipe(passed);
  }
}
