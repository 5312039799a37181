import { randomFrom } from '../harness.ts';

/** Three texts to merge. */
export interface Inputs {
  left: string;
  base: string;
  right: string;
}

/** Some lines of a text, and as many edits to each side, apart from each other: lines changed, added and taken away. */
export function edited(text: string, lines: number, edits: number): Inputs {
  const source = text.split('\n');
  const base = Array.from({ length: lines }, (_, line) => `${source[line % source.length] ?? ''}\n`);
  const random = randomFrom(lines + edits);
  const [left, right] = [base.slice(), base.slice()];
  const stretch = lines / (edits * 2);
  for (let edit = 0; edit < edits * 2; edit += 1) {
    const side = edit % 2 === 0 ? left : right;
    const line = Math.floor(edit * stretch + random() * Math.max(1, stretch - 4));
    const kind = random();
    if (kind < 0.4) side[line] = `changed ${edit}: ${side[line] ?? '\n'}`;
    else if (kind < 0.75) side[line] = `${side[line] ?? '\n'}added ${edit}\n`;
    else side[line] = '';
  }
  return { left: left.join(''), base: base.join(''), right: right.join('') };
}

/** Short lines, so that a million of them stay below the size up to which texts are merged; every tenth is one that repeats. */
export function numbered(lines: number): string {
  return Array.from({ length: lines }, (_, line) => (line % 10 === 9 ? '}' : `let v${line.toString(36)};`)).join('\n');
}
