import * as v from 'valibot';
import { isOid, VIRTUAL_ROOT_CHANGE_ID } from '../../base/ids.ts';
import type { StoredObject } from '../../core/resolve.ts';
import { ApiError, quote } from '../../wire/errors.ts';
import type { Head } from '../../wire/events.ts';
import type { Frame } from '../../wire/frames.ts';
import { readFrames } from '../../wire/frames.ts';
import type { Capabilities } from '../../wire/limits.ts';
import { LIMITS } from '../../wire/limits.ts';
import { clientsSchema, parseOperation, parseOpsHeader } from '../../wire/operations.ts';
import type { OpsHeader } from '../../wire/operations.ts';
import { listOf } from '../../wire/validation.ts';
import { isOver } from '../authority/authority.ts';
import type { Batch } from '../authority/batch.ts';
import type { Version } from '../authority/view.ts';
import { ROOT, unknownBookmark, unknownChange } from '../authority/view.ts';
import type { Backend, RepoAccess, Routes } from '../backend.ts';
import { accessRepo } from '../backend.ts';
import { readBody, readJson } from '../body.ts';
import { encodeCursor } from '../events/cursor.ts';
import { checkPath } from '../file-edits.ts';
import { framesResponse } from '../frames-response.ts';
import { gatherOpening } from '../opening.ts';
import { changeIdSchema } from '../schemas.ts';
import type { Ref, RepoRecord } from '../storage/records.ts';
import { verifyObjects } from '../verify.ts';

/** `capabilities`, `open`, `ops` and `metadata`, all under `/{org}/{repo}/-/`. */
export const liveRoutes: Routes = (router, backend) => {
  router.get('/:org/:repo/-/capabilities', async (context) => {
    await accessRepo(context, backend, 'read');
    const { maxBodyBytes, maxBlobBytes, maxOps, maxFrameBytes, openBlobBytes } = LIMITS;
    const capabilities: Capabilities = {
      version: 1,
      live: true,
      epoch: backend.epoch,
      limits: { maxBodyBytes, maxBlobBytes, maxOps, maxFrameBytes, openBlobBytes },
    };
    return context.json(capabilities);
  });

  router.post('/:org/:repo/-/open', async (context) => {
    const access = await accessRepo(context, backend, 'read');
    const { bookmark, change, paths, known = [], clients = [] } = await readJson(context.req.raw, openSchema);
    for (const path of paths) checkPath(path);
    const ref = change === undefined ? { bookmark: bookmark ?? access.repo.defaultBookmark } : { change };
    const { head, accepted } = await readHeadFor(backend, access, ref, clients);
    const objects = await gatherOpening(backend, access.repo.id, head, paths, new Set(known));
    const value = clients.length === 0 ? { ...head } : { ...head, accepted };
    return framesResponse([{ type: 'header', value }, ...objects.map((object): Frame => ({ type: 'object', ...object }))]);
  });

  router.post('/:org/:repo/-/ops', async (context) => {
    const { principal, authority } = await accessRepo(context, backend, 'write');
    const batch = await readBatch(backend, await readBody(context.req.raw, LIMITS.maxBodyBytes));
    return context.json(await authority().submit(principal, batch));
  });

  router.get('/:org/:repo/-/metadata', async (context) => {
    const { repo } = await accessRepo(context, backend, 'read');
    const path = context.req.query('path') ?? '';
    if (path !== '') checkPath(path);
    return context.json({ metadata: (await backend.storage.metadata(repo.id, path)) ?? {} });
  });
};

const openSchema = v.object({
  bookmark: v.optional(v.pipe(v.string(), v.minLength(1))),
  change: v.optional(changeIdSchema),
  paths: listOf(v.string(), LIMITS.maxOpenPaths, 'paths'),
  clients: v.optional(clientsSchema),
  known: v.optional(
    v.array(
      v.pipe(
        v.string(),
        v.check(
          (oid: string) => isOid(oid),
          (issue) => `${quote(issue.input)} is not an object id`,
        ),
      ),
    ),
  ),
});

/**
 * The head, with the last operation of each client that it may hold. Both are of one moment: what was answered while the head was read is read again.
 * Other people's clients are left out.
 */
async function readHeadFor(
  backend: Backend,
  access: RepoAccess,
  ref: Ref,
  clients: readonly string[],
): Promise<{ head: Head; accepted: Record<string, number> }> {
  const marks = async (): Promise<Record<string, number>> => {
    const records = await Promise.all(clients.map((client) => backend.storage.client(access.repo.id, client)));
    const known = records.filter((record) => record !== null);
    const isOwn = await Promise.all(
      known.map(async ({ principal }) => principal === access.principal.keyId || isOver({ storage: backend.storage, clock: backend.env.clock }, principal)),
    );
    const own = known.filter((_, index) => isOwn[index]);
    return Object.fromEntries(own.map((record) => [record?.client ?? '', record?.highWater ?? 0]));
  };
  for (let before = await marks(); ;) {
    const head = await readHead(backend, access, ref);
    const accepted = await marks();
    if (Object.entries(accepted).every(([client, seq]) => before[client] === seq)) return { head, accepted };
    before = accepted;
  }
}

async function readHead(backend: Backend, { repo, principal }: RepoAccess, ref: Ref): Promise<Head> {
  const found = await backend.storage.head(repo.id, ref);
  if (found === null) throw new ApiError('REPO_NOT_FOUND', `The repo "${repo.name}" was deleted.`);
  const version = versionOf(found, ref, repo);
  return {
    org: principal.orgSlug,
    repo: repo.name,
    defaultBookmark: repo.defaultBookmark,
    bookmark: 'bookmark' in ref ? ref.bookmark : null,
    change: version.id,
    commit: version.commit,
    trees: version.trees,
    side: version.side,
    repoSeq: found.seq,
    cursor: encodeCursor(backend.epoch, [[repo.id, found.seq]]),
  };
}

function versionOf(found: { bookmark: { change: string } | null; change: Version | null }, ref: Ref, repo: RepoRecord): Version {
  if (found.change !== null) return found.change;
  if ('change' in ref) {
    if (ref.change === VIRTUAL_ROOT_CHANGE_ID) return ROOT;
    throw unknownChange(ref.change);
  }
  if (found.bookmark !== null) return ROOT;
  throw unknownBookmark(ref.bookmark, repo.name);
}

async function readBatch(backend: Backend, body: Uint8Array): Promise<Batch> {
  let header: OpsHeader | null = null;
  const operations: Batch['operations'][number][] = [];
  const sent: StoredObject[] = [];
  for await (const frame of readFrames(body)) {
    if (frame.type === 'header') header = parseOpsHeader(frame.value);
    else if (frame.type === 'operation') operations.push({ operation: parseOperation(frame.payload), hash: backend.core.hashObject('blob', frame.payload) });
    else if (frame.type === 'object' && frame.kind !== 'commit') sent.push({ oid: frame.oid, kind: frame.kind, bytes: frame.bytes });
    else throw new ApiError('BAD_FRAMING', `A batch of operations takes no ${frame.type === 'object' ? frame.kind : frame.type} frame.`);
    if (operations.length > LIMITS.maxOps)
      throw new ApiError('PAYLOAD_TOO_LARGE', `The batch has more than ${LIMITS.maxOps} operations; send them in parts.`, { limit: LIMITS.maxOps });
  }
  if (header === null || operations.length === 0) throw new ApiError('INVALID_REQUEST', 'A batch has at least one operation.');
  operations.reduce((last, { operation: { seq } }) => {
    if (seq <= last) throw new ApiError('INVALID_REQUEST', `Operation ${seq} follows operation ${last}; send operations in order, each number once.`);
    return seq;
  }, 0);
  verifyObjects(backend.core, sent);
  return { ...header, operations, sent: new Map(sent.map((object) => [object.oid, object])) };
}
