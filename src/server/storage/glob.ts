/** Makes a test for names out of a glob: `*` is any run of characters, also across `/`, `?` is one; everything else stands for itself. */
export function globMatcher(glob: string): (name: string) => boolean {
  return (name) => matches(glob, name);
}

/** Walks both once; at a mismatch the last star takes one more character. The cost is at most the product of the lengths. */
function matches(glob: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let taken = 0;
  for (let index = 0; index < name.length;) {
    if (glob[at] === '*') {
      star = at++;
      taken = index;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === name[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      index = ++taken;
    } else return false;
  }
  while (glob[at] === '*') at += 1;
  return at === glob.length;
}
