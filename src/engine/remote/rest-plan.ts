import { MODE } from '../../base/ids.ts';
import type { ApplyResult, Changed, Edit, Terms } from '../../core/generated/mesa_core.js';
import { MissingObjectError } from '../../core/resolve.ts';
import type { Operation, Outcome, WireEdit } from '../../wire/operations.ts';
import type { Versions } from './rest-versions.ts';
import { modeLimit } from './rest-limits.ts';
import type { LocalVersion } from './rest-side.ts';

/** An operation on files. */
export type FilesOperation = Extract<Operation, { kind: 'files' }>;

/** What becomes of an operation. */
export type Planned =
  | { seq: number; ok: true; outcome: Outcome; paths: string[] }
  | { seq: number; ok: false; error: { code: string; message: string; details?: unknown } };

/** A version with operations on top, and the files in which it differs. */
export interface Plan extends LocalVersion {
  changed: Changed[];
  results: Planned[];
  /** Something was nowhere to be had, so a side was merged over nothing or refused. Where the version no longer stands, it may have gone with that. */
  lacking: boolean;
}

/** The code of an operation whose content, or what it is merged with, is nowhere to be had. */
const LOST = 'MISSING_OBJECT';
const OUTCOMES: readonly Outcome[] = ['unchanged', 'applied', 'merged', 'conflicted'];

/** Lays operations on a version, one after the other. One that can't be said over REST is left out, with the reason. */
export async function plan(versions: Versions, version: LocalVersion, operations: readonly FilesOperation[]): Promise<Plan> {
  let at: LocalVersion = version;
  let lacking = false;
  const results: Planned[] = [];
  for (const { seq, edits } of operations) {
    try {
      const next = await layOn(versions, at, edits);
      const { changed } = await versions.ask((pool) => pool.diffTrees([at.tree], [next.tree]));
      checkModes(changed);
      at = next;
      lacking ||= next.lacking;
      results.push({ seq, ok: true, outcome: next.outcome, paths: next.paths });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      lacking ||= error.code === LOST;
      results.push({ seq, ok: false, error: { code: error.code, message: error.message, details: error.details } });
    }
  }
  const { changed } = await versions.ask((pool) => pool.diffTrees([version.tree], [at.tree]));
  return { tree: at.tree, side: at.side, changed, results, lacking };
}

/** Why an operation can't be made. */
class Refusal extends Error {
  override readonly name: string = 'Refusal';
  readonly code: string;
  readonly details: unknown;

  constructor(code: string, message: string, details?: unknown) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** What one operation makes of a version. */
interface Laid extends LocalVersion {
  outcome: Outcome;
  paths: string[];
  lacking: boolean;
}

async function layOn(versions: Versions, at: LocalVersion, wished: readonly WireEdit[]): Promise<Laid> {
  const edits: Edit[] = [];
  for (const edit of wished) {
    if (edit.type === 'metadata') throw new Refusal('NOT_SUPPORTED', `The REST API has no way to write the metadata of ${edit.path}`);
    edits.push(await flat(versions, edit));
  }
  const { trees, side, results, lacking } = await applyOver(versions, at, edits);
  const paths = results.flatMap((result) => result.paths);
  const worst = Math.max(0, ...results.map((result) => OUTCOMES.indexOf(result.outcome)));
  const outcome = OUTCOMES[worst] ?? 'applied';
  const [tree] = trees;
  if (trees.length === 1 && tree !== undefined) return { tree, side, outcome, paths, lacking };
  return { ...(await asText(versions, trees, side)), outcome: 'conflicted', paths, lacking };
}

/** Applies edits; where what their writer saw is nowhere to be had, both sides are kept over nothing. */
async function applyOver(versions: Versions, { tree, side }: LocalVersion, edits: Edit[]): Promise<ApplyResult & { lacking: boolean }> {
  try {
    return { ...(await versions.apply([tree], side, edits)), lacking: false };
  } catch (error) {
    if (!(error instanceof MissingObjectError)) throw error;
    const gone = new Set(error.oids);
    const seen = (terms: Terms): Terms => (terms.some((term) => term !== null && gone.has(term.oid)) ? [null] : terms);
    const over = edits.map((edit): Edit => (edit.type === 'write' ? { ...edit, was: seen(edit.was) } : edit));
    if (JSON.stringify(over) === JSON.stringify(edits)) throw lost(error.oids);
    const applied = await versions.apply([tree], side, over).catch((again: unknown) => {
      throw again instanceof MissingObjectError ? lost(again.oids) : again;
    });
    return { ...applied, lacking: true };
  }
}

function lost(oids: readonly string[]): Refusal {
  return new Refusal(LOST, 'The content that was written, or that it is merged with, is nowhere to be had', { oids });
}

/** Writes what is in conflict as text with markers: REST keeps no terms. */
async function asText(versions: Versions, trees: string[], side: string | null): Promise<LocalVersion> {
  const { paths } = await versions.ask((pool) => pool.conflicts(trees));
  const edits: Edit[] = [];
  for (const { path, terms } of paths) edits.push({ type: 'write', path, was: terms, entry: await textOf(versions, path, terms) });
  const applied = await versions.apply(trees, side, edits);
  const [tree] = applied.trees;
  if (tree === undefined || applied.trees.length > 1) throw new Error('A version whose conflicts were written as text is still in conflict');
  return { tree, side: applied.side };
}

async function textOf(versions: Versions, path: string, terms: Terms): Promise<Terms> {
  const regular = terms.every((term) => term === null || term.mode === MODE.file || term.mode === MODE.executable);
  const text = regular ? await versions.ask((pool) => pool.render(terms, { style: 'snapshot', labels: [] })) : null;
  if (text === null || text.hunks === 0) {
    throw new Refusal('MERGE_CONFLICT', `${path} was changed by another writer meanwhile, and the REST API can't keep both sides of what is no text`, { path });
  }
  return [{ oid: versions.blob(text.bytes), mode: text.mode === MODE.executable ? MODE.executable : MODE.file }];
}

/** The same edit where every conflict it speaks of is text, as it is on the server. */
async function flat(versions: Versions, edit: Exclude<WireEdit, { type: 'metadata' }>): Promise<Edit> {
  if (edit.type === 'write') return { ...edit, was: await flatTerms(versions, edit.path, edit.was), entry: await flatTerms(versions, edit.path, edit.entry) };
  if (edit.type !== 'rename') return edit;
  return { ...edit, was: await flatTerms(versions, edit.from, edit.was), toWas: await flatTerms(versions, edit.to, edit.toWas) };
}

function flatTerms(versions: Versions, path: string, terms: Terms): Promise<Terms> | Terms {
  return terms.length === 1 ? terms : textOf(versions, path, terms);
}

function checkModes(changed: readonly Changed[]): void {
  for (const { path, after } of changed) {
    const limit = after.map((term) => (term === null ? null : modeLimit(term.mode))).find((found) => found !== null);
    if (limit !== undefined && limit !== null) throw new Refusal('NOT_SUPPORTED', `${path} can't be written: ${limit}`, { path });
  }
}
