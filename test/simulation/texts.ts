import type { Random } from './random.ts';

/** Few names, so that edits meet: case twins, one name in two Unicode forms, files where others want directories. */
export const PATHS = ['a', 'b', 'A', 'd/x', 'd/y', 'd', 'd/e/z', 'd/e', 'caf\u00e9', 'cafe\u0301'] as const;

/** Lines that come up again and again, some of them like a conflict's markers. */
const LINES = [
  '}',
  '',
  'x = 1',
  'x = 1',
  'the same',
  '<<<<<<< nobody',
  '=======',
  '>>>>>>> nobody',
  '%%%%%%% diff',
  '+++++++ side',
  '------- base',
  '||||||| base',
];

/** The mark by which what a write left is found again. */
export function mark(token: number): string {
  return `<${token}>`;
}

const MARK = /<(\d+)>/g;

/** The tokens in a text, each as often as it is there. */
export function marksIn(text: string): number[] {
  const found: number[] = [];
  for (const [, digits] of text.matchAll(MARK)) found.push(Number(digits));
  return found;
}

/** How a text is changed. */
export const EDITS = ['insert', 'insert', 'replace', 'replace', 'append', 'delete', 'rewrite', 'ending', 'markers', 'empty'] as const;

/** A text for a new file. */
export function freshText(random: Random, token: number): string {
  const lines: string[] = [];
  for (let count = random.below(4); count > 0; count -= 1) lines.push(random.pick(LINES));
  lines.splice(random.below(lines.length + 1), 0, `new ${mark(token)}`);
  return join(lines, random.chance(0.15) ? '\r\n' : '\n', random.chance(0.85));
}

/** Another version of a text; what is new in it carries the token. */
export function editedText(text: string, random: Random, token: number): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const ended = text === '' || text.endsWith('\n');
  const lines = text === '' ? [] : text.split(/\r?\n/);
  if (text.endsWith('\n')) lines.pop();
  const at = random.below(lines.length + 1);
  const added = random.chance(0.2) ? [random.pick(LINES), `line ${mark(token)}`] : [`line ${mark(token)}`];
  switch (random.pick(EDITS)) {
    case 'insert':
      lines.splice(at, 0, ...added);
      return join(lines, eol, ended);
    case 'replace':
      lines.splice(at, 1 + random.below(2), ...added);
      return join(lines, eol, ended);
    case 'append':
      return join([...lines, ...added], eol, ended);
    case 'delete':
      lines.splice(at, 1);
      return join(lines, eol, ended);
    case 'rewrite':
      return freshText(random, token);
    case 'ending':
      lines.splice(at, 0, ...added);
      return join(lines, eol === '\n' ? '\r\n' : '\n', !ended);
    case 'markers':
      return join(withoutOneMarker(lines, at, added), eol, ended);
    case 'empty':
      return random.chance(0.5) ? '' : join(added, eol, ended);
  }
}

/** Takes a marker line away, or writes between two: what people do to a conflict by hand. */
function withoutOneMarker(lines: readonly string[], at: number, added: readonly string[]): string[] {
  const markers = lines.flatMap((line, index) => (/^([<>=%+|-])\1{6,}/.test(line) ? [index] : []));
  const index = markers[at % Math.max(1, markers.length)];
  if (index === undefined) return lines.toSpliced(at, 0, ...added);
  return at % 2 === 0 ? lines.toSpliced(index, 1, ...added) : lines.toSpliced(index + 1, 0, ...added);
}

function join(lines: readonly string[], eol: string, ended: boolean): string {
  const text = lines.join(eol);
  return ended && lines.length > 0 ? text + eol : text;
}
