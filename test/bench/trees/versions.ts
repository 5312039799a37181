import type { Core } from '../../../src/core/load.ts';
import type { StoredObject } from '../../../src/core/resolve.ts';
import { randomFrom } from '../harness.ts';

/** Directories of the root, and of each of those. */
const DIRS = 100;
/** Files of each innermost directory. */
const FILES = 10;
/** Edits of a side; one in ten is to a file the other one edits too, somewhere else. */
const EDITS = 100;
const SHARED = EDITS / 10;
const LINES = 40;

const FILE = 0o100644;
const DIRECTORY = 0o040000;

/** Three versions of a repo of 100,000 files: their root trees' ids, and all objects there are. */
export interface Versions {
  ours: string;
  base: string;
  theirs: string;
  /** All trees, and the blobs of files that are edited. Nobody has those of the others, and no merge needs them. */
  objects: Map<string, StoredObject>;
}

interface Entry {
  name: string;
  oid: string;
  mode: number;
}

/** A change to one file: what is there afterwards, if anything. */
interface Edit {
  file: number;
  name: string;
  content: string | null;
}

/** Makes them: files changed, added and removed, most by one side, some by both in different lines. */
export function makeVersions(core: Core): Versions {
  const objects = new Map<string, StoredObject>();
  const put = (kind: 'blob' | 'tree', bytes: Uint8Array): string => {
    const oid = core.hashObject(kind, bytes);
    objects.set(oid, { oid, kind, bytes });
    return oid;
  };
  const blob = (text: string): string => put('blob', new TextEncoder().encode(text));
  const tree = (entries: Iterable<Entry>): string => put('tree', core.encodeTree([...entries]));

  const places = randomPlaces(EDITS * 2 - SHARED);
  const [shared, own] = [places.slice(0, SHARED), places.slice(SHARED)];
  const ours = [...shared.map((file) => changed(file, 3)), ...own.filter((_, index) => index % 2 === 0).map(ownEdit)];
  const theirs = [...shared.map((file) => changed(file, LINES - 3)), ...own.filter((_, index) => index % 2 === 1).map(ownEdit)];

  const edited = new Set(places);
  const file = (number: number): Entry => ({
    name: nameOf(number),
    oid: edited.has(number) ? blob(text(number)) : (number + 1).toString(16).padStart(40, '0'),
    mode: FILE,
  });
  const innermost = Array.from({ length: DIRS * DIRS }, (_, dir) => Array.from({ length: FILES }, (_file, at) => file(dir * FILES + at)));
  const inner = innermost.map((entries) => tree(entries));

  const root = (innerTrees: readonly string[]): string => {
    const outer = Array.from({ length: DIRS }, (_, dir) => tree(directories(innerTrees.slice(dir * DIRS, (dir + 1) * DIRS))));
    return tree(directories(outer));
  };
  const version = (edits: readonly Edit[]): string => {
    const trees = inner.slice();
    for (const [dir, of] of Map.groupBy(edits, (edit) => Math.floor(edit.file / FILES))) {
      const entries = new Map(innermost[dir]?.map((entry) => [entry.name, entry]));
      for (const { name, content } of of) {
        if (content === null) entries.delete(name);
        else entries.set(name, { name, oid: blob(content), mode: FILE });
      }
      trees[dir] = tree(entries.values());
    }
    return root(trees);
  };
  return { ours: version(ours), base: root(inner), theirs: version(theirs), objects };
}

const nameOf = (file: number): string => `file-${file % FILES}.txt`;
const directories = (trees: readonly string[]): Entry[] => trees.map((oid, at) => ({ name: `directory-${at}`, oid, mode: DIRECTORY }));
const text = (file: number): string => Array.from({ length: LINES }, (_, line) => `line ${line} of file ${file}\n`).join('');

function changed(file: number, line: number): Edit {
  const lines = text(file).split('\n');
  lines[line] = `another line ${line}`;
  return { file, name: nameOf(file), content: lines.join('\n') };
}

/** Of ten, eight are changed, one is added beside, and one is removed. */
function ownEdit(file: number, index: number): Edit {
  if (index % 10 === 8) return { file, name: `added-${file % FILES}.txt`, content: `added beside file ${file}\n` };
  if (index % 10 === 9) return { file, name: nameOf(file), content: null };
  return changed(file, index % LINES);
}

/** Files all over the place, each once. */
function randomPlaces(count: number): number[] {
  const random = randomFrom(count);
  const places = new Set<number>();
  while (places.size < count) places.add(Math.floor(random() * DIRS * DIRS * FILES));
  return [...places];
}
