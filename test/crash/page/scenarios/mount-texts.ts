/** What file `id` holds; every so often it is long. */
export function bodyOf(id: number): string {
  return `${id};`.repeat(id % 31 === 0 ? 20_000 : (id % 40) + 1);
}

/** What write `id` adds to the log. */
export function lineOf(id: number): string {
  return `line ${id}\n`;
}

/** The numbers of the lines. @throws Error when one is there twice, or is none */
export function idsOf(log: string): number[] {
  const ids = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const id = /^line (\d+)$/.exec(line)?.[1];
      if (id === undefined) throw new Error(`the log holds ${JSON.stringify(line)}, which nobody wrote`);
      return Number(id);
    });
  const seen = new Set<number>();
  for (const id of ids) {
    if (seen.has(id)) throw new Error(`line ${id} is there twice`);
    seen.add(id);
  }
  return ids;
}
