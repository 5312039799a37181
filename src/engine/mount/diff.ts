import { joinPath } from '../../base/paths.ts';
import type { Listed } from '../../core/generated/mesa_core.js';
import type { TouchedPath } from '../../wire/events.ts';
import type { Trees, View } from './trees.ts';
import { sameTerms } from './version.ts';

/** Paths named one by one; beyond, whole directories are. */
const MAX_PATHS = 500;

/**
 * The paths whose content differs between two versions, by going down into the directories that differ, a level at a time. When there are very many,
 * the directories not looked into are named as a whole. Times are not content.
 */
export async function changedPaths(trees: Trees, before: View, after: View): Promise<TouchedPath[]> {
  const found: TouchedPath[] = [];
  for (let level = ['']; level.length > 0;) {
    if (found.length + level.length > MAX_PATHS) return [...found, ...level.map((path) => ({ path, recursive: true }))];
    const below: string[] = [];
    const [olds, news] = await Promise.all([before, after].map((view) => Promise.all(level.map((path) => entries(trees, view, path)))));
    level.forEach((directory, index) => compare(directory, olds?.[index] ?? new Map(), news?.[index] ?? new Map(), found, below));
    level = below;
  }
  return found;
}

/**
 * The paths whose conflict differs between two versions, beside those named. An edit elsewhere may do that: conflicts share the slots of the root trees,
 * and when one comes or goes the sides of another may change places.
 */
export async function changedConflicts(trees: Trees, before: View, after: View, named: TouchedPath[]): Promise<TouchedPath[]> {
  const [olds, news] = await Promise.all([trees.conflicts(before), trees.conflicts(after)]);
  const terms = new Map(olds.map((conflict) => [conflict.path, conflict.terms]));
  const seen = new Set(named.map(({ path }) => path));
  const changed = news.filter((conflict) => {
    const old = terms.get(conflict.path);
    return old !== undefined && !seen.has(conflict.path) && !sameTerms(old, conflict.terms);
  });
  return changed.map(({ path }) => ({ path, recursive: false }));
}

async function entries(trees: Trees, view: View, path: string): Promise<Map<string, Listed>> {
  const listed = await trees.list(view, path);
  return new Map(typeof listed === 'string' ? [] : listed.map((entry) => [entry.name, entry]));
}

function compare(directory: string, olds: Map<string, Listed>, news: Map<string, Listed>, found: TouchedPath[], below: string[]): void {
  for (const name of new Set([...olds.keys(), ...news.keys()])) {
    const old = olds.get(name);
    const now = news.get(name);
    const path = joinPath(directory, name);
    if (old !== undefined && now !== undefined) {
      if (old.kind === now.kind && sameTerms(old.terms, now.terms)) continue;
      if (old.kind === 'dir' && now.kind === 'dir') {
        below.push(path);
        continue;
      }
    }
    found.push({ path, recursive: old?.kind === 'dir' || now?.kind === 'dir' });
  }
}
