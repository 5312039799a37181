import * as v from 'valibot';
import { LOST_KEYS } from './names.ts';

/** Says in one sentence what is wrong with a value from outside: where, which value, and how many problems there are beside the first. */
export function describeIssues(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const [first, ...others] = issues;
  const path = first.path?.map((item) => String(item.key)).join('.') ?? '';
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${path === '' ? '' : `${path}: `}${first.message}${more}.`.replace(/\.\.$/, '.');
}

/** Texts by key; a key that would get lost is refused. */
export function recordOf<K extends v.GenericSchema<string, string>, V extends v.GenericSchema>(
  key: K,
  value: V,
  message?: string,
): v.GenericSchema<unknown, Record<string, v.InferOutput<V>>> {
  const lost = (input: unknown): string | undefined => LOST_KEYS.find((name) => typeof input === 'object' && input !== null && Object.hasOwn(input, name));
  return v.pipe(
    v.unknown(),
    v.check(
      (input) => lost(input) === undefined,
      (issue) => `"${lost(issue.input) ?? ''}" cannot be a key; choose another`,
    ),
    message === undefined ? v.record(key, value) : v.record(key, value, message),
  );
}
