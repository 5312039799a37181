import * as v from 'valibot';
import { LOST_KEYS } from './names.ts';

/**
 * Holds a value from outside against a schema, up to its first fault: a large body may have millions of them.
 *
 * @param refuse makes the error out of a sentence that says what is wrong: where, and with which value
 */
export function validate<T>(schema: v.GenericSchema<unknown, T>, value: unknown, refuse: (problem: string) => Error): T {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [{ path, message }] = result.issues;
  const place = path?.map((item) => String(item.key)).join('.') ?? '';
  throw refuse(`${place === '' ? '' : `${place}: `}${message}.`.replace(/\.\.$/, '.'));
}

/** A list of at most `limit` items. One that is longer is refused before any of them is looked at. */
export function listOf<T>(item: v.GenericSchema<unknown, T>, limit: number, what: string): v.GenericSchema<unknown, T[]> {
  return v.pipe(
    v.unknown(),
    v.check(
      (list) => !Array.isArray(list) || list.length <= limit,
      (issue) => `${(issue.input as unknown[]).length} are too many; at most ${limit} ${what}`,
    ),
    v.array(item),
  );
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
