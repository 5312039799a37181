import * as v from 'valibot';
import { ApiError, quote } from '../wire/errors.ts';
import { LIMITS } from '../wire/limits.ts';
import type { WireEdit, WireTerms } from '../wire/operations.ts';
import { listOf } from '../wire/validation.ts';
import type { Content } from './authority/ancestry.ts';
import type { RepoObjects } from './authority/objects.ts';
import { sidesOf } from './conflict-view.ts';
import { replaceRegions } from './conflict-regions.ts';
import { checkPath, decodeContent, firstTwice, modeOf } from './file-edits.ts';

const side = v.optional(v.picklist(['target', 'source']));
const answer = { content: v.optional(v.string()), take: side, encoding: v.optional(v.literal('base64')) };
const hunk = v.object({ hunk_id: v.string(), ...answer });

/** The `resolutions` of a merge or of a patch. */
export const resolutionsSchema: v.GenericSchema<unknown, Resolution[]> = listOf(
  v.object({ path: v.string(), ...answer, hunks: v.optional(listOf(hunk, LIMITS.maxResolutions, 'hunks of a path')) }),
  LIMITS.maxResolutions,
  'resolutions; send several requests',
);

/** How one path, or each hunk of it, is resolved: by a side taken as it is, or by content in base64. */
export interface Resolution extends Answer {
  path: string;
  hunks?: ({ hunk_id: string } & Answer)[] | undefined;
}

interface Answer {
  content?: string | undefined;
  take?: 'target' | 'source' | undefined;
}

/** What a side of the conflict holds at a path. */
export type SideTerms = (path: string, side: 'target' | 'source', terms: WireTerms) => Promise<WireTerms>;

/**
 * Turns resolutions into edits of a content in conflict. A path whose hunks are not all resolved stays as it is, for the caller to find.
 *
 * @throws ApiError INVALID_PATH, INVALID_REQUEST
 */
export async function resolutionEdits(
  objects: RepoObjects,
  { trees, side: sideRoot }: Content,
  resolutions: readonly Resolution[],
  sideTerms: SideTerms,
  now: number,
): Promise<WireEdit[]> {
  const paths = resolutions.map(({ path }) => path);
  for (const resolution of resolutions) checkResolution(resolution);
  const twice = firstTwice(paths);
  if (twice !== undefined) throw new ApiError('INVALID_REQUEST', `The path ${quote(twice)} is resolved twice; resolve it once.`, { path: twice });
  const { found } = await objects.ask((pool) => pool.lookup(trees, sideRoot, paths));
  const edits: WireEdit[] = [];
  for (const [index, resolution] of resolutions.entries()) {
    const { terms = [null], kind = 'absent' } = found[index] ?? {};
    if (kind === 'dir')
      throw new ApiError('INVALID_PATH', `${quote(resolution.path)} is a directory; resolve the files in it, each by its path.`, { path: resolution.path });
    const entry = await resolve(objects, resolution, terms, sideTerms);
    if (entry !== null) edits.push({ type: 'write', path: resolution.path, was: terms, entry, mtime: now });
  }
  return edits;
}

async function resolve(objects: RepoObjects, resolution: Resolution, terms: WireTerms, sideTerms: SideTerms): Promise<WireTerms | null> {
  const { path, content, take, hunks } = resolution;
  if (take !== undefined) return sideTerms(path, take, terms);
  const bytes = content === undefined ? await resolveHunks(objects, path, hunks ?? [], terms) : decodeContent(path, content);
  return bytes === null ? null : [{ oid: objects.addBlob(bytes), mode: modeOf(undefined, terms) }];
}

async function resolveHunks(
  objects: RepoObjects,
  path: string,
  answers: readonly ({ hunk_id: string } & Answer)[],
  terms: WireTerms,
): Promise<Uint8Array | null> {
  if (terms.length === 1) throw new ApiError('INVALID_REQUEST', `${quote(path)} is not in conflict, so none of its hunks can be resolved.`, { path });
  const { hunks } = await objects.ask((pool) => pool.conflictHunks(terms));
  const byId = new Map(answers.map((one) => [one.hunk_id, one]));
  const parts: Uint8Array[] = [];
  for (const one of hunks) {
    const chosen = byId.get(one.hunkId);
    if (chosen === undefined) return null;
    const taken = chosen.take === undefined ? decodeContent(path, chosen.content ?? '') : (sidesOf(one)[chosen.take] ?? new Uint8Array(0));
    parts.push(taken);
  }
  if (parts.length === 0) return null;
  const { bytes } = await objects.ask((pool) => pool.render(terms, { style: 'snapshot', labels: [] }));
  return replaceRegions(bytes, parts);
}

function checkResolution({ path, content, take, hunks }: Resolution): void {
  checkPath(path);
  const given = [content, take, hunks].filter((part) => part !== undefined).length;
  if (given !== 1)
    throw new ApiError('INVALID_REQUEST', `The resolution of ${quote(path)} has ${given} of content, take and hunks; give exactly one.`, { path });
  for (const one of hunks ?? []) {
    if ((one.content === undefined) === (one.take === undefined)) {
      throw new ApiError('INVALID_REQUEST', `Hunk ${quote(one.hunk_id)} of ${quote(path)} takes either content or take.`, { path, hunk_id: one.hunk_id });
    }
  }
}
