/** Absolute POSIX paths of a mount, and the relative paths of entries inside a repo. */

/** Resolves `path` against `base`, both POSIX; `.` and `..` are folded and `..` stops at `/`. Pure: symlinks are not looked at. */
export function resolvePath(base: string, path: string): string {
  const full = path.startsWith('/') ? path : `${base}/${path}`;
  const out: string[] = [];
  for (const segment of full.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') out.pop();
    else out.push(segment);
  }
  return `/${out.join('/')}`;
}

/** Splits a path into its non-empty segments. */
export function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** The path without its last segment: `a/b` → `a`, `a` → ``, `/a` → `/`. */
export function dirname(path: string): string {
  const cut = path.lastIndexOf('/');
  if (cut < 0) return '';
  return cut === 0 ? '/' : path.slice(0, cut);
}

/** The last segment of a path. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Joins a directory and a name; an empty directory is the root of a repo. */
export function joinPath(directory: string, name: string): string {
  if (directory === '') return name;
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** Tells whether `path` is `directory` or lies under it; the empty directory holds everything. */
export function isWithin(directory: string, path: string): boolean {
  return directory === '' || directory === '/' || path === directory || path.startsWith(`${directory}/`);
}
