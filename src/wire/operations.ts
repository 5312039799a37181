import * as v from 'valibot';
import { isChangeId, isOid, MODE, VIRTUAL_ROOT_CHANGE_ID } from '../base/ids.ts';
import { repoPathProblem } from '../base/path-problem.ts';
import { ApiError, quote } from './errors.ts';
import { parseJson } from './frames.ts';
import type { Frame } from './frames.ts';
import { LIMITS } from './limits.ts';
import { bookmarkNameProblem, CLIENT_ID, messageProblem, metadataKeyProblem, metadataValueProblem } from './names.ts';
import { listOf, recordOf, validate } from './validation.ts';

/** A file, symlink, directory or submodule as a tree names it. */
export interface WireEntry {
  oid: string;
  mode: number;
}

/** What a path holds: one term when resolved (`[null]` = absent), else the odd list `+ − + …` of a conflict. */
export type WireTerms = (WireEntry | null)[];

/** One edit of a `files` operation: those of the core, and metadata, which has no history. Paths are relative to the repo's root. */
export type WireEdit =
  | { type: 'write'; path: string; was: WireTerms; entry: WireTerms; mtime?: number }
  | { type: 'rename'; from: string; to: string; was: WireTerms; toWas: WireTerms; mtime?: number }
  | { type: 'mkdir'; path: string; mtime?: number }
  | { type: 'utimes'; path: string; mtime: number }
  /** `path` may be `''`, the root. An empty value deletes like `delete` does. */
  | { type: 'metadata'; path: string; set: Record<string, string>; delete: string[] };

/**
 * Where a `files` operation writes: a change, or whatever a bookmark stands for. The backend writes into the bookmark's change when nothing else
 * shares it, else it makes `newChange` on top and moves the bookmark there, in the same step.
 */
export type Target = { change: string } | { bookmark: string; newChange: string };

/** An operation without its number. `message` of `files` describes a change the operation makes; an existing one keeps its own. */
export type OperationBody =
  | { kind: 'files'; target: Target; edits: WireEdit[]; message?: string }
  /** `bookmark`: on what that stands for, instead of `parents`, where there is one: what was written by its name just before may be in another change. */
  | { kind: 'change.create'; id: string; parents: string[]; bookmark?: string; message: string }
  /** `bookmark`: only while that stands at it. */
  | { kind: 'change.describe'; change: string; message: string; bookmark?: string }
  | { kind: 'bookmark.create'; name: string; change: string }
  | { kind: 'bookmark.move'; name: string; change: string; expected?: string };

/** One operation: named `(client, seq)`, its hash the git blob id of the frame's payload. */
export type Operation = { seq: number } & OperationBody;

/** The header of a batch. `client`: 16 random bytes in url-safe base64. */
export interface OpsHeader {
  client: string;
  /** Other clients whose operations the answer's versions may hold, unknown to whoever sends. */
  clients?: string[];
}

/** Clients that one request may ask about, counted. */
export const MAX_CLIENTS = 1_000;

/** What became of a `files` operation's edits: `merged` and `conflicted` when it had lost a race. */
export type Outcome = 'applied' | 'merged' | 'conflicted' | 'unchanged';

/** The answer to one operation. */
export type OpResult =
  | {
      seq: number;
      ok: true;
      /** The repo's sequence number at which the operation's effect stands. */
      repoSeq: number;
      change: string;
      commit: string;
      trees: string[];
      side: string | null;
      outcome: Outcome;
      /** The paths it touched. */
      paths: string[];
      /** The operation was known: this is what it answered the first time. */
      replayed?: true;
    }
  | { seq: number; ok: false; error: { code: string; message: string; details?: unknown } };

/** The answer to a batch: one result for each operation, in order. */
export interface OpsReply {
  results: OpResult[];
  /** Events after it bring whatever version is answered last of a change up to date. */
  cursor: string;
  /** Of each client asked about, the last operation that the results may hold: all up to it have been answered. */
  accepted?: Record<string, number>;
}

/** Encodes an operation as the frame that carries it. */
export function operationFrame(operation: Operation): Extract<Frame, { type: 'operation' }> {
  return { type: 'operation', payload: new TextEncoder().encode(JSON.stringify(operation)) };
}

/**
 * Reads the header of a batch.
 *
 * @throws ApiError INVALID_REQUEST
 */
export function parseOpsHeader(value: unknown): OpsHeader {
  return validate(headerSchema, value, (problem) => new ApiError('INVALID_REQUEST', `The header of the batch is not valid: ${problem}`));
}

/**
 * Reads one operation from its frame's payload; unknown members are refused, since ignoring one could change what is meant.
 *
 * @throws ApiError BAD_FRAMING (not JSON), INVALID_PATH or INVALID_REQUEST, each naming the value and the remedy
 */
export function parseOperation(payload: Uint8Array): Operation {
  const value = parseJson(payload, 'an operation');
  const operation: Operation = validate(operationSchema, value, (problem) => {
    const seq = typeof value === 'object' && value !== null && 'seq' in value ? value.seq : undefined;
    const details = typeof seq === 'number' ? { seq } : undefined;
    return new ApiError('INVALID_REQUEST', `Operation ${quote(seq)} is not valid: ${problem}`, details);
  });
  if (operation.kind === 'files') for (const edit of operation.edits) checkPaths(operation.seq, edit);
  return operation;
}

function checkPaths(seq: number, edit: WireEdit): void {
  const paths = edit.type === 'rename' ? [edit.from, edit.to] : [edit.path];
  for (const path of paths) {
    if (path === '' && edit.type === 'metadata') continue;
    const problem = repoPathProblem(path);
    if (problem !== null) throw new ApiError('INVALID_PATH', `Operation ${seq} cannot ${edit.type} ${quote(path)}: ${problem}.`, { seq, path });
  }
}

const clientId = v.pipe(
  v.string(),
  v.regex(CLIENT_ID, (issue) => `${quote(issue.input)} is not a client id; use 16 random bytes in url-safe base64`),
);

/** Other clients, in the header of a batch and in what opens a repo. */
export const clientsSchema: v.GenericSchema<unknown, string[]> = listOf(clientId, MAX_CLIENTS, 'clients');

const headerSchema = v.strictObject({ client: clientId, clients: v.exactOptional(clientsSchema) });

const oid = v.pipe(
  v.string(),
  v.check(
    (text: string) => isOid(text),
    (issue) => `${quote(issue.input)} is not an object id; use 40 lower-case hex digits`,
  ),
);
const change = v.pipe(
  v.string(),
  v.check(
    (text: string) => isChangeId(text),
    (issue) => `${quote(issue.input)} is not a change id; use 32 letters from k to z`,
  ),
);
const ownChange = v.pipe(
  change,
  v.check((id) => id !== VIRTUAL_ROOT_CHANGE_ID, 'the virtual root (32 × z) cannot be written; make a change on top of it'),
);
const bookmark = v.pipe(
  v.string(),
  v.check(
    (name) => bookmarkNameProblem(name) === null,
    (issue) => `${quote(issue.input)} cannot name a bookmark: ${bookmarkNameProblem(issue.input) ?? ''}`,
  ),
);
const message = v.pipe(
  v.string(),
  v.check(
    (text) => messageProblem(text) === null,
    (issue) => messageProblem(issue.input) ?? '',
  ),
);
const mtime = v.pipe(v.number(), v.integer('mtime is in whole milliseconds'), v.minValue(-8.64e15), v.maxValue(8.64e15));
const entry = v.strictObject({
  oid,
  mode: v.picklist(Object.values(MODE), (issue) => `${quote(issue.input)} is not a mode; git has 33188, 33261, 40960, 16384 and 57344`),
});
const terms = v.pipe(
  listOf(v.nullable(entry), LIMITS.maxTerms, 'terms of a path'),
  v.check(
    (list) => list.length % 2 === 1,
    (issue) => `${issue.input.length} terms; a path has an odd number of them`,
  ),
);
const metadataKey = v.pipe(
  v.string(),
  v.check(
    (key) => metadataKeyProblem(key) === null,
    (issue) => metadataKeyProblem(issue.input) ?? '',
  ),
);
const metadataValue = v.pipe(
  v.string(),
  v.check(
    (value) => metadataValueProblem(value) === null,
    (issue) => metadataValueProblem(issue.input) ?? '',
  ),
);

const edit = v.variant('type', [
  v.strictObject({ type: v.literal('write'), path: v.string(), was: terms, entry: terms, mtime: v.exactOptional(mtime) }),
  v.strictObject({ type: v.literal('rename'), from: v.string(), to: v.string(), was: terms, toWas: terms, mtime: v.exactOptional(mtime) }),
  v.strictObject({ type: v.literal('mkdir'), path: v.string(), mtime: v.exactOptional(mtime) }),
  v.strictObject({ type: v.literal('utimes'), path: v.string(), mtime }),
  v.strictObject({ type: v.literal('metadata'), path: v.string(), set: recordOf(metadataKey, metadataValue), delete: v.array(metadataKey) }),
]);
const edits = v.pipe(listOf(edit, LIMITS.maxEdits, 'edits'), v.minLength(1, 'an operation has at least one edit'));
const target = v.union(
  [v.strictObject({ change: ownChange }), v.strictObject({ bookmark, newChange: ownChange })],
  'target is either {change} or {bookmark, newChange}, with valid names',
);

const seq = v.pipe(v.number(), v.safeInteger('seq is a whole number'), v.minValue(1, 'seq starts at 1'));
const operationSchema = v.variant('kind', [
  v.strictObject({ seq, kind: v.literal('files'), target, edits, message: v.exactOptional(message) }),
  v.strictObject({
    seq,
    kind: v.literal('change.create'),
    id: ownChange,
    parents: listOf(change, 16, 'parents'),
    bookmark: v.exactOptional(bookmark),
    message,
  }),
  v.strictObject({ seq, kind: v.literal('change.describe'), change: ownChange, message, bookmark: v.exactOptional(bookmark) }),
  v.strictObject({ seq, kind: v.literal('bookmark.create'), name: bookmark, change }),
  v.strictObject({ seq, kind: v.literal('bookmark.move'), name: bookmark, change, expected: v.exactOptional(change) }),
]);
