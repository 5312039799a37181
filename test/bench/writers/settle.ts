const MARKER = /^([<>+-])\1{6,}( |$)/;

/**
 * What a person makes of a text with conflicts who wants to lose nothing: the lines of every side, in order, each line with a mark once. The text is in
 * snapshot style, as mounts show it.
 */
export function keepAll(text: string): string {
  const kept: string[] = [];
  const marked = new Set<string>();
  let inBase = false;
  for (const line of text.split('\n')) {
    const marker = MARKER.exec(line)?.[1];
    if (marker !== undefined) {
      inBase = marker === '-';
      continue;
    }
    if (inBase || (/<\d+\.\d+>/.test(line) && marked.has(line))) continue;
    marked.add(line);
    kept.push(line);
  }
  return kept.join('\n');
}
