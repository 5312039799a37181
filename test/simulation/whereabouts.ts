import { VIRTUAL_ROOT_CHANGE_ID } from '../../src/base/ids.ts';

/** What a look at where a mount stands takes. */
interface Looking {
  ask: () => Promise<{ changeId: string }>;
  isMade: (change: string) => boolean;
  astray: (what: string) => void;
}

/** The change that a mount was told to work in, or the bookmark that it follows: it stays with that until it is told otherwise. */
export class Whereabouts {
  #change: string | null = null;
  #bookmark: string | null = null;
  /** Times it was sent anywhere. */
  #sent = 0;

  /** The bookmark that it follows; `null` where it follows none, or it is not known which. */
  get bookmark(): string | null {
    return this.#bookmark;
  }

  /** Whether it may follow a bookmark, as far as is known. */
  mayFollow(bookmark: string): boolean {
    return this.#change === null && (this.#bookmark ?? bookmark) === bookmark;
  }

  /** It follows a bookmark from here on; `null`: that is not known. */
  follow(bookmark: string | null): void {
    this.leave();
    this.#bookmark = bookmark;
  }

  /** It is sent into a change; into which is known once the answer is given to what this answers. */
  leave(): (change: string) => void {
    this.#change = null;
    this.#bookmark = null;
    this.#sent += 1;
    const now = this.#sent;
    return (change) => {
      // Whoever is sent into the virtual root follows a bookmark.
      if (now === this.#sent && change !== VIRTUAL_ROOT_CHANGE_ID) this.#change = change;
    };
  }

  /** Asks where it stands, and says so when it is `astray`. `isMade`: a change is there, and not one whose making may have been refused. */
  async look({ ask, isMade, astray }: Looking): Promise<string> {
    const before = this.#sent;
    const wanted = this.#change;
    const { changeId } = await ask();
    if (wanted !== null && before === this.#sent && changeId !== wanted && isMade(wanted)) astray(`is in ${changeId} and was told to work in ${wanted}`);
    return changeId;
  }
}
