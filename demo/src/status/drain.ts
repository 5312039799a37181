import type { SyncStatus } from '../workspace/client.ts';

/** Edits that waited for the connection, on their way. */
export interface Drain {
  /** How many there are in all; those made meanwhile are added. */
  total: number;
  sent: number;
  /** The connection is there: they are being sent. */
  sending: boolean;
}

/** How things stand with the edits that waited, after another word of the connection; `null` while none wait. */
export function nextDrain(before: Drain | null, { online, pending }: Pick<SyncStatus, 'online' | 'pending'>): Drain | null {
  if (pending === 0) return null;
  // What is sent within a moment of being written never waited.
  if (before === null) return online ? null : { total: pending, sent: 0, sending: false };
  const left = before.total - before.sent;
  if (pending > left) return { total: before.sent + pending, sent: before.sent, sending: online };
  return { total: before.total, sent: before.total - pending, sending: online };
}
