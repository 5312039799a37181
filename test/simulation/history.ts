import type { ChangeEvent } from '../../src/wire/events.ts';
import { EMPTY_TREE_OID } from '../../src/base/ids.ts';
import { BEGINNING } from './clock.ts';
import type { Content, Version } from './content.ts';
import type { Parts } from './world.ts';

interface Point extends Version {
  seq: number;
}

/**
 * P6: what a mount showed when nothing of its own was on top are states the backend had, of one change, and none is older than one it showed
 * before. A look at the whole is at one state: edits made together are seen together.
 */
export function checkReads({ ledger, actors }: Parts, content: Content): string[] {
  const points = new Map<string, Point[]>();
  for (const { event } of ledger.events) {
    if (event.kind !== 'change') continue;
    const { change, trees, side, repoSeq } = JSON.parse(event.data) as ChangeEvent;
    const list = points.get(change) ?? [];
    points.set(change, list);
    list.push({ seq: repoSeq, trees, side });
  }
  // Where there are several changes a mount may follow any of them, back and forth.
  if (points.size !== 1) return [];
  const [line = []] = points.values();
  const history: Point[] = [{ seq: 0, trees: [EMPTY_TREE_OID], side: null }, ...line];
  const known = new Map<string, string>();
  const versionAt = (index: number, path: string): string => {
    const key = `${index} ${path}`;
    const found = known.get(key) ?? content.versionAt(history[index] as Point, path);
    known.set(key, found);
    return found;
  };
  return actors.flatMap(({ name }) => {
    const placed: { era: number; done: number; index: number }[] = [];
    for (const look of ledger.looks) {
      if (look.by !== name || look.pending) continue;
      const { era, path, version, begun, done } = look;
      const from = placed.reduce((least, other) => (other.era === era && other.done < begun ? Math.max(least, other.index) : least), 0);
      let index = from;
      while (index < history.length && versionAt(index, path) !== version) index += 1;
      if (index === history.length) {
        const when = `${name} showed ${path === '' ? 'the whole' : path} as ${version} at ${look.at - BEGINNING}`;
        return [`P6: ${when}, which no state from ${history[from]?.seq ?? 0} on held: it went back, or mixed states`];
      }
      placed.push({ era, done, index });
    }
    return [];
  });
}
