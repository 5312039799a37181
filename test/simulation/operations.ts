import type { StoredObject } from '../../src/core/resolve.ts';
import type { Terms } from '../../src/core/generated/mesa_core.js';
import { FrameReader } from '../../src/wire/frames.ts';
import type { Operation } from '../../src/wire/operations.ts';
import type { Content } from './content.ts';
import type { Ledger } from './ledger.ts';
import type { OpResult } from '../../src/wire/operations.ts';

/** An operation as it was sent, and what became of it. */
export interface Sent {
  /** The mount it was made in; another may have sent it. */
  by: string;
  client: string;
  /** When it left first. */
  at: number;
  operation: Operation;
  result: OpResult | null;
  answeredAt: number;
}

/** One thing an operation did away with: `was` gave way to `entry`. */
export interface Replacement {
  path: string;
  was: Terms;
  entry: Terms;
  /** What was to go is named: it is removed, not replaced. */
  removed: boolean;
  at: number;
}

/** Takes apart what was sent, once for each operation. Blobs that came along are added to `objects`. */
export function operationsOf(ledger: Ledger, owners: ReadonlyMap<string, string>, objects: Map<string, StoredObject>): Sent[] {
  const found = new Map<string, Sent>();
  for (const { by, at, body } of ledger.sent) {
    const reader = new FrameReader();
    reader.push(body);
    let client = '';
    for (let frame = reader.take(); frame !== null; frame = reader.take()) {
      if (frame.type === 'header') client = String(frame.value['client']);
      else if (frame.type === 'object' && !objects.has(frame.oid)) objects.set(frame.oid, frame);
      else if (frame.type === 'operation') {
        const operation = JSON.parse(new TextDecoder().decode(frame.payload)) as Operation;
        const name = `${client}/${operation.seq}`;
        const answered = ledger.answered.get(name);
        if (!found.has(name))
          found.set(name, { by: owners.get(client) ?? by, client, at, operation, result: answered?.result ?? null, answeredAt: answered?.at ?? Infinity });
      }
    }
  }
  return [...found.values()];
}

/** What an operation replaces. */
export function replacementsOf({ operation, at }: Sent): Replacement[] {
  if (operation.kind !== 'files') return [];
  return operation.edits.flatMap((edit): Replacement[] => {
    if (edit.type === 'write')
      return [{ path: edit.path, was: edit.was, entry: edit.entry, removed: edit.entry.length === 1 && edit.entry[0] === null, at: edit.mtime ?? at }];
    return edit.type === 'rename' ? [{ path: edit.to, was: edit.toWas, entry: [null], removed: false, at: edit.mtime ?? at }] : [];
  });
}

/** Whether an operation brings a token in: it was not in what is replaced. */
export function brings({ operation }: Sent, token: number, content: Content): boolean {
  if (operation.kind !== 'files') return false;
  return operation.edits.some((edit) => edit.type === 'write' && content.holds(edit.entry, token) && !content.holds(edit.was, token));
}

/** Whether an operation made by then, or before `later`, puts a token somewhere, be it by moving what holds it. */
export function carries({ client, operation, at: sentAt }: Sent, token: number, by: number, later: Sent, content: Content): boolean {
  if (operation.kind !== 'files') return false;
  const isBefore = client === later.client && operation.seq < later.operation.seq;
  return operation.edits.some((edit) => {
    if (edit.type !== 'write' && edit.type !== 'rename') return false;
    return (isBefore || (edit.mtime ?? sentAt) <= by) && content.holds(edit.type === 'write' ? edit.entry : edit.was, token);
  });
}
