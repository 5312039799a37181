import { sidesKey } from './hunk-keys.ts';
import { parseConflictText } from './parse-conflict.ts';
import { wholeText } from './side-texts.ts';

/** A conflict's terms, as a file each. There is one base fewer than sides. */
export interface ConflictTerms {
  sides: string[];
  bases: string[];
}

/** The conflicts a file has had while it is open: by them marker text that undo has brought back is told from text that looks like it. */
export class KnownConflicts {
  readonly #keys = new Set<string>();

  /** Takes in the text of a file that is in conflict. */
  add(text: string): void {
    for (const hunk of parseConflictText(text).hunks) this.#keys.add(sidesKey(hunk));
  }

  /** What a text with markers stands for; `null` where it has none, or any that this file was not in conflict about. */
  termsOf(text: string): ConflictTerms | null {
    if (this.#keys.size === 0) return null;
    const conflict = parseConflictText(text);
    const [first] = conflict.hunks;
    if (first === undefined || conflict.hunks.some((hunk) => !this.#keys.has(sidesKey(hunk)) || hunk.sides.length !== first.sides.length)) return null;
    const whole = (kind: 'side' | 'base', count: number): string[] => Array.from({ length: count }, (_, index) => wholeText(text, conflict, kind, index).text);
    return { sides: whole('side', first.sides.length), bases: whole('base', first.bases.length) };
  }
}
