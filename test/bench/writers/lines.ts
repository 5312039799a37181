import { Line as Cut } from '../../e2e/line.ts';

/** A way to send requests: what a client takes as `fetch`. */
export type Send = (request: Request) => Promise<Response>;

/** Everything takes `wait()` milliseconds more, both ways together, until it is mended; what streams comes late too, in order. */
export function slowLine(wait: () => number): { send: Send; mend(): void } {
  let mended = false;
  const late = (): Promise<void> => (mended ? Promise.resolve() : pause(wait() / 2));
  return {
    async send(request) {
      await late();
      const response = await fetch(request);
      await late();
      return response.body === null ? response : new Response(response.body.pipeThrough(delayed(late)), response);
    },
    mend: () => void (mended = true),
  };
}

/** What comes in goes out as late as `late` says, and never before what came in earlier. */
function delayed(late: () => Promise<void>): TransformStream<Uint8Array, Uint8Array> {
  let last: Promise<void> = Promise.resolve();
  return new TransformStream(
    {
      transform(chunk, controller) {
        const before = last;
        last = late().then(async () => {
          await before;
          try {
            controller.enqueue(chunk);
          } catch {
            // Whoever read it has left.
          }
        });
      },
      flush: () => last,
    },
    { highWaterMark: 64 },
    { highWaterMark: 64 },
  );
}

/** A way to a server that is cut off again and again. */
export class FlappingLine {
  /** Times it was cut. */
  cuts = 0;
  readonly #line: Cut;
  readonly #times: { up: () => number; down: () => number };
  #mended = false;
  #running: Promise<void>;
  #wake = (): void => {};

  private constructor(line: Cut, times: { up: () => number; down: () => number }) {
    this.#line = line;
    this.#times = times;
    this.#running = this.#run();
  }

  /** Is up for `up()` milliseconds, then down for `down()`: whatever is under way breaks off, and nobody is reached. */
  static async to(upstream: string, times: { up: () => number; down: () => number }): Promise<FlappingLine> {
    return new FlappingLine(await Cut.to(upstream), times);
  }

  /** Where the server is reached, with `/v1`. */
  get apiUrl(): string {
    return `${this.#line.url}v1`;
  }

  /** From now on it stays up. */
  async mend(): Promise<void> {
    this.#mended = true;
    this.#wake();
    await this.#running;
  }

  /** Takes it away. */
  async close(): Promise<void> {
    await this.mend();
    await this.#line.cut();
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#wait(this.#times.up());
      if (this.#mended) return;
      this.cuts += 1;
      await this.#line.cut();
      await this.#wait(this.#times.down());
      await this.#line.restore();
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#mended ? 0 : ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
