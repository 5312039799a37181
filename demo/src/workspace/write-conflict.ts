import type { ConflictTerms } from '../conflict/known-conflicts.ts';
import type { DocumentHost } from './document-host.ts';
import { encodeText, type TextFormat } from './text-format.ts';
import { writtenVersion } from './written-version.ts';

/**
 * Puts a file that stands at `version` into the conflict of these terms: its bases are written first, so that they are stored, and then each side over the
 * base it was made from. Answers `false`, and writes nothing, where the versions of what is written can't be told.
 */
export async function writeConflict(
  fs: DocumentHost['fs'],
  path: string,
  { sides, bases }: ConflictTerms,
  version: string,
  format: TextFormat,
): Promise<boolean> {
  const texts = bases.map((text) => encodeText(text, format));
  const versions: string[] = [];
  for (const bytes of texts) {
    const known = await writtenVersion(version, bytes);
    if (known === null) return false;
    versions.push(known);
  }
  let at = version;
  for (const [index, bytes] of [...texts.entries()].toReversed()) {
    await fs.writeFile(path, bytes, { base: at });
    at = versions[index] ?? at;
  }
  for (const [index, side] of sides.entries()) await fs.writeFile(path, encodeText(side, format), { base: versions[Math.max(index - 1, 0)] ?? at });
  return true;
}
