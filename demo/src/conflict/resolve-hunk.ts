import type { ConflictHunk } from './parse-conflict.ts';

/** What takes the place of a hunk. */
export type Choice = { kind: 'side'; index: number } | { kind: 'both' } | { kind: 'base' } | { kind: 'text'; text: string };

/** The file's text with one hunk settled; the others keep their markers, so they stay in conflict. */
export function resolveHunk(text: string, hunk: ConflictHunk, choice: Choice): string {
  const rest = text.slice(hunk.to);
  let chosen = chosenText(hunk, choice);
  if (rest !== '' && chosen !== '' && !chosen.endsWith('\n')) chosen += '\n';
  return text.slice(0, hunk.from) + chosen + rest;
}

/** The text a choice puts in place of the markers. */
export function chosenText(hunk: ConflictHunk, choice: Choice): string {
  switch (choice.kind) {
    case 'side':
      return hunk.sides[choice.index]?.text ?? '';
    case 'base':
      return hunk.bases[0]?.text ?? '';
    case 'text':
      return choice.text;
    case 'both':
      return joinSides(hunk);
  }
}

/** All sides, one after the other; only the last may lack a line end. */
function joinSides(hunk: ConflictHunk): string {
  const texts = hunk.sides.map((side) => side.text).filter((text) => text !== '');
  return texts.map((text, index) => (index < texts.length - 1 && !text.endsWith('\n') ? `${text}\n` : text)).join('');
}
