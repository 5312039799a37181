import { termsOf } from '../../src/engine/mount/version.ts';
import type { Terms } from '../../src/core/generated/mesa_core.js';
import type { ChangeEvent } from '../../src/wire/events.ts';
import type { Content } from './content.ts';
import type { Ledger } from './ledger.ts';
import type { Sent } from './operations.ts';

/**
 * P4 for who settles a conflict: what it comes to is what they chose, or what somebody else has made of it meanwhile, or both. Never neither, as if each had
 * taken away what the other kept.
 */
export function annihilated(sent: readonly Sent[], ledger: Ledger, content: Content): string[] {
  const settling = sent.filter(({ operation, result }) => result?.ok === true && operation.kind === 'files' && operation.edits.length === 1);
  const found: string[] = [];
  let undone: Set<number> | null = null;
  let states: ChangeEvent[] | null = null;
  for (const { by, operation, result } of settling) {
    if (operation.kind !== 'files' || result?.ok !== true) continue;
    const [edit] = operation.edits;
    if (edit?.type !== 'write' || edit.was.length === 1 || edit.entry.length !== 1) continue;
    const others = sent.filter((other) => other.operation !== operation && other.result?.ok === true && other.result.repoSeq === result.repoSeq);
    if (others.length > 0) continue;
    states ??= ledger.events.flatMap(({ event }) => (event.kind === 'change' ? [JSON.parse(event.data) as ChangeEvent] : []));
    const after = states.find(({ repoSeq }) => repoSeq === result.repoSeq);
    const before = states.filter(({ change, repoSeq }) => change === after?.change && repoSeq < result.repoSeq).at(-1);
    if (after === undefined || before === undefined) continue;
    const bases = new Set([...edit.was.keys()].filter((index) => index % 2 === 1).flatMap((index) => [...content.marks([edit.was[index] ?? null])]));
    const own = (terms: Terms): Set<number> => new Set([...content.marks(terms)].filter((token) => !bases.has(token)));
    const at = (state: ChangeEvent): Set<number> => own(termsOf(content.versionAt(state, edit.path)) ?? [null]);
    const [chosen, there] = [own(edit.entry), at(before)];
    // What was written by a bookmark's name, and shown here, may have gone into another change.
    const latest = new Map(states.filter(({ repoSeq }) => repoSeq <= result.repoSeq).map((state) => [state.change, state]));
    const left = new Set([...latest.values()].flatMap((state) => [...at(state)]));
    undone ??= takenAway(sent, ledger, content);
    // What somebody took out of a side is no loss.
    const isLost = (tokens: ReadonlySet<number>): boolean => tokens.size > 0 && ![...tokens].some((token) => left.has(token) || undone?.has(token) === true);
    if (isLost(chosen) && isLost(there)) {
      found.push(`P4: ${by} settled ${edit.path} by operation ${operation.seq}, and neither what they chose nor what was there is left at ${result.repoSeq}`);
    }
  }
  return found;
}

/** The tokens that were edited away where nothing was in conflict, or out of a side of what stayed in conflict. */
function takenAway(sent: readonly Sent[], ledger: Ledger, content: Content): Set<number> {
  const gone = new Set([...ledger.writes.values()].flatMap(({ removed }) => [...removed]));
  for (const { operation, result } of sent) {
    if (operation.kind !== 'files' || result?.ok !== true) continue;
    for (const edit of operation.edits) {
      if (edit.type !== 'write' || (edit.was.length > 1 && edit.entry.length === 1)) continue;
      const left = content.marks(edit.entry);
      for (const token of content.marks(edit.was)) if (!left.has(token)) gone.add(token);
    }
  }
  return gone;
}
