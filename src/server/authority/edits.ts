import { MODE } from '../../base/ids.ts';
import { joinPath } from '../../base/paths.ts';
import { MissingObjectError } from '../../core/resolve.ts';
import { ApiError, quote } from '../../wire/errors.ts';
import type { TouchedPath } from '../../wire/events.ts';
import { LIMITS } from '../../wire/limits.ts';
import type { Outcome, WireEdit, WireEntry, WireTerms } from '../../wire/operations.ts';
import type { Content } from './ancestry.ts';
import type { Draft } from './draft.ts';
import type { RepoObjects } from './objects.ts';
import { kindOf } from './objects.ts';
import { asRefusal, MAX_SIDES } from './refusal.ts';

/** An edit of content: all but metadata. */
export type ContentEdit = Exclude<WireEdit, { type: 'metadata' }>;

/** What edits make of a content. */
export interface Edited extends Content {
  outcome: Outcome;
  /** What became of each edit, in order. */
  results: EditOutcome[];
}

/** What became of one edit, and the paths that look different since. */
export interface EditOutcome {
  outcome: Outcome;
  paths: TouchedPath[];
}

const OUTCOMES: readonly Outcome[] = ['unchanged', 'applied', 'merged', 'conflicted'];

/**
 * Applies edits to a content, and what they do to metadata to the draft, in order: all of them or, when this throws, none. An edit whose `was` is no longer what
 * is there has lost a race and is merged. Where the bytes of a `was` are nowhere to be had, both sides are kept over an absent base.
 *
 * @throws ApiError MISSING_OBJECT when an edit puts in an object that was neither sent nor stored; BAD_OBJECT when its kind does not fit its mode
 */
export async function applyEdits(objects: RepoObjects, draft: Draft, content: Content, edits: readonly WireEdit[]): Promise<Edited> {
  const contentEdits = edits.filter((edit) => edit.type !== 'metadata');
  const repeated = new Repeats().add(contentEdits);
  if (repeated !== null) {
    const message = `One operation edits ${quote(repeated)} more than ${MAX_REPEATS} times; send it as several.`;
    throw new ApiError('INVALID_REQUEST', message, { path: repeated });
  }
  await checkEntries(objects, contentEdits);
  const applied = contentEdits.length === 0 ? { ...content, results: [] } : await apply(objects, content, contentEdits);
  refuseTooManySides(applied);
  for (const { oid } of enteringEntries(contentEdits)) objects.accept(oid);
  objects.acceptLent();

  const results: EditOutcome[] = [];
  /** What was given metadata, and where it went. */
  const given = new Set<string>();
  let next = 0;
  for (const edit of edits) {
    if (edit.type === 'metadata') {
      given.add(edit.path);
      results.push((await editMetadata(draft, edit)) ? { outcome: 'applied', paths: [{ path: edit.path, recursive: false }] } : UNTOUCHED);
      continue;
    }
    const result = applied.results[next++];
    if (result === undefined || result.outcome === 'unchanged') {
      results.push(UNTOUCHED);
      continue;
    }
    await carryMetadata(objects, draft, applied, edit, result.outcome, given);
    results.push({ outcome: result.outcome, paths: result.paths.map((path) => ({ path, recursive: holdsTree(edit) })) });
  }
  // What a racer deleted takes it along: kept, it would be that of whatever comes to be there next.
  given.delete('');
  const paths = [...given];
  const isThere = await presence(objects, applied, paths);
  for (const [index, path] of paths.entries()) if (isThere[index] !== true) draft.setMetadata(path, {});
  return { trees: applied.trees, side: applied.side, outcome: strongest(results), results };
}

const UNTOUCHED: EditOutcome = { outcome: 'unchanged', paths: [] };

/** The outcome that says most: a conflict over a merge, a merge over a plain edit. */
export function strongest(results: readonly EditOutcome[]): Outcome {
  return results.reduce<Outcome>((best, { outcome }) => (OUTCOMES.indexOf(outcome) > OUTCOMES.indexOf(best) ? outcome : best), 'unchanged');
}

/** Edits of one path that are made together. */
const MAX_REPEATS = 100;

/** What may leave behind what an edit says was there. */
const MERGED: ReadonlySet<Outcome | undefined> = new Set<Outcome>(['merged', 'conflicted']);

type Applied = Content & { results: { outcome: Outcome; paths: string[] }[] };

async function apply(objects: RepoObjects, { trees, side }: Content, edits: readonly ContentEdit[]): Promise<Applied> {
  try {
    const applied = await objects.ask((pool) => pool.apply(trees, side, [...edits]));
    const merged = new Set(edits.filter((_, index) => MERGED.has(applied.results[index]?.outcome)));
    const lost = await lostBases(objects, merged);
    if (lost.size === 0) return applied;
    return apply(
      objects,
      { trees, side },
      edits.map((edit) => (merged.has(edit) ? withoutLostBase(edit, lost) : edit)),
    );
  } catch (error) {
    if (!(error instanceof MissingObjectError)) throw asRefusal(error, 'The edit cannot be applied');
    const lost = new Set(error.oids);
    const without = edits.map((edit) => withoutLostBase(edit, lost));
    if (without.every((edit, index) => edit === edits[index])) throw error;
    return apply(objects, { trees, side }, without);
  }
}

/** Counts the edits of each path: one that has lost its race adds to the path's conflict, which takes longer the more there are. */
export class Repeats {
  readonly #counts = new Map<string, number>();

  /** Adds edits; answers a path with more of them than may be made together. */
  add(edits: readonly WireEdit[]): string | null {
    for (const edit of edits) {
      if (edit.type === 'metadata') continue;
      const path = edit.type === 'rename' ? edit.to : edit.path;
      const count = (this.#counts.get(path) ?? 0) + 1;
      if (count > MAX_REPEATS) return path;
      this.#counts.set(path, count);
    }
    return null;
  }
}

/** A conflict has an end: what would be one side too many could not be read any more. */
function refuseTooManySides({ trees, results }: Applied): void {
  if (trees.length <= LIMITS.maxTerms) return;
  const path = results.find(({ outcome }) => outcome === 'conflicted')?.paths.at(-1) ?? '';
  throw new ApiError('MERGE_CONFLICT', `${quote(path)} is in conflict between ${MAX_SIDES} versions, as many as can be kept; resolve it, then write again.`, {
    path,
  });
}

/**
 * The bases of merges whose bytes are nowhere, or are not of the kind they are said to be: the core may leave a term, be it as what is there now, without
 * having had to look into it, and nobody could read it then. Those that came along are kept.
 */
async function lostBases(objects: RepoObjects, merged: ReadonlySet<ContentEdit>): Promise<Set<string>> {
  const bases = [...merged]
    .flatMap((edit) => (edit.type === 'write' ? edit.was : edit.type === 'rename' ? [...edit.was, ...edit.toWas] : []))
    .filter((term) => term !== null)
    .filter(({ mode }) => mode !== MODE.submodule);
  const lost = new Set<string>();
  if (bases.length === 0) return lost;
  const known = await objects.info(bases.map(({ oid }) => oid));
  for (const base of bases) if (known.get(base.oid)?.kind !== kindOf(base)) lost.add(base.oid);
  for (const { oid } of bases) if (!lost.has(oid)) objects.accept(oid);
  return lost;
}

/** The same edit with nothing in place of what is lost, as it was written down when it was lost first. */
function withoutLostBase(edit: ContentEdit, lost: ReadonlySet<string>): ContentEdit {
  const isLost = (terms: WireTerms): boolean => terms.some((term) => term !== null && lost.has(term.oid));
  const without = (terms: WireTerms): WireTerms => terms.map((term) => (term !== null && lost.has(term.oid) ? null : term));
  if (edit.type === 'write' && isLost(edit.was)) return { ...edit, was: without(edit.was) };
  if (edit.type === 'rename' && (isLost(edit.was) || isLost(edit.toWas))) return { ...edit, was: without(edit.was), toWas: without(edit.toWas) };
  return edit;
}

/** Every object that enters is there, and is of the kind its mode says; what the directories among them hold was looked at when they came. */
async function checkEntries(objects: RepoObjects, edits: readonly ContentEdit[]): Promise<void> {
  const missing = await objects.lacked(enteringEntries(edits));
  if (missing.length === 0) return;
  const message = `The object ${missing[0]} is named by an edit but was neither sent nor stored; send it in the same body or to -/objects first.`;
  throw new ApiError('MISSING_OBJECT', message, { oids: missing });
}

function enteringEntries(edits: readonly ContentEdit[]): WireEntry[] {
  return edits.flatMap((edit) => (edit.type === 'write' ? edit.entry.filter((term) => term !== null) : []));
}

/** Tells whether an edit puts in, moves or takes away a directory. One that is removed or moved though no tree has it is a directory without content. */
function holdsTree(edit: ContentEdit): boolean {
  if (edit.type === 'mkdir' || edit.type === 'utimes') return false;
  const terms = edit.type === 'write' ? [...edit.was, ...edit.entry] : [...edit.was, ...edit.toWas];
  return terms.some((term) => term?.mode === MODE.tree) || (edit.type === 'write' ? terms : edit.was).every((term) => term === null);
}

/** Metadata goes where a path is moved and goes away with what is deleted; what stays, since a racer has edited it, keeps its own. */
async function carryMetadata(objects: RepoObjects, draft: Draft, content: Content, edit: ContentEdit, outcome: Outcome, given: Set<string>): Promise<void> {
  // What was there is gone; or a part of it stays, since a racer has edited that.
  const leave = (path: string): Promise<void> => (outcome === 'applied' ? clearMetadata(draft, path) : dropMetadata(objects, draft, content, path));
  if (edit.type === 'write' && edit.entry.length === 1 && edit.entry[0] === null) await leave(edit.path);
  if (edit.type !== 'rename') return;
  const own = await draft.metadata(edit.from);
  const below = await draft.metadataUnder(edit.from);
  await clearMetadata(draft, edit.from);
  await leave(edit.to);
  const moved = below.map(({ path, metadata }) => ({ path: joinPath(edit.to, path.slice(edit.from.length + 1)), metadata }));
  for (const { path, metadata } of own === null ? moved : [{ path: edit.to, metadata: own }, ...moved]) {
    draft.setMetadata(path, metadata);
    given.add(path);
  }
}

/** Takes away the metadata of a path and of what is below it, as far as nothing is there any more. */
async function dropMetadata(objects: RepoObjects, draft: Draft, content: Content, path: string): Promise<void> {
  const own = (await draft.metadata(path)) === null ? [] : [path];
  const paths = [...own, ...(await draft.metadataUnder(path)).map((row) => row.path)];
  const isThere = await presence(objects, content, paths);
  for (const [index, each] of paths.entries()) if (isThere[index] !== true) draft.setMetadata(each, {});
}

async function presence(objects: RepoObjects, { trees, side }: Content, paths: string[]): Promise<boolean[]> {
  if (paths.length === 0) return [];
  const { found } = await objects.ask((pool) => pool.lookup(trees, side, paths));
  return found.map(({ kind }) => kind !== 'absent');
}

async function clearMetadata(draft: Draft, path: string): Promise<void> {
  if ((await draft.metadata(path)) !== null) draft.setMetadata(path, {});
  for (const row of await draft.metadataUnder(path)) draft.setMetadata(row.path, {});
}

/** Answers whether anything is different. */
async function editMetadata(draft: Draft, edit: Extract<WireEdit, { type: 'metadata' }>): Promise<boolean> {
  const before = (await draft.metadata(edit.path)) ?? {};
  const after = { ...before };
  for (const key of edit.delete) delete after[key];
  for (const [key, value] of Object.entries(edit.set)) {
    if (value === '') delete after[key];
    else after[key] = value;
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  if ([...keys].every((key) => before[key] === after[key])) return false;
  draft.setMetadata(edit.path, after);
  return true;
}
