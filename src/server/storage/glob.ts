/** Makes a test for names out of a glob: `*` is any run of characters, also across `/`, `?` is one; everything else stands for itself. */
export function globMatcher(glob: string): (name: string) => boolean {
  const pattern = [...glob].map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char.replace(/[\\^$.|+()[\]{}]/, '\\$&'))).join('');
  const regex = new RegExp(`^${pattern.replaceAll(/(\.\*)+/g, '.*')}$`, 'su');
  return (name) => regex.test(name);
}
