import type { MesaFileSystem } from '../../../src/client/file-system.ts';
import { marksIn } from './pages.ts';

/** A file as a mount shows it. */
export interface Shown {
  path: string;
  /** Names the content, all terms of a conflict included. */
  version: string;
  text: string;
  /** The terms: one where nothing is in conflict, else sides and bases by turns, beginning and ending with a side. */
  terms: string[];
}

/** Every file below a directory, by path. */
export async function contentOf(fs: MesaFileSystem, directory: string): Promise<Map<string, Shown>> {
  const entries = await fs.readdirWithFileTypes(directory);
  const found = await Promise.all(
    entries.map(async ({ name, isDirectory }) => {
      const path = `${directory}/${name}`;
      return isDirectory ? [...(await contentOf(fs, path))] : [[path, await read(fs, path)] as const];
    }),
  );
  return new Map(found.flat());
}

async function read(fs: MesaFileSystem, path: string): Promise<Shown> {
  const { bytes, version, conflicted } = await fs.readVersioned(path);
  const text = new TextDecoder().decode(bytes);
  const conflict = conflicted ? await fs.readConflict(path) : null;
  if (conflict === null) return { path, version, text, terms: [text] };
  const sides = conflict.sides.map(({ content }) => new TextDecoder().decode(content ?? new Uint8Array(0)));
  const bases = conflict.bases.map(({ content }) => new TextDecoder().decode(content ?? new Uint8Array(0)));
  return { path, version, text, terms: sides.flatMap((side, index) => (index === 0 ? [side] : [bases[index - 1] ?? '', side])) };
}

/** Where two mounts differ: the first path, or `null`. */
export function difference(one: Map<string, Shown>, other: Map<string, Shown>): string | null {
  for (const path of new Set([...one.keys(), ...other.keys()])) {
    const [a, b] = [one.get(path), other.get(path)];
    if (JSON.stringify(a) !== JSON.stringify(b)) return path;
  }
  return null;
}

/**
 * What is wrong with what became of some marks, each of which one write brought in and none took away. Each has to be there once: in one file; where that
 * is not in conflict, once in its text. A conflict's sides are versions of the whole file: a mark is in one of them or in several, in none of them twice,
 * and can be read in the text with markers. That it is in a base says nothing.
 */
export function problemsOf(content: Map<string, Shown>, written: ReadonlyMap<string, { what: string }>): string[] {
  const problems: string[] = [];
  const homes = new Map<string, string>();
  for (const { path, text, terms } of content.values()) {
    const readable = new Set(marksIn(text));
    const sides = terms.filter((_, index) => index % 2 === 0).map(marksIn);
    for (const token of new Set(sides.flat())) {
      const what = written.get(token)?.what ?? 'nobody';
      const other = homes.get(token);
      if (!written.has(token)) problems.push(`${token} in ${path} was written by nobody`);
      if (other !== undefined) problems.push(`${token}, from ${what}, is in ${other} and in ${path}`);
      if (sides.some((side) => side.indexOf(token) !== side.lastIndexOf(token))) problems.push(`${token}, from ${what}, is twice in one text of ${path}`);
      if (!readable.has(token)) problems.push(`${token}, from ${what}, is in a side of ${path} but can’t be read`);
      homes.set(token, path);
    }
  }
  for (const [token, { what }] of written) if (!homes.has(token)) problems.push(`${token}, from ${what}, is nowhere`);
  return problems;
}
