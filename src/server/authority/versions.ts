import { VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import type { Core } from '../../core/load.ts';
import type { TouchedPath } from '../../wire/events.ts';
import type { ChangeRecord, Person } from '../storage/records.ts';
import type { Author, Draft } from './draft.ts';
import type { RepoObjects } from './objects.ts';
import { asRefusal } from './refusal.ts';
import { requireChange } from './view.ts';

/** What the steps of one repo work with. */
export interface Workshop {
  core: Core;
  objects: RepoObjects;
  /** The slug of the repo's org. */
  org: string;
  /** The storage's epoch, for cursors. */
  epoch: string;
  random(bytes: Uint8Array): void;
  /** Whether nobody can use a key any more: another carries on for it. */
  isOver(key: string): Promise<boolean>;
}

/** Every path of a change may look different. */
export const EVERYTHING: TouchedPath[] = [{ path: '', recursive: true }];

/** What a new change is made of. */
export interface NewChange {
  id: string;
  /** The changes it stands on; the virtual root may be among them and is left out. */
  parents: readonly string[];
  trees: string[];
  side: string | null;
  message: string;
  author?: Person;
  committer?: Person;
}

/** Makes a change with its commit. */
export async function createChange(shop: Workshop, draft: Draft, change: NewChange, by: Author, paths: TouchedPath[] = EVERYTHING): Promise<ChangeRecord> {
  const parents = change.parents.filter((id) => id !== VIRTUAL_ROOT_CHANGE_ID);
  const { author = by.person, committer = by.person } = change;
  const { id, trees, side, message } = change;
  const version = { id, trees, side, message, parents, author, committer };
  return draft.putChange({ ...version, commit: await makeCommit(shop, draft, version) }, null, by, paths);
}

/** What an edit of a change replaces. */
export type Amendment = Partial<Pick<ChangeRecord, 'trees' | 'side' | 'message' | 'author' | 'committer'>>;

/**
 * Gives a change a new version: another commit on the same parents. When only the side differs the commit stays, since it does not tell of it; when
 * nothing does, the change is answered as it is.
 */
export async function amendChange(
  shop: Workshop,
  draft: Draft,
  before: ChangeRecord,
  patch: Amendment,
  by: Author,
  paths: TouchedPath[],
): Promise<ChangeRecord> {
  const after = { ...before, committer: by.person, ...patch };
  const told = patch.author !== undefined || patch.committer !== undefined || after.message !== before.message || !sameTrees(after.trees, before.trees);
  if (told) return draft.putChange({ ...after, commit: await makeCommit(shop, draft, after) }, before, by, paths);
  if (after.side === before.side) return before;
  return draft.putChange({ ...after, committer: before.committer }, before, by, paths);
}

/** Gives a change a new commit whatever has changed: its parents' commits have. */
export async function recommitChange(
  shop: Workshop,
  draft: Draft,
  before: ChangeRecord,
  patch: Amendment,
  by: Author,
  paths: TouchedPath[],
): Promise<ChangeRecord> {
  const after = { ...before, committer: by.person, ...patch };
  return draft.putChange({ ...after, commit: await makeCommit(shop, draft, after) }, before, by, paths);
}

/** Tells whether two lists of root trees are the same. */
export function sameTrees(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((tree, index) => tree === b[index]);
}

async function makeCommit(
  shop: Workshop,
  draft: Draft,
  change: Pick<ChangeRecord, 'id' | 'trees' | 'parents' | 'author' | 'committer' | 'message'>,
): Promise<string> {
  const { trees, author, committer, message } = change;
  const [first] = trees;
  const parents = await Promise.all(change.parents.map(async (id) => (await requireChange(draft, id)).commit));
  try {
    const tree = trees.length === 1 && first !== undefined ? first : (await shop.objects.ask((pool) => pool.conflictTree(trees))).tree;
    return shop.objects.addCommit(shop.core.encodeCommit({ trees, tree, labels: [], parents, author, committer, message, changeId: change.id }));
  } catch (error) {
    throw asRefusal(error, 'The commit cannot be made');
  }
}
