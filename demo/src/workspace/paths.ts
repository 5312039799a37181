/** Absolute paths as the IDE handles them: `/org/repo/dir/name`, without a slash at the end. */

/** The last segment. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The directory a path lies in. */
export function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}

/** A directory and a name below it; the name may hold slashes, `.` and `..`. */
export function joinPath(directory: string, name: string): string {
  const out = name.startsWith('/') ? [] : directory.split('/').filter(Boolean);
  for (const segment of name.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') out.pop();
    else out.push(segment);
  }
  return `/${out.join('/')}`;
}

/** Tells whether `path` is `directory` or lies below it. */
export function isWithin(directory: string, path: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

/** The path as a person reads it: without the mount's root. */
export function relativeTo(root: string, path: string): string {
  if (path === root) return '';
  return isWithin(root, path) ? path.slice(root === '/' ? 1 : root.length + 1) : path;
}

/** The name's extension in lower case, without the dot; a leading dot is no extension. */
export function extensionOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** Says what keeps a name from being created, or answers `null`. A name may name folders on the way: `src/new/file.ts`. */
export function nameProblem(name: string): string | null {
  if (name.trim() === '') return 'Type a name.';
  if (name.includes('\0')) return 'A name can’t hold a NUL character.';
  if (name.endsWith('/')) return 'Leave off the slash at the end.';
  if (name.startsWith('/')) return 'Leave off the slash at the beginning: a name begins in this folder.';
  for (const segment of name.split('/')) {
    if (segment === '') return 'Two slashes have no name between them.';
    if (segment === '.' || segment === '..') return `“${segment}” is no name: it stands for ${segment === '.' ? 'this folder' : 'the folder above'}.`;
    if (segment.toLowerCase() === '.git') return '“.git” is reserved.';
    if (new TextEncoder().encode(segment).length > 255) return 'A name can be 255 bytes long at most.';
  }
  return null;
}
