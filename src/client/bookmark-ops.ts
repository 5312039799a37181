import { aboutRepo } from './arguments.ts';
import type { Calls } from './calls.ts';

/** The name of a new bookmark. */
export interface BookmarkCreateArgs {
  repo: string;
  name: string;
}
/** Of which repo. */
export interface BookmarkListArgs {
  repo: string;
}
/** Where a bookmark goes. */
export interface BookmarkMoveArgs {
  repo: string;
  name: string;
  changeId: string;
  /** `false` refuses to move it to a change that is not ahead of where it stands. */
  allowBackwards?: boolean;
}

/** The bookmarks of a mount's repos. */
export class BookmarkOps {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Makes a bookmark at the change looked at; what is looked at stays. @throws FsError EEXIST */
  async create(args: BookmarkCreateArgs): Promise<void> {
    await this.#calls.call('bookmarkCreate', aboutRepo('bookmark.create', args, 'name'));
  }

  async move(args: BookmarkMoveArgs): Promise<void> {
    await this.#calls.call('bookmarkMove', aboutRepo('bookmark.move', args, 'name', 'changeId', 'allowBackwards'));
  }

  /** The names of all bookmarks. */
  async list(args: BookmarkListArgs): Promise<string[]> {
    return this.#calls.call('bookmarkList', aboutRepo('bookmark.list', args));
  }
}
