import { isWithin } from '../../base/paths.ts';
import type { TouchedPath } from '../../wire/events.ts';
import type { Asker } from './objects.ts';

/**
 * The conflicts that come, go or have other terms in a later version, beside the paths named. An edit elsewhere may do that: conflicts share the slots of the
 * root trees, and when one comes or goes the sides of another may change places; and an edit in a directory may leave a conflict where the directory was.
 */
export async function displacedConflicts(
  objects: Asker,
  before: readonly string[],
  after: readonly string[],
  named: readonly TouchedPath[],
): Promise<TouchedPath[]> {
  if (before.length === 1 && after.length === 1) return [];
  const [olds, news] = [await conflicts(objects, before), await conflicts(objects, after)];
  const isNamed = (path: string): boolean => named.some((touched) => touched.path === path || (touched.recursive && isWithin(touched.path, path)));
  const differing = [...new Set([...olds.keys(), ...news.keys()])].filter((path) => olds.get(path) !== news.get(path) && !isNamed(path));
  // A directory may have been or be what is not in conflict.
  return differing.map((path) => ({ path, recursive: !olds.has(path) || !news.has(path) }));
}

/** The terms of every conflict, as text to compare. */
async function conflicts(objects: Asker, trees: readonly string[]): Promise<Map<string, string>> {
  const { paths } = await objects.ask((pool) => pool.conflicts([...trees]));
  return new Map(paths.map(({ path, terms }) => [path, JSON.stringify(terms)]));
}
