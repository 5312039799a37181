import { FsError } from '../base/errors.ts';

/** The ways to settle a conflict. */
const WAYS = ['take', 'content', 'delete'] as const;

/** Checks that a resolution says one thing, and which: one that is misspelt must not pass for another. @throws FsError EINVAL */
export function checkResolution(path: string, resolution: unknown): void {
  const given = (typeof resolution === 'object' && resolution !== null ? resolution : {}) as Record<string, unknown>;
  const ways = WAYS.filter((way) => given[way] !== undefined);
  const { take } = given;
  const isSide = Number.isInteger(take) && (take as number) >= 0;
  const fits = { take: isSide, content: typeof given['content'] === 'string' || ArrayBuffer.isView(given['content']), delete: given['delete'] === true };
  const [way] = ways;
  if (way !== undefined && ways.length === 1 && fits[way]) return;
  const hint = `a conflict is settled with one of { take: side }, { content } and { delete: true }, not with ${shown(resolution)}`;
  throw new FsError('EINVAL', 'open', path, { hint });
}

/** What was given, without the content of a file. */
function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Object.entries(value).map(([key, part]) => (key === 'content' ? `content: ${kindOf(part)}` : `${key}: ${simple(part)}`));
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

function kindOf(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a value of type ${value.constructor?.name ?? 'object'}`;
}

function simple(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? kindOf(value) : String(value);
}
