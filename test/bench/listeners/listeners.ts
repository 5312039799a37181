import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromListener, ToListener } from './listener.ts';

/** When each event arrived, in milliseconds since the Unix epoch, by the repo's sequence number; and how many streams broke off. */
export interface Arrivals {
  arrivals: Map<number, number[]>;
  broken: number;
}

/** Event streams that are held open by processes of their own. */
export class Listeners {
  readonly #children: ChildProcess[];

  private constructor(children: ChildProcess[]) {
    this.#children = children;
  }

  /** Opens `count` streams, divided among `processes`. `opened` hears how many there are. */
  static async open(url: string, key: string, count: number, processes: number, opened: (count: number) => void): Promise<Listeners> {
    const children = Array.from({ length: processes }, () => fork(fileURLToPath(new URL('listener.ts', import.meta.url))));
    const each = Math.ceil(count / processes);
    const so = new Map<ChildProcess, number>();
    const ready = children.map(
      (child) =>
        new Promise<void>((resolve, reject) => {
          child.on('message', (message: FromListener) => {
            if (!('opened' in message)) return;
            so.set(child, message.opened);
            opened([...so.values()].reduce((sum, one) => sum + one, 0));
            if (message.opened === each) resolve();
          });
          child.once('exit', (code) => reject(new Error(`A process of listeners ended with code ${code}`)));
          tell(child, { open: { url, key, count: each } });
        }),
    );
    const listeners = new Listeners(children);
    try {
      await Promise.all(ready);
      return listeners;
    } catch (error) {
      listeners.close();
      throw error;
    }
  }

  /** What has arrived so far. */
  async report(): Promise<Arrivals> {
    const all: Arrivals = { arrivals: new Map(), broken: 0 };
    for (const child of this.#children) {
      const answer = new Promise<Extract<FromListener, { broken: number }>>((resolve) => {
        const hear = (message: FromListener): void => {
          if (!('broken' in message)) return;
          child.off('message', hear);
          resolve(message);
        };
        child.on('message', hear);
      });
      tell(child, { report: true });
      const { arrivals, broken } = await answer;
      for (const [seq, times] of arrivals) all.arrivals.set(seq, [...(all.arrivals.get(seq) ?? []), ...times]);
      all.broken += broken;
    }
    return all;
  }

  close(): void {
    for (const child of this.#children) if (child.connected) tell(child, { end: true });
  }
}

function tell(child: ChildProcess, message: ToListener): void {
  child.send(message);
}
