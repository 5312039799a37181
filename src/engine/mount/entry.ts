import { MODE } from '../../base/ids.ts';
import type { Lookup, Terms } from '../../core/generated/mesa_core.js';
import type { StatResult } from '../../rpc/types.ts';
import { sameTerms, versionOf } from './version.ts';

/** The single entry of a path that is not in conflict; `null` when it is absent or in conflict. */
export function resolved(terms: Terms): { oid: string; mode: number } | null {
  return terms.length === 1 ? (terms[0] ?? null) : null;
}

/** Whether something is at the path: an explicit directory has no entry, yet it is there. */
export function isPresent(lookup: Lookup): boolean {
  return lookup.kind !== 'absent';
}

/** Whether a path can be listed. A submodule is an empty directory here: its content is in another repo. */
export function isDirectory(lookup: Pick<Lookup, 'kind'>): boolean {
  return lookup.kind === 'dir' || lookup.kind === 'submodule';
}

/** Whether a path reads as a file: a conflict does, with markers. */
export function isFile(lookup: Pick<Lookup, 'kind'>): boolean {
  return lookup.kind === 'file' || lookup.kind === 'conflict';
}

export function isConflicted(terms: Terms): boolean {
  return terms.length > 1;
}

/** Whether two lookups show the same thing: kind and content, not time. */
export function sameLookup(a: Lookup, b: Lookup): boolean {
  return a.kind === b.kind && sameTerms(a.terms, b.terms);
}

/** The mode a file of these terms has: executable where the first side that is there is. */
export function fileMode(terms: Terms): number {
  const first = terms.find((term, index) => term !== null && index % 2 === 0);
  return first?.mode === MODE.executable ? MODE.executable : MODE.file;
}

const DIRECTORY_MODE = 0o40755;
const VIRTUAL_MODE = 0o40555;

/** What `stat` says of a path in a repo. `identity` is its name, free of links. */
export function statOf(lookup: Lookup, size: number, identity: string): StatResult {
  const directory = isDirectory(lookup);
  const link = lookup.kind === 'symlink';
  return {
    isFile: isFile(lookup),
    isDirectory: directory,
    isSymbolicLink: link,
    mode: directory ? DIRECTORY_MODE : link ? 0o120777 : fileMode(lookup.terms),
    size,
    mtime: new Date(lookup.mtime ?? 0),
    dev: 1,
    ino: inodeOf(identity),
    identity,
    version: versionOf(lookup.terms),
  };
}

/** What `stat` says of a directory that only leads to repos. */
export function virtualStat(path: string): StatResult {
  return {
    isFile: false,
    isDirectory: true,
    isSymbolicLink: false,
    mode: VIRTUAL_MODE,
    size: 0,
    mtime: new Date(0),
    dev: 1,
    ino: inodeOf(path),
    identity: path,
    version: '0',
  };
}

/** A number that stands for a name: 53 bits of FNV-1a, two halves. */
function inodeOf(name: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193) >>> 0;
    high = Math.imul(high ^ (code + index), 0x85ebca6b) >>> 0;
  }
  return (high & 0x1fffff) * 2 ** 32 + low;
}
