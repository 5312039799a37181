/** A line on standard error that says how far a long job is: a bar on a terminal, a line every few seconds elsewhere. */
export interface Progress {
  /** Sets how much is done, of how much in all (`null` while that is unknown). */
  update(done: number, total: number | null): void;
  /** Ends the line, with a closing word. */
  end(text: string): void;
}

const WIDTH = 30;

/** Starts a progress line for `what`, counted in `unit`. */
export function progress(what: string, unit: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  const live = stream.isTTY === true;
  const pause = live ? 80 : 5_000;
  let last = live ? 0 : Date.now();
  const line = (done: number, total: number | null): string => {
    const count = done.toLocaleString('en');
    if (total === null || total === 0) return `${what}  ${count} ${unit}`;
    const full = Math.round((Math.min(done, total) / total) * WIDTH);
    return `${what}  ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}  ${count} / ${total.toLocaleString('en')} ${unit}`;
  };
  return {
    update(done, total) {
      const now = Date.now();
      if (now - last < pause) return;
      last = now;
      stream.write(live ? `\r\x1b[2K${line(done, total)}` : `${line(done, total)}\n`);
    },
    end(text) {
      stream.write(`${live ? '\r\x1b[2K' : ''}${text}\n`);
    },
  };
}

/** A size for people: `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** So many of something, for people: `1 commit`, `2 commits`. */
export function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
