/** The oldest Node this runs on, as in `engines` of package.json. */
export const OLDEST_NODE = '22.18';

/** Says that a Node is too old, before what it lacks fails with a text that names something else; `null` for one that will do. */
export function nodeProblem(version: string = process.versions.node): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldest = 0, least = 0] = OLDEST_NODE.split('.').map(Number);
  if (major > oldest || (major === oldest && minor >= least)) return null;
  return `mesafs-web needs Node ${OLDEST_NODE} or newer, and this is ${version}; install one from https://nodejs.org`;
}

/** @throws Error where this Node is too old */
export function requireNode(): void {
  const problem = nodeProblem();
  if (problem !== null) throw new Error(problem);
}
