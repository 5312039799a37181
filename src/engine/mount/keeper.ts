import type { Clock, TimerHandle } from '../../base/env.ts';
import type { TouchedPath } from '../../wire/events.ts';
import type { ObjectCache } from '../cache/interface.ts';
import type { Checkout } from './checkout.ts';
import { UNMADE } from './heads.ts';
import type { Heads } from './heads.ts';
import { hold } from './pins.ts';
import { sameView } from './trees.ts';

/** Milliseconds after which a head that has come to rest is noted. */
const REST = 100;
/** Paths whose new content is brought in at once; others are read when they are wanted. */
const MAX_FOLLOWED = 200;
/** The note under which the pinned paths are. */
const PINS = 'pins';

/** Keeps what a checkout can begin with when the server can't be reached: the head, what was readable under it, and what is pinned. */
export class Keeper {
  readonly heads: Heads;
  readonly #checkout: Checkout;
  readonly #clock: Clock;
  readonly #disk: ObjectCache | null;
  /** Paths whose new content has not been brought in since the head was noted. */
  #unread: TouchedPath[] = [];
  #timer: TimerHandle = null;

  constructor(checkout: Checkout, { clock, disk, heads }: { clock: Clock; disk: ObjectCache | null; heads: Heads }) {
    this.#checkout = checkout;
    this.#clock = clock;
    this.#disk = disk;
    this.heads = heads;
  }

  /** The head has moved. Once it rests, what others `changed` is brought in, so that it can be read offline, and the head is noted. */
  rest(changed: TouchedPath[]): void {
    if (this.#disk === null) return;
    this.#unread.push(...changed);
    this.close();
    this.#timer = this.#clock.set(() => void this.#note().catch(() => undefined), REST);
  }

  /** The pinned paths, relative to the repo's root. */
  async pins(): Promise<string[]> {
    return ((await this.#disk?.noted(PINS)) as string[] | undefined) ?? [];
  }

  setPins(paths: string[]): void {
    this.#disk?.note(PINS, paths);
  }

  /** Notes no more. */
  close(): void {
    if (this.#timer !== null) this.#clock.clear(this.#timer);
    this.#timer = null;
  }

  async #note(): Promise<void> {
    this.#timer = null;
    const checkout = this.#checkout;
    const { head, bookmark } = checkout;
    const paths = this.#unread.map(({ path }) => path).filter((path) => path !== '');
    await checkout.trees.lookup(head, ['', ...paths.slice(0, MAX_FOLLOWED)]);
    if (sameView(checkout.view, head)) for (const path of await this.pins()) await hold(checkout, path);
    if (checkout.head !== head) return;
    this.#unread = [];
    checkout.objects.storePinned();
    if (head.commit !== UNMADE) this.heads.note(head, bookmark);
  }
}
