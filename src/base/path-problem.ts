/** The longest segment a name may have, in UTF-8 bytes. */
export const MAX_NAME_BYTES = 255;

/** The deepest that directories may nest: the core refuses trees beyond it. */
export const MAX_DEPTH = 1_000;

/**
 * Says what is wrong with a path inside a repo, or answers `null` when it can be stored: relative, `/`-separated, without empty, `.`, `..` or
 * `.git` segments (in any case, or as other file systems write it), NUL, or lone surrogates.
 */
export function repoPathProblem(path: string): string | null {
  if (path === '') return 'the path is empty';
  if (path.startsWith('/')) return 'the path is absolute; paths in a repo are relative to its root';
  if (path.includes('\0')) return 'the path holds a NUL character';
  if (!path.isWellFormed()) return 'the path is not valid Unicode';
  const segments = path.split('/');
  if (segments.length > MAX_DEPTH) return `the path is longer than ${MAX_DEPTH} segments`;
  for (const segment of segments) {
    if (segment === '') return 'the path has an empty segment';
    if (segment === '.' || segment === '..') return `the path has a "${segment}" segment`;
    if (namesGit(segment))
      return `the path has ${segment.toLowerCase() === '.git' ? 'a ".git" segment' : 'a segment that is ".git" to some file systems'}, which is reserved`;
    if (segment.length * 3 > MAX_NAME_BYTES && new TextEncoder().encode(segment).length > MAX_NAME_BYTES) {
      return `a segment of the path is longer than ${MAX_NAME_BYTES} bytes`;
    }
  }
  return null;
}

/** Characters that HFS+ leaves out of names. */
const HFS_IGNORES = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Tells whether a name is `.git`, on HFS+ and NTFS too: git takes no repository that has one. */
function namesGit(name: string): boolean {
  const parts = name.replace(HFS_IGNORES, '').toLowerCase().split('\\');
  return parts.some((part) => /^(?:\.git|git~1)[. ]*(?::|$)/.test(part));
}
