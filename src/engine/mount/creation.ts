import type { Head } from '../../wire/events.ts';
import type { OperationBody } from '../../wire/operations.ts';
import type { Backlog } from '../sync/backlog.ts';

/** Where a change is made: the head that is looked at, the bookmark that is followed there, and what is pending. */
interface Standpoint {
  head: Head;
  bookmark: string | null;
  backlog: Backlog;
}

/**
 * What makes a change on a head. What is to be written there by the bookmark's name may arrive in another change, where others have begun one on this one
 * meanwhile: it is made on whatever the bookmark stands for then.
 */
export function creationOn({ head, bookmark, backlog }: Standpoint, id: string, on: Head, message: string): Extract<OperationBody, { kind: 'change.create' }> {
  const isHere = bookmark !== null && on.change === head.change;
  const isUnsure = isHere && backlog.over(head, bookmark).some(({ body }) => body.kind === 'files' && 'bookmark' in body.target);
  return { kind: 'change.create', id, parents: [on.change], message, ...(isUnsure ? { bookmark } : {}) };
}
