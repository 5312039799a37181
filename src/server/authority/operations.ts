import { newChangeId, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import { ApiError } from '../../wire/errors.ts';
import type { TouchedPath } from '../../wire/events.ts';
import type { Operation, OpResult, Outcome, Target } from '../../wire/operations.ts';
import type { ChangeRecord } from '../storage/records.ts';
import { mergeVersions } from './ancestry.ts';
import { createBookmark, moveBookmark, noteWrite, ownsChange, requireAt, setBookmark } from './bookmarks.ts';
import { displacedConflicts } from './displaced.ts';
import type { Author, Draft } from './draft.ts';
import { applyEdits, Repeats, strongest } from './edits.ts';
import type { Workshop } from './versions.ts';
import { amendChange, createChange, sameTrees } from './versions.ts';
import type { RepoView, Version } from './view.ts';
import { requireBookmark, requireChange, requireVersion, ROOT } from './view.ts';

type Accepted = Extract<OpResult, { ok: true }>;
/** An operation that edits files. */
export type FilesOperation = Extract<Operation, { kind: 'files' }>;

/**
 * Carries out one operation on a draft of its own. Losing a race is no reason to refuse: edits are merged.
 *
 * @throws ApiError when the operation is refused: CHANGE_NOT_FOUND, BOOKMARK_NOT_FOUND, ALREADY_EXISTS, STALE_BASE; MISSING_OBJECT and BAD_OBJECT
 *   mean that the whole batch is
 */
export async function runOperation(shop: Workshop, draft: Draft, operation: Operation, by: Author): Promise<Accepted> {
  switch (operation.kind) {
    case 'files': {
      const [accepted] = await writeFiles(shop, draft, [operation], by);
      if (accepted === undefined) throw new Error('an operation was not answered');
      return accepted;
    }
    case 'change.create': {
      await refuseKnown(draft, operation.id);
      const followed = operation.bookmark === undefined ? null : await draft.bookmark(operation.bookmark);
      const named = operation.parents.length === 0 ? [VIRTUAL_ROOT_CHANGE_ID] : [...new Set(operation.parents)];
      const parents = followed === null ? named : [followed];
      const content = await mergeVersions(draft, shop.objects, parents, (id) => requireVersion(draft, id));
      const { id, message } = operation;
      return answer(draft, operation, await createChange(shop, draft, { id, parents, message, trees: content.trees, side: content.side }, by));
    }
    case 'change.describe': {
      const { message, bookmark } = operation;
      if (bookmark !== undefined) await requireAt(draft, bookmark, operation.change);
      const change = await requireChange(draft, operation.change);
      return answer(draft, operation, await amendChange(shop, draft, change, { message }, by, []), change.message === message ? 'unchanged' : 'applied');
    }
    case 'bookmark.create':
      await createBookmark(shop, draft, operation.name, operation.change, by);
      return answer(draft, operation, await requireVersion(draft, operation.change));
    case 'bookmark.move': {
      const { name, change, expected } = operation;
      const version = await requireVersion(draft, change);
      const from = await moveBookmark(shop, draft, name, change, by, expected);
      return answer(draft, operation, version, from === change ? 'unchanged' : 'applied');
    }
  }
}

/** Tells whether an operation writes into a change that is being edited already, so that descendants can wait for the next one. */
export function continuesEdit(draft: Draft, operation: Operation): boolean {
  return operation.kind === 'files' && 'change' in operation.target && draft.edited.has(operation.target.change) && draft.edited.size === 1;
}

/**
 * Carries out operations on files that follow each other and go to the same place as one edit: one new version, however many they are. Each is answered
 * with that version and with what became of its own edits.
 *
 * @throws ApiError when one of them is refused; carried out one by one, the others would stand
 */
export async function writeFiles(shop: Workshop, draft: Draft, operations: readonly FilesOperation[], by: Author): Promise<Accepted[]> {
  const [first] = operations;
  if (first === undefined) return [];
  const place = await resolveTarget(shop, draft, first.target);
  const edited = await applyEdits(
    shop.objects,
    draft,
    place.on,
    operations.flatMap(({ edits }) => edits),
  );
  const { trees, side, outcome } = edited;
  const touched = edited.results.flatMap((result) => result.paths);
  const paths = distinct([...touched, ...(await displacedConflicts(shop.objects, place.on.trees, trees, touched))]);
  const answerAll = (version: Version): Accepted[] => {
    let at = 0;
    return operations.map((operation) => {
      const own = edited.results.slice(at, (at += operation.edits.length));
      return answer(draft, operation, version, strongest(own), pathsOf(own.flatMap((result) => result.paths)));
    });
  };
  if (side === place.on.side && sameTrees(trees, place.on.trees)) {
    // Metadata is outside history: it makes no version.
    if (outcome !== 'unchanged') draft.tell(place.on, by.origin, paths);
    return answerAll(place.on);
  }

  let change: ChangeRecord;
  if (place.create === null) change = await amendChange(shop, draft, place.on, { trees, side }, by, paths);
  else {
    const message = first.message ?? '';
    change = await createChange(shop, draft, { id: place.create.id, parents: [place.on.id], message, trees, side }, by, paths);
    await setBookmark(shop, draft, place.create.bookmark, change.id, by);
  }
  await noteWrite(shop, draft, change.id, by);
  return answerAll(change);
}

/**
 * The operations from `start` on that {@link writeFiles} may take together: on files, to one place, without a message of their own, and no path edited too
 * often in all.
 */
export function writtenTogether(operations: readonly Operation[], start: number): FilesOperation[] {
  const first = operations[start];
  if (first?.kind !== 'files') return [];
  const target = JSON.stringify(first.target);
  const repeats = new Repeats();
  const run = [first];
  if (repeats.add(first.edits) !== null) return run;
  for (const operation of operations.slice(start + 1)) {
    if (operation.kind !== 'files' || operation.message !== undefined || JSON.stringify(operation.target) !== target) break;
    if (repeats.add(operation.edits) !== null) break;
    run.push(operation);
  }
  return run;
}

/** Where edits go: into a change, or into one still to be made on top, which a bookmark is then moved to. */
type Place = { on: ChangeRecord; create: null } | { on: Version; create: { id: string; bookmark: string } };

async function resolveTarget(shop: Workshop, draft: Draft, target: Target): Promise<Place> {
  if ('change' in target) return { on: await requireChange(draft, target.change), create: null };
  const at = await requireBookmark(draft, target.bookmark);
  if (await ownsChange(draft, target.bookmark, at)) return { on: await requireChange(draft, at), create: null };
  // An id that is taken is no reason to refuse a write: the answer says which change was made.
  const id = (await draft.change(target.newChange)) === null ? target.newChange : newChangeId((bytes) => shop.random(bytes));
  return { on: at === VIRTUAL_ROOT_CHANGE_ID ? ROOT : await requireChange(draft, at), create: { id, bookmark: target.bookmark } };
}

async function refuseKnown(view: RepoView, id: string): Promise<void> {
  if ((await view.change(id)) !== null)
    throw new ApiError('ALREADY_EXISTS', `There already is a change ${id}; make a new id out of random bytes.`, { change_id: id });
}

function distinct(touched: readonly TouchedPath[]): TouchedPath[] {
  return [...new Map(touched.map((path) => [`${path.recursive} ${path.path}`, path])).values()];
}

function pathsOf(touched: readonly TouchedPath[]): string[] {
  return [...new Set(touched.map(({ path }) => path))];
}

function answer(draft: Draft, { seq }: Operation, version: Version, outcome: Outcome = 'applied', paths: string[] = []): Accepted {
  const { id, commit, trees, side } = version;
  return { seq, ok: true, repoSeq: draft.state.seq, change: id, commit, trees, side, outcome, paths };
}
