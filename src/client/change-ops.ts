import type { ChangeInfo } from '../rpc/types.ts';
import { aboutRepo } from './arguments.ts';
import type { Calls } from './calls.ts';
import { InvalidOptionsError } from './errors.ts';

/** A revision: a bookmark or a change, of one of the mounted repos. */
export type ChangeRevArgs = { repo: string } & ({ bookmark: string; changeId?: never } | { changeId: string; bookmark?: never });
/** What to base a new change on, and what it is about. */
export type ChangeNewArgs = ChangeRevArgs & { message?: string };
/** Which change to go on in. */
export type ChangeEditArgs = ChangeRevArgs;
/** Of which repo, and at most how many: 50 unless given, 0 for all. */
export interface ChangeListArgs {
  repo: string;
  limit?: number;
}
/** The change now looked at. */
export interface ChangeResult {
  changeOid: string;
}

/** The changes of a mount's repos. Looking at another change moves the whole view of that repo, in this mount only. */
export class ChangeOps {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Makes a new, empty change on a revision, and looks at it from now on. */
  async new(args: ChangeNewArgs): Promise<ChangeResult> {
    return this.#calls.call('changeNew', { ...revision(args, 'change.new', 'message'), ...(args.message === undefined ? {} : { message: args.message }) });
  }

  /** Looks at an existing change from now on, and writes into it: the room in which others on it are heard. */
  async edit(args: ChangeEditArgs): Promise<ChangeResult> {
    return this.#calls.call('changeEdit', revision(args, 'change.edit'));
  }

  /** The changes reachable from the one looked at, most recent first. */
  async list(args: ChangeListArgs): Promise<ChangeInfo[]> {
    return this.#calls.call('changeList', aboutRepo('change.list', args, 'limit'));
  }

  /** The change looked at. */
  async current(args: { repo: string }): Promise<ChangeInfo> {
    return this.#calls.call('changeCurrent', aboutRepo('change.current', args));
  }

  /** Says what a change is about; the one looked at when none is named. */
  async describe(args: { repo: string; message: string; changeId?: string }): Promise<void> {
    await this.#calls.call('changeDescribe', aboutRepo('change.describe', args, 'message', 'changeId'));
  }

  /**
   * Closes the change of the bookmark that is followed, described with `message` where one is given, and goes on in an empty one on top of it, to which
   * the bookmark is moved. @throws FsError EINVAL when no bookmark is followed; MesaApiError STALE_BASE when someone else moved it: try again
   */
  async checkpoint(args: { repo: string; message?: string }): Promise<{ savedChangeOid: string; activeChangeOid: string }> {
    return this.#calls.call('changeCheckpoint', aboutRepo('change.checkpoint', args, 'message'));
  }
}

function revision(args: ChangeRevArgs, call: string, ...names: 'message'[]): { repo: string; bookmark?: string; changeId?: string } {
  const { repo, bookmark, changeId } = aboutRepo<ChangeNewArgs>(call, args, 'bookmark', 'changeId', ...names);
  if ((bookmark === undefined) === (changeId === undefined)) throw new InvalidOptionsError(`${call} takes either bookmark or changeId`);
  return bookmark === undefined ? { repo, ...(changeId === undefined ? {} : { changeId }) } : { repo, bookmark };
}
