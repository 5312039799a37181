import { MesaApiError } from '../../rpc/api-error.ts';
import type { Opened, OpenRequest } from '../remote/interface.ts';
import type { Overlay } from '../sync/overlay.ts';
import type { Following } from './following.ts';
import { UNMADE } from './heads.ts';
import type { ObjectStore } from './objects.ts';
import { none, revisionOf } from './opening.ts';
import type { RepoRemote } from './repo-remote.ts';
import type { Standing } from './standing.ts';

/** Times a repo is opened once more because an answer has overtaken what was opened. */
const MAX_TRIES = 3;

/** What a {@link Reopening} is made of. */
export interface ReopeningParts {
  remote: RepoRemote;
  objects: ObjectStore;
  standing: Standing;
  overlay: Overlay;
  following: Following;
  /** The backend has answered where it stands. */
  answered: () => void;
}

/** Asks the backend about a repo that is open: where it stands by now, and what is there. */
export class Reopening {
  readonly #parts: ReopeningParts;

  constructor(parts: ReopeningParts) {
    this.#parts = parts;
  }

  /** Asks where a revision stands, and keeps what comes with the answer. */
  async open(request: OpenRequest): Promise<Opened> {
    const opened = await this.#parts.remote.open(request);
    this.#parts.objects.keep(opened.objects);
    return opened;
  }

  /** Fetches all that is on the way to some paths, and their blobs, as the server has them now. */
  async fetchPaths(paths: string[]): Promise<void> {
    const { head } = this.#parts.standing;
    await this.open({ ...revisionOf(undefined, head.change), paths, known: this.#roots() });
  }

  /** Asks where it stands, and goes there. */
  async again(): Promise<void> {
    const { standing, overlay, following, answered } = this.#parts;
    for (let tries = 0; ; tries += 1) {
      const { head: before, bookmark } = standing;
      const revision = revisionOf(bookmark ?? undefined, before.change);
      const { clients } = overlay;
      const opening = this.open({ ...revision, paths: [], known: this.#roots(), clients }).then((opened) => ({ ...opened, error: null }));
      const { head, accepted, error } = await opening.catch((error: unknown) => {
        // Made meanwhile, or left.
        if ((standing.head !== before || standing.bookmark !== bookmark) && tries < MAX_TRIES) return { head: undefined, accepted: {}, error };
        const isUnmade = before.commit === UNMADE || overlay.creationOf(before.change) !== null;
        if (!isUnmade || !(error instanceof MesaApiError) || error.code !== 'CHANGE_NOT_FOUND') throw error;
        return { head: null, accepted: {}, error };
      });
      if (head === undefined) continue;
      answered();
      // It is made once what is pending has been sent. Where nothing is, who was to make it was refused: another engine.
      if (head === null && overlay.creationOf(before.change) === null) {
        if (!(await following.unmade(before.change))) throw error;
        tries = 0;
        continue;
      }
      if (head === null || (await following.opened(head, { ...none(clients), ...accepted }, { head: before, bookmark }, tries < MAX_TRIES))) return;
    }
  }

  /** Objects that need not be sent again. */
  #roots(): string[] {
    const { trees, side } = this.#parts.standing.head;
    return [...trees, ...(side === null ? [] : [side])].filter((oid) => this.#parts.objects.has(oid));
  }
}
