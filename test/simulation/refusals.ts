import { FsError } from '../../src/base/errors.ts';
import type { Actor } from './actor.ts';

/** Why the backend may refuse an operation about a bookmark: another made it, moved it, or never made it. */
const REASONS: ReadonlySet<string> = new Set(['ALREADY_EXISTS', 'BOOKMARK_NOT_FOUND', 'STALE_BASE']);

/** Looks for what the backend refused for good without a reason to: of those who may write, it takes every edit an engine makes. */
export async function checkRefusals(actor: Actor): Promise<void> {
  if (!actor.isOpen || (actor.status?.parked ?? 0) === 0) return;
  for (const { id, kind, code, message } of await actor.call('parkedList', [])) {
    if (kind !== 'files' && REASONS.has(code)) continue;
    actor.parts.ledger.violations.push(`P2: ${actor.name} had its ${kind} ${id} refused for good: ${message}`);
  }
}

/** Saves what was refused, of who lost the right to write, into a change of its own. */
export async function rescue(actor: Actor): Promise<void> {
  const { trace, ledger, tally } = actor.parts;
  const parked = actor.status?.parked ?? 0;
  if (!actor.isOpen || parked === 0) return;
  try {
    const { changeOid } = await actor.call('parkedSave', [{ repo: 'app' }]);
    tally.add('refused operations saved', parked);
    trace.add(actor.name, `saved ${parked} refused operations as ${changeOid}`);
  } catch (error) {
    // Of operations that edit nothing there is nothing to be saved.
    if (error instanceof FsError && error.code === 'ENOENT') return;
    ledger.violations.push(`P7: ${actor.name} cannot save what was refused: ${String(error)}`);
  }
}
