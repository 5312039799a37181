import type { Script } from './script.ts';

/** A write that a mount has to go on showing where it was made. */
interface Own {
  token: number;
  path: string;
}

/**
 * What one mount wrote and did not take away itself, by path: it goes on showing that, sent or not, until somebody who had seen it takes it away. What it
 * does itself is followed here and not taken from what it sent, since a tab may end before that is sent.
 */
export class OwnWrites {
  readonly #follows: boolean;
  #writes: Own[] = [];

  /** `steps`: of the whole run. Where files are moved, links are gone through, places are left or writes are refused, a path does not say where a write has to be. */
  constructor(steps: Readonly<Script['steps']> | null) {
    this.#follows = steps !== null && !steps.some(({ do: what }) => ['mv', 'symlink', 'bookmark.move', 'rights'].includes(what) || what.startsWith('change.'));
  }

  /** A text that holds `marks` was written over what stood at a path. */
  wrote(token: number, path: string, marks: readonly number[]): void {
    if (!this.#follows) return;
    this.#writes = this.#writes.filter((own) => own.path !== path || marks.includes(own.token));
    if (marks.includes(token)) this.#writes.push({ token, path });
  }

  /** Something was added to what stands at a path. */
  added(token: number, path: string): void {
    if (this.#follows) this.#writes.push({ token, path });
  }

  /** What is at a path, above and below it is not what it was. */
  touched(path: string): void {
    this.#writes = this.#writes.filter((own) => !(own.path === path || own.path.startsWith(`${path}/`) || path.startsWith(`${own.path}/`)));
  }

  /** The tokens that are still to be seen at a path. */
  at(path: string): number[] {
    return this.#writes.filter((own) => own.path === path).map(({ token }) => token);
  }

  /** Another tab is opened: it need not show what the one before it has been told to write and has not promised yet. */
  keep(isPromised: (token: number) => boolean): void {
    this.#writes = this.#writes.filter(({ token }) => isPromised(token));
  }

  /** Nothing of it need be shown any more: the place was left, or nothing outlived the tab. */
  forget(): void {
    this.#writes = [];
  }
}
