const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'medium' });

/** How long ago something was: `3 hours ago`. A clock that runs ahead of ours counts as now. */
export function ago(at: number, now: number): string {
  const seconds = (now - at) / 1_000;
  for (const [unit, length] of units) if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  return 'just now';
}

/** The whole date and time. */
export function exactly(at: number): string {
  return exact.format(at);
}
