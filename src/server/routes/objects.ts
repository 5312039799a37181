import * as v from 'valibot';
import { isOid, MODE } from '../../base/ids.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { ApiError, quote } from '../../wire/errors.ts';
import type { Frame } from '../../wire/frames.ts';
import { readFrames } from '../../wire/frames.ts';
import { LIMITS } from '../../wire/limits.ts';
import { listOf } from '../../wire/validation.ts';
import type { Backend, Routes } from '../backend.ts';
import { accessRepo } from '../backend.ts';
import { readBody, readJson } from '../body.ts';
import { framesResponse } from '../frames-response.ts';
import type { ObjectInfo } from '../storage/records.ts';
import { verifyObjects } from '../verify.ts';

/** Objects read from storage at a time while a batch streams out: so many, and no more once they have so many bytes. */
const CHUNK = 64;
const CHUNK_BYTES = 1_048_576;

/** Objects and listings of trees, under `/{org}/{repo}/-/`. An object is seen only through a repo it is in. */
export const objectRoutes: Routes = (router, backend) => {
  const { storage, core } = backend;

  router.get('/:org/:repo/-/objects/:oid', async (context) => {
    const { repo } = await accessRepo(context, backend, 'read');
    const oid = requireOid(context.req.param('oid'));
    const headers = { ETag: `"${oid}"`, 'Cache-Control': 'private, max-age=31536000, immutable' };
    const [object] = await storage.objects(repo.id, [oid]);
    if (object === undefined) throw new ApiError('OBJECT_NOT_FOUND', `There is no object ${oid} in this repo.`, { oid });
    if (context.req.header('if-none-match') === headers.ETag) return context.body(null, 304, headers);
    return new Response(object.bytes as Uint8Array<ArrayBuffer>, { headers: { ...headers, 'Content-Type': `application/vnd.mesafs.${object.kind}` } });
  });

  router.post('/:org/:repo/-/objects/batch', async (context) => {
    const { repo } = await accessRepo(context, backend, 'read');
    const { oids } = await readJson(context.req.raw, batchSchema);
    const there = await storage.objectInfo(repo.id, oids);
    const known = new Set(there.map(({ oid }) => oid));
    return framesResponse(
      batchFrames(
        backend,
        repo.id,
        there,
        [...new Set(oids)].filter((oid) => !known.has(oid)),
      ),
    );
  });

  router.post('/:org/:repo/-/objects', async (context) => {
    const { repo } = await accessRepo(context, backend, 'write');
    const blobs: StoredObject[] = [];
    for await (const frame of readFrames(await readBody(context.req.raw, LIMITS.maxBodyBytes))) {
      if (frame.type === 'header') continue;
      if (frame.type !== 'object' || frame.kind !== 'blob')
        throw new ApiError('BAD_FRAMING', 'An upload takes blob frames only; trees are made by the operations that need them.');
      blobs.push({ oid: frame.oid, kind: 'blob', bytes: frame.bytes });
    }
    verifyObjects(core, blobs);
    await storage.putObjects(repo.id, blobs);
    return context.json({ stored: blobs.length });
  });

  router.get('/:org/:repo/-/trees/:oid', async (context) => {
    const { repo } = await accessRepo(context, backend, 'read');
    const oid = requireOid(context.req.param('oid'));
    const depth = Number(context.req.query('depth') ?? 1);
    if (!Number.isInteger(depth) || depth < 1 || depth > LIMITS.maxListedDepth) {
      throw new ApiError('INVALID_REQUEST', `depth=${quote(context.req.query('depth'))} is not a whole number from 1 to ${LIMITS.maxListedDepth}.`);
    }
    return framesResponse(await listTrees(backend, repo.id, oid, depth));
  });
};

const batchSchema = v.object({
  oids: listOf(
    v.pipe(
      v.string(),
      v.check(
        (oid: string) => isOid(oid),
        (issue) => `${quote(issue.input)} is not an object id; use 40 lower-case hex digits`,
      ),
    ),
    LIMITS.maxBatchOids,
    'objects; ask in parts',
  ),
});

function requireOid(text: string): string {
  if (isOid(text)) return text;
  throw new ApiError('INVALID_REQUEST', `${quote(text)} is not an object id; use 40 lower-case hex digits.`);
}

async function* batchFrames({ storage }: Backend, repo: string, there: ObjectInfo[], missing: string[]): AsyncGenerator<Frame, void, undefined> {
  yield { type: 'header', value: { missing } };
  for (const oids of chunks(there)) for (const object of await storage.objects(repo, oids)) yield { type: 'object', ...object };
}

/** Cuts a list of objects into what is held in memory at a time. */
function* chunks(objects: readonly ObjectInfo[]): Generator<string[], void, undefined> {
  let chunk: string[] = [];
  let bytes = 0;
  for (const { oid, size } of objects) {
    chunk.push(oid);
    bytes += size;
    if (chunk.length < CHUNK && bytes < CHUNK_BYTES) continue;
    yield chunk;
    [chunk, bytes] = [[], 0];
  }
  if (chunk.length > 0) yield chunk;
}

/** Trees breadth-first from one down to a depth, then the sizes of the blobs they name. */
async function listTrees({ storage, core }: Backend, repo: string, root: string, depth: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  const seen = new Set([root]);
  const blobs = new Set<string>();
  let truncated = false;
  let level = [root];
  for (let deep = 0; deep < depth && level.length > 0; deep += 1) {
    const next: string[] = [];
    const found = new Map((await storage.objects(repo, level)).map((object) => [object.oid, object]));
    for (const oid of level) {
      const tree = found.get(oid);
      if (tree === undefined || tree.kind !== 'tree') throw new ApiError('OBJECT_NOT_FOUND', `There is no tree ${oid} in this repo.`, { oid });
      frames.push({ type: 'object', ...tree });
      for (const entry of core.decodeTree(tree.bytes)) {
        if (entry.mode !== MODE.tree) {
          if (entry.mode !== MODE.submodule) blobs.add(entry.oid);
        } else if (!seen.has(entry.oid) && deep + 1 < depth) {
          if (seen.size >= LIMITS.maxListedTrees) {
            truncated = true;
            continue;
          }
          seen.add(entry.oid);
          next.push(entry.oid);
        }
      }
    }
    level = next;
  }
  const sizes = (await storage.objectInfo(repo, [...blobs])).map(({ oid, size }) => ({ oid, size }));
  return [{ type: 'header', value: { truncated } }, ...frames, { type: 'sizes', sizes }];
}
