import type { Clock } from '../base/env.ts';
import { openIdbCache } from '../engine/cache/idb.ts';
import type { EngineDeps } from '../engine/engine.ts';
import { IdbMedium } from '../engine/journal/idb.ts';

/** The caches of a browser: databases of its IndexedDB, some of which may be another's. Browsers that do not list them name none. */
export function browserDisk(idb: IDBFactory, clock: Clock): NonNullable<EngineDeps['disk']> {
  const names = async (): Promise<string[]> => {
    const all = (await idb.databases?.()) ?? [];
    return all.flatMap(({ name }) => (name === undefined || IdbMedium.isJournal(name) ? [] : [name]));
  };
  return { open: openIdbCache(idb, clock), names, byDefault: true };
}
