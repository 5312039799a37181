import { checkoutSource, gitKind, revisionSource } from './git-source.ts';
import type { Source } from './source.ts';
import { folderSource } from './source.ts';
import { UsageError } from './usage-error.ts';

/**
 * Finds out what there is to import in a folder: of a commit when it is a bare repository or a revision is named, else what is on disk.
 *
 * @throws UsageError when that is nothing: no repo is made for it
 */
export async function readSource(folder: string, revision: string | undefined): Promise<Source> {
  const kind = gitKind(folder);
  if (kind === null && revision !== undefined) throw new UsageError(`${folder} is not a git repository, so --rev ${revision} means nothing there`);
  if (kind === 'bare' || revision !== undefined) {
    const commit = revision ?? 'HEAD';
    return something(await revisionSource(folder, commit), folder, `the commit "${commit}" has no files`);
  }
  if (kind === 'checkout') return something(await checkoutSource(folder), folder, 'it has no files that git does not ignore');
  return something(await folderSource(folder), folder, 'it is empty');
}

/** A source with something in it. `otherwise`: why there is nothing, unless it is all left out. */
function something(source: Source, folder: string, otherwise: string): Source {
  if (source.entries.length + source.emptyDirectories.length > 0) return source;
  const [first, ...more] = source.skipped;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  const why = first === undefined ? otherwise : `no repo can hold what is there (${first.path}: ${first.reason}${others})`;
  throw new UsageError(`There is nothing to import in ${folder}: ${why}`);
}
