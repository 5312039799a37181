import type { Terms } from '../../core/generated/mesa_core.js';

/** Names what a path holds, so that a later write can say what it was made from: `100644-<oid>`, the terms of a conflict joined by `.`. */
export function versionOf(terms: Terms): string {
  return terms.map((term) => (term === null ? '0' : `${term.mode.toString(8)}-${term.oid}`)).join('.');
}

/** Reads a version back, or answers `null` when it is none. */
export function termsOf(version: string): Terms | null {
  const parts = version.split('.');
  if (parts.length % 2 === 0) return null;
  const terms: Terms = [];
  for (const part of parts) {
    const match = /^(0)$|^([0-7]{5,6})-([0-9a-f]{40})$/.exec(part);
    if (match === null) return null;
    const [, absent, mode, oid] = match;
    terms.push(absent !== undefined || mode === undefined || oid === undefined ? null : { mode: Number.parseInt(mode, 8), oid });
  }
  return terms;
}

/** Whether two paths hold the same. */
export function sameTerms(a: Terms, b: Terms): boolean {
  return versionOf(a) === versionOf(b);
}
