/** Guesses one step of indentation from a text's first indented lines: a tab, or some spaces; two when nothing tells. */
export function guessIndent(text: string): string {
  const counts = new Map<string, number>();
  let before = 0;
  for (const line of text.slice(0, 20_000).split('\n')) {
    if (line.trim() === '') continue;
    if (line.startsWith('\t')) {
      counts.set('\t', (counts.get('\t') ?? 0) + 1);
      continue;
    }
    const spaces = line.length - line.trimStart().length;
    const step = Math.abs(spaces - before);
    if (step >= 2 && step <= 8) counts.set(' '.repeat(step), (counts.get(' '.repeat(step)) ?? 0) + 1);
    before = spaces;
  }
  const [best] = [...counts].toSorted((a, b) => b[1] - a[1]);
  return best?.[0] ?? '  ';
}
