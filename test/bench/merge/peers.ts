import type { Inputs } from './inputs.ts';

/** What a peer makes of three texts: lines in, lines out. */
export type MergeLines = (inputs: Inputs) => string | null;

/** isomorphic-git's merge library. It assigns to a global it forgets to declare. */
export async function diff3(): Promise<MergeLines> {
  Object.assign(globalThis, { ed: undefined });
  // It has no types.
  const { default: merge } = (await import('diff3' as string)) as { default: (left: string[], base: string[], right: string[]) => Region[] };
  return ({ left, base, right }) => joined(merge(lines(left), lines(base), lines(right)));
}

/** The library of that name that isomorphic-git moved away from. */
export async function nodeDiff3(): Promise<MergeLines> {
  const { diff3Merge } = await import('node-diff3');
  return ({ left, base, right }) => joined(diff3Merge(lines(left), lines(base), lines(right)) as Region[]);
}

interface Region {
  ok?: string[];
  conflict?: unknown;
}

/** Lines with their line breaks, as isomorphic-git cuts them. */
const lines = (text: string): string[] => text.match(/^.*(\r?\n|$)/gm) ?? [];

function joined(regions: readonly Region[]): string | null {
  let text = '';
  for (const { ok } of regions) {
    if (ok === undefined) return null;
    text += ok.join('');
  }
  return text;
}
