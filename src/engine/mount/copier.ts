import { FsError } from '../../base/errors.ts';
import { MODE } from '../../base/ids.ts';
import { joinPath } from '../../base/paths.ts';
import type { Lookup, Terms } from '../../core/generated/mesa_core.js';
import { MissingObjectError } from '../../core/resolve.ts';
import type { WireEdit } from '../../wire/operations.ts';
import type { Checkout } from './checkout.ts';
import type { Context } from './context.ts';
import { isDirectory, isPresent, resolved } from './entry.ts';
import { unsentObjects } from './outgoing.ts';
import type { Parts } from './parts.ts';
import type { View } from './trees.ts';
import { now, wasOf } from './write.ts';

/** The paths of a copy, as they were given. */
export interface Names {
  from: string;
  to: string;
}

/** Collects the edits of one copy. */
export class Copier {
  readonly #context: Context;
  readonly #from: Checkout;
  readonly #fromView: View;
  readonly #to: Checkout;
  readonly #toView: View;
  readonly #parts: Parts;

  constructor(context: Context, from: Checkout, fromView: View, to: Checkout, toView: View, parts: Parts) {
    this.#context = context;
    this.#from = from;
    this.#fromView = fromView;
    this.#to = to;
    this.#toView = toView;
    this.#parts = parts;
  }

  /** @throws FsError EISDIR, ENOTDIR, ENOTSUP (a directory in conflict with a file, to another repo) */
  async copy(from: string, source: Lookup, to: string, names: Names): Promise<void> {
    const dest = await this.#to.trees.at(this.#toView, to);
    if (!isDirectory(source)) {
      if (isDirectory(dest)) throw new FsError('EISDIR', 'cp', names.from, { dest: names.to });
      return this.#write(to, source.terms, await wasOf(this.#to, this.#toView, to, dest.terms), names);
    }
    if (isPresent(dest) && !isDirectory(dest)) throw new FsError('ENOTDIR', 'cp', names.from, { dest: names.to });
    if (!isPresent(dest) && this.#writeWhole(to, source.terms)) return this.#emptyDirectories(from, to);
    if (!isPresent(dest)) this.#mkdir(to);
    for (const entry of await this.#list(from)) {
      const child = await this.#from.trees.at(this.#fromView, joinPath(from, entry));
      await this.copy(joinPath(from, entry), child, joinPath(to, entry), names);
    }
  }

  /** Directories that are there without content are not part of a tree. */
  async #emptyDirectories(from: string, to: string): Promise<void> {
    if (this.#fromView.side === null) return;
    const content = { trees: this.#fromView.trees, side: null };
    for (const name of await this.#list(from)) {
      const path = joinPath(from, name);
      const [whole, bare] = await Promise.all([this.#from.trees.at(this.#fromView, path), this.#from.trees.at(content, path)]);
      if (!isDirectory(whole)) continue;
      if (!isPresent(bare)) this.#mkdir(joinPath(to, name));
      await this.#emptyDirectories(path, joinPath(to, name));
    }
  }

  async #list(path: string): Promise<string[]> {
    await this.#from.listings.load(this.#fromView, path);
    const listed = await this.#from.trees.list(this.#fromView, path);
    return typeof listed === 'string' ? [] : listed.map((entry) => entry.name);
  }

  #mkdir(path: string): void {
    this.#parts.add({ type: 'mkdir', path, mtime: now(this.#context) }, []);
  }

  /** Names a directory's tree, in the same repo: one edit, where what the server may lack of it fits into one operation. Answers whether it did. */
  #writeWhole(path: string, entry: Terms): boolean {
    if (this.#from !== this.#to || resolved(entry) === null) return false;
    const edit: WireEdit = { type: 'write', path, was: [null], entry, mtime: now(this.#context) };
    const unsent = unsentObjects(this.#to.objects, { edits: [edit], blobs: [] });
    const fits = this.#parts.fits(edit, unsent);
    if (fits) this.#parts.add(edit, unsent);
    return fits;
  }

  async #write(path: string, entry: Terms, was: Terms, names: Names): Promise<void> {
    const edit: WireEdit = { type: 'write', path, was, entry, mtime: now(this.#context) };
    if (this.#from === this.#to) return this.#parts.add(edit, unsentObjects(this.#to.objects, { edits: [edit], blobs: [] }));
    if (entry.some((term) => term?.mode === MODE.tree)) {
      throw new FsError('ENOTSUP', 'cp', names.from, {
        dest: names.to,
        hint: 'one side of its conflict is a directory; resolve it before it goes to another repo',
      });
    }
    // The other repo may lack the content.
    const oids = entry.filter((term) => term !== null && term.mode !== MODE.submodule).map((term) => term?.oid ?? '');
    const blobs = await this.#from.objects.get(oids);
    if (blobs.length < new Set(oids).size) throw new MissingObjectError(oids);
    this.#parts.add(edit, blobs);
  }
}
