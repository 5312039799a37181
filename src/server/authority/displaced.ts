import { isWithin } from '../../base/paths.ts';
import type { TouchedPath } from '../../wire/events.ts';
import type { Asker } from './objects.ts';

/**
 * The conflicts whose terms stand in another order in a later version, beside the paths named. An edit elsewhere may do that: conflicts share the slots
 * of the root trees, and when one comes or goes the sides of another may change places.
 */
export async function displacedConflicts(
  objects: Asker,
  before: readonly string[],
  after: readonly string[],
  named: readonly TouchedPath[],
): Promise<TouchedPath[]> {
  if (before.length === 1 || after.length === 1) return [];
  const [olds, news] = [await conflicts(objects, before), await conflicts(objects, after)];
  const isNamed = (path: string): boolean => named.some((touched) => touched.path === path || (touched.recursive && isWithin(touched.path, path)));
  const displaced = [...news].filter(([path, terms]) => olds.has(path) && olds.get(path) !== terms && !isNamed(path));
  return displaced.map(([path]) => ({ path, recursive: false }));
}

/** The terms of every conflict, as text to compare. */
async function conflicts(objects: Asker, trees: readonly string[]): Promise<Map<string, string>> {
  const { paths } = await objects.ask((pool) => pool.conflicts([...trees]));
  return new Map(paths.map(({ path, terms }) => [path, JSON.stringify(terms)]));
}
