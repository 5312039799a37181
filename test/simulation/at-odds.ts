import type { Held } from './content.ts';
import type { Sent } from './operations.ts';
import type { Script } from './script.ts';

/** Steps after which a writer may be in conflict with itself for a reason: it writes from an older screen, or in one change and then in what that is made on. */
const EXCUSES: ReadonlySet<string> = new Set(['stale', 'edit-base', 'rest', 'change.new', 'checkpoint', 'rights', 'bookmark.create', 'bookmark.move']);

/** P4 the other way about: who alone writes, one thing after another, is never in conflict, whatever became of the network, the page and the server. */
export function atOddsWithItself(
  { steps, mounts }: Script,
  sent: readonly Sent[],
  ends: ReadonlyMap<string, { files: ReadonlyMap<string, Pick<Held, 'terms'>> }>,
): string[] {
  const writers = new Set(sent.filter(({ operation }) => operation.kind === 'files').map(({ by }) => by));
  if (writers.size !== 1 || steps.some((step) => EXCUSES.has(step.do)) || mounts.some(({ writes }) => writes === 'fork')) return [];
  // Who closes a mount and opens the next sees there what the first still has to send only by way of a device: without one they are two.
  if (steps.some((step) => step.do === 'close' && (mounts[step.m]?.device ?? -1) < 0)) return [];
  return [...ends].flatMap(([change, { files }]) =>
    [...files].filter(([, { terms }]) => terms.length > 1).map(([path]) => `P4: ${[...writers].join()} is in conflict with itself at ${path} in ${change}`),
  );
}
