import type { OperationBody } from '../../wire/operations.ts';
import type { Overlay } from '../sync/overlay.ts';
import type { Noted } from './heads.ts';

/** Where a change is made: what is looked at, the bookmark that is followed there, and what is pending. */
interface Standpoint {
  head: Noted['head'];
  bookmark: string | null;
  overlay: Overlay;
}

/**
 * What makes a change on a head. What is to be written there by a bookmark's name may arrive in another change, where others have begun one on this one
 * meanwhile: it is made on whatever the bookmark stands for then.
 */
export function creationOn(
  { head, bookmark, overlay }: Standpoint,
  id: string,
  { head: on, holds }: Noted,
  message: string,
): Extract<OperationBody, { kind: 'change.create' }> {
  const followed = on.bookmark ?? (on.change === head.change ? bookmark : null);
  const named = overlay.over(on, followed, holds).flatMap(({ body }) => (body.kind === 'files' && 'bookmark' in body.target ? [body.target.bookmark] : []));
  return { kind: 'change.create', id, parents: [on.change], message, ...(named[0] === undefined ? {} : { bookmark: named[0] }) };
}
