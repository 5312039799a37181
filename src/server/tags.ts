import * as v from 'valibot';
import { ApiError, quote } from '../wire/errors.ts';
import { LOST_KEYS } from '../wire/names.ts';
import { recordOf } from '../wire/validation.ts';
import type { TagPatch } from './storage/patch-tags.ts';
import type { Tags } from './storage/records.ts';

/** Tags as a request gives them: keys of at most 64 characters, kept in lower case, values of at most 256. */
const key = v.pipe(
  v.string(),
  v.minLength(1, 'a tag key is not empty'),
  v.maxLength(64, 'a tag key has at most 64 characters'),
  v.toLowerCase(),
  // In lower case: what it was sent as may not be one of them.
  v.check(
    (name) => !LOST_KEYS.includes(name),
    ({ input }) => `"${input}" cannot be a key; choose another`,
  ),
);
const value = v.pipe(v.string(), v.maxLength(256, 'a tag value has at most 256 characters'));

export const tagKeySchema: v.GenericSchema<unknown, string> = key;
export const tagValueSchema: v.GenericSchema<unknown, string> = value;
export const tagsSchema: v.GenericSchema<unknown, Tags> = recordOf(key, value);
export const tagPatchSchema: v.GenericSchema<unknown, TagPatch> = recordOf(key, v.nullable(value));

/** Decides whether tags pass a filter. */
export type TagFilter = (tags: Tags) => boolean;

/** What a tag's value, in lower case, is held against: one text, or a list of them for `$in`. */
const OPERATORS: ReadonlyMap<string, (tag: string | undefined, wanted: readonly string[]) => boolean> = new Map([
  ['$eq', (tag, [wanted]) => tag === wanted],
  ['$in', (tag, wanted) => tag !== undefined && wanted.includes(tag)],
  ['$contains', (tag, [wanted = '']) => tag?.includes(wanted) === true],
  ['$starts_with', (tag, [wanted = '']) => tag?.startsWith(wanted) === true],
  ['$ends_with', (tag, [wanted = '']) => tag?.endsWith(wanted) === true],
  ['$exists', (tag, [wanted]) => (tag !== undefined) === (wanted === 'true')],
]);

/**
 * Reads a filter: `env:prod,team:agents` (all of them), or a JSON object of `$and`, `$or`, `$not` and keys, each with a value, a list of values or
 * `{$eq|$in|$contains|$starts_with|$ends_with|$exists}`. Letter case plays no part.
 *
 * @throws ApiError INVALID_REQUEST
 */
export function parseTagFilter(source: string): TagFilter {
  if (!source.trimStart().startsWith('{')) return pairs(source);
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    throw problem(source, 'it is not JSON');
  }
  return compile(parsed, source, 0);
}

function pairs(source: string): TagFilter {
  const wanted = source.split(',').map((pair) => {
    const cut = pair.indexOf(':');
    if (cut < 1) throw problem(source, `"${pair}" is not key:value`);
    return {
      key: pair.slice(0, cut).trim().toLowerCase(),
      value: pair
        .slice(cut + 1)
        .trim()
        .toLowerCase(),
    };
  });
  return (tags) => wanted.every((pair) => lower(tags).get(pair.key) === pair.value);
}

function compile(filter: unknown, source: string, depth: number): TagFilter {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) throw problem(source, 'a filter is an object');
  if (depth > 16) throw problem(source, 'it is nested too deeply');
  const tests = Object.entries(filter).map(([name, wanted]) => clause(name.toLowerCase(), wanted, source, depth));
  return (tags) => tests.every((test) => test(tags));
}

function clause(name: string, wanted: unknown, source: string, depth: number): TagFilter {
  if (name === '$and' || name === '$or') {
    if (!Array.isArray(wanted)) throw problem(source, `${name} takes a list of filters`);
    const filters = wanted.map((filter) => compile(filter, source, depth + 1));
    return (tags) => (name === '$and' ? filters.every((test) => test(tags)) : filters.some((test) => test(tags)));
  }
  if (name === '$not') {
    const test = compile(wanted, source, depth + 1);
    return (tags) => !test(tags);
  }
  if (name.startsWith('$')) throw problem(source, `${name} is no operator`);
  return keyClause(name, wanted, source);
}

function keyClause(name: string, wanted: unknown, source: string): TagFilter {
  const tests = operatorsOf(name, wanted, source).map(([operator, argument]) => {
    const test = OPERATORS.get(operator);
    if (test === undefined) throw problem(source, `${operator} is no operator`);
    if (Array.isArray(argument) !== (operator === '$in')) throw problem(source, `${operator} takes a ${operator === '$in' ? 'list' : 'text'}`);
    const texts = (Array.isArray(argument) ? argument : [argument]).map((value) => text(value, name, source));
    return (tags: Tags) => test(lower(tags).get(name), texts);
  });
  return (tags) => tests.every((test) => test(tags));
}

/** The operators of a key with what each is given: `$eq` for a text, `$in` for a list. */
function operatorsOf(name: string, wanted: unknown, source: string): [operator: string, argument: unknown][] {
  if (Array.isArray(wanted)) return [['$in', wanted]];
  if (typeof wanted === 'string') return [['$eq', wanted]];
  if (typeof wanted !== 'object' || wanted === null) throw problem(source, `"${name}" takes a text, a list of texts or an operator`);
  return Object.entries(wanted).map(([operator, argument]) => [operator.toLowerCase(), argument]);
}

function lower(tags: Tags): ReadonlyMap<string, string> {
  return new Map(Object.entries(tags).map(([name, tag]) => [name, tag.toLowerCase()]));
}

/** A text as it is compared: in lower case. Numbers and truth values are taken for what they are written as. */
function text(wanted: unknown, name: string, source: string): string {
  if (typeof wanted === 'string' || typeof wanted === 'number' || typeof wanted === 'boolean') return String(wanted).toLowerCase();
  throw problem(source, `"${name}" is compared with texts, and ${quote(wanted)} is none`);
}

function problem(source: string, why: string): ApiError {
  return new ApiError('INVALID_REQUEST', `The tag filter ${quote(source)} cannot be used: ${why}.`);
}
