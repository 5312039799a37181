import { MODE } from '../base/ids.ts';
import type { WireEntry, WireTerms } from '../wire/operations.ts';
import type { Asker } from './authority/objects.ts';

/** A blob of more bytes than this is not looked into for an answer about many paths. */
export const MAX_TEXT_BYTES: number = 1024 * 1024;

/** What one answer goes into at most: the texts of so many paths, of so many bytes in all. Beyond that it tells of a path without its text. */
export class Allowance {
  #paths = 300;
  #bytes: number = 8 * 1024 * 1024;

  /** Takes off the texts of a path, unless that is more than is left; or, with `paths` 0, what else of a path has these sizes. */
  takes(sizes: readonly number[], paths = 1): boolean {
    const bytes = sizes.reduce((left, size) => left - size, this.#bytes);
    if (bytes < 0 || this.#paths < paths || sizes.some((size) => size > MAX_TEXT_BYTES)) return false;
    this.#bytes = bytes;
    this.#paths -= paths;
    return true;
  }
}

/** Gives objects and their sizes. */
export interface Source extends Asker {
  info(oids: string[]): Promise<Map<string, { size: number }>>;
}

/** The blobs among some terms. */
export function blobsOf(terms: WireTerms): WireEntry[] {
  return terms.filter((term) => term !== null && term.mode !== MODE.tree && term.mode !== MODE.submodule) as WireEntry[];
}

/** How large the blobs among some terms are. */
export async function blobSizes(source: Source, terms: WireTerms): Promise<number[]> {
  return [...(await source.info(blobsOf(terms).map(({ oid }) => oid))).values()].map(({ size }) => size);
}
