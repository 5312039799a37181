import { randomBytes } from 'node:crypto';
import type { Core } from '../../src/core/load.ts';
import { newChangeId, VIRTUAL_ROOT_CHANGE_ID } from '../../src/base/ids.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { LIMITS } from '../../src/wire/limits.ts';
import type { OperationBody, OpResult, OpsReply, WireEdit } from '../../src/wire/operations.ts';
import { operationFrame } from '../../src/wire/operations.ts';
import type { Api } from './api.ts';
import { ApiFailure } from './api.ts';
import type { Progress } from './progress.ts';
import type { Source, SourceEntry } from './source.ts';
import { UsageError } from './usage-error.ts';

/** Blobs travel in bodies of about this many bytes, or this many blobs. */
const BATCH_BYTES = 8 * 1024 * 1024;
const BATCH_BLOBS = 2_000;

/** Files named by one operation; a large import is several operations of one batch, which is one transaction. */
const EDITS_PER_OPERATION = 10_000;

/** Where an import goes. */
export interface ImportTarget {
  org: string;
  repo: string;
  bookmark: string;
  message: string;
}

/** What an import did. */
export interface ImportReport {
  files: number;
  bytes: number;
  /** Different contents among the files; equal ones are sent once. */
  blobs: number;
  requests: number;
  /** The change that holds the import, closed: the bookmark is at an empty one on top of it. */
  change: string;
  commit: string;
}

/**
 * Imports files and empty directories into a new or empty repo as one change: contents first, in a few large bodies, then one batch that names them
 * all. Until that is accepted the repo stays as it was. The change is closed, so that what is written next begins another one and the import can be
 * gone back to.
 */
export async function importSource(api: Api, core: Core, source: Source, target: ImportTarget, report: Progress): Promise<ImportReport> {
  const repoPath = `/${encodeURIComponent(target.org)}/${encodeURIComponent(target.repo)}`;
  await emptyRepo(api, target, repoPath);
  const upload = new Upload(api, core, `${repoPath}/-/objects`, source.entries.length, report);
  const edits: WireEdit[] = [];
  for (const entry of source.entries) {
    const oid = await upload.add(entry);
    edits.push({
      type: 'write',
      path: entry.path,
      was: [null],
      entry: [{ oid, mode: entry.mode }],
      ...(entry.mtime === undefined ? {} : { mtime: entry.mtime }),
    });
  }
  for (const path of source.emptyDirectories) edits.push({ type: 'mkdir', path });
  await upload.flush();
  const result = await commit(api, repoPath, target, edits);
  return {
    files: source.entries.length,
    bytes: upload.bytes,
    blobs: upload.blobs,
    requests: upload.requests + 1,
    change: result.change,
    commit: result.commit,
  };
}

/** Makes the repo, or takes one that is there and still empty. */
async function emptyRepo(api: Api, target: ImportTarget, repoPath: string): Promise<void> {
  try {
    await api.json('POST', `/${encodeURIComponent(target.org)}/repos`, { name: target.repo, default_bookmark: target.bookmark });
  } catch (error) {
    if (!(error instanceof ApiFailure && error.status === 409)) throw error;
    const repo = await api.json<{ head_change_id: string }>('GET', repoPath);
    if (repo.head_change_id !== VIRTUAL_ROOT_CHANGE_ID) {
      throw new UsageError(`The repo ${target.org}/${target.repo} already has content; import into another one with --repo <name>`);
    }
  }
}

async function commit(api: Api, repoPath: string, target: ImportTarget, edits: WireEdit[]): Promise<Extract<OpResult, { ok: true }>> {
  const newId = (): string => newChangeId((bytes) => bytes.set(randomBytes(bytes.length)));
  const [imported, next] = [newId(), newId()];
  const bodies: OperationBody[] = [];
  for (let at = 0; at < edits.length; at += EDITS_PER_OPERATION) {
    const part = edits.slice(at, at + EDITS_PER_OPERATION);
    bodies.push({ kind: 'files', target: { bookmark: target.bookmark, newChange: imported }, edits: part, message: target.message });
  }
  const named = bodies.length;
  bodies.push({ kind: 'change.create', id: next, parents: [imported], message: '' });
  bodies.push({ kind: 'bookmark.move', name: target.bookmark, change: next, expected: imported });
  const header: Frame = { type: 'header', value: { client: randomBytes(16).toString('base64url') } };
  const operations = bodies.map((body, index) => operationFrame({ seq: index + 1, ...body }));
  const { results } = await api.frames<OpsReply>(`${repoPath}/-/ops`, [header, ...operations]);
  for (const result of results) if (!result.ok) throw new UsageError(`${result.error.message} (${result.error.code})`);
  const last = results[named - 1];
  if (!last?.ok) throw new UsageError('The server answered no result');
  return last;
}

/** Collects contents into bodies and sends them, one body on its way while the next is read. */
class Upload {
  readonly #api: Api;
  readonly #core: Core;
  readonly #path: string;
  readonly #total: number;
  readonly #report: Progress;
  readonly #sent = new Set<string>();
  #batch: Frame[] = [];
  #size = 0;
  #sending: Promise<unknown> = Promise.resolve();
  #done = 0;
  bytes = 0;
  requests = 0;

  constructor(api: Api, core: Core, path: string, total: number, report: Progress) {
    this.#api = api;
    this.#core = core;
    this.#path = path;
    this.#total = total;
    this.#report = report;
  }

  get blobs(): number {
    return this.#sent.size;
  }

  async add(entry: SourceEntry): Promise<string> {
    const bytes = await entry.read();
    if (bytes.length > LIMITS.maxBlobBytes)
      throw new UsageError(`${entry.path} is ${bytes.length} bytes; the largest file the server takes is ${LIMITS.maxBlobBytes}`);
    const oid = this.#core.hashObject('blob', bytes);
    this.bytes += bytes.length;
    this.#report.update((this.#done += 1), this.#total);
    if (this.#sent.has(oid)) return oid;
    this.#sent.add(oid);
    this.#batch.push({ type: 'object', kind: 'blob', oid, bytes });
    this.#size += bytes.length;
    if (this.#size >= BATCH_BYTES || this.#batch.length >= BATCH_BLOBS) await this.#send();
    return oid;
  }

  async flush(): Promise<void> {
    if (this.#batch.length > 0) await this.#send();
    await this.#sending;
  }

  async #send(): Promise<void> {
    await this.#sending;
    this.requests += 1;
    const sending = this.#api.frames(this.#path, [{ type: 'header', value: {} }, ...this.#batch]);
    // A failure is thrown by whoever awaits next; this keeps it from counting as unhandled until then.
    sending.catch(() => {});
    this.#sending = sending;
    this.#batch = [];
    this.#size = 0;
  }
}
