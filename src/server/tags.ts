import * as v from 'valibot';
import { ApiError, quote } from '../wire/errors.ts';
import type { Tags } from './storage/records.ts';

/** Tags as a request gives them: keys of at most 64 characters, kept in lower case, values of at most 256. */
const key = v.pipe(v.string(), v.minLength(1, 'a tag key is not empty'), v.maxLength(64, 'a tag key has at most 64 characters'), v.toLowerCase());
const value = v.pipe(v.string(), v.maxLength(256, 'a tag value has at most 256 characters'));

export const tagKeySchema: v.GenericSchema<unknown, string> = key;
export const tagValueSchema: v.GenericSchema<unknown, string> = value;
export const tagsSchema: v.GenericSchema<unknown, Tags> = v.record(key, value);
export const tagPatchSchema: v.GenericSchema<unknown, Record<string, string | null>> = v.record(key, v.nullable(value));

/** Sets the given tags; `null` removes one. */
export function patchTags(tags: Tags, patch: Record<string, string | null>): Tags {
  const merged: Record<string, string | null> = { ...tags, ...patch };
  return Object.fromEntries(Object.entries(merged).filter((row): row is [string, string] => row[1] !== null));
}

/** Decides whether tags pass a filter. */
export type TagFilter = (tags: Tags) => boolean;

const OPERATORS: Record<string, (value: string | undefined, wanted: unknown) => boolean> = {
  $eq: (tag, wanted) => tag === text(wanted),
  $in: (tag, wanted) => tag !== undefined && Array.isArray(wanted) && wanted.map(text).includes(tag),
  $contains: (tag, wanted) => tag?.includes(text(wanted)) === true,
  $starts_with: (tag, wanted) => tag?.startsWith(text(wanted)) === true,
  $ends_with: (tag, wanted) => tag?.endsWith(text(wanted)) === true,
  $exists: (tag, wanted) => (tag !== undefined) === (wanted === true),
};

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
    return { key: pair.slice(0, cut).trim().toLowerCase(), value: text(pair.slice(cut + 1).trim()) };
  });
  return (tags) => wanted.every((pair) => lower(tags)[pair.key] === pair.value);
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
  if (typeof wanted === 'string') return (tags) => lower(tags)[name] === text(wanted);
  if (Array.isArray(wanted)) return (tags) => wanted.map(text).includes(lower(tags)[name] ?? '\0');
  if (typeof wanted !== 'object' || wanted === null) throw problem(source, `"${name}" takes a text, a list of texts or an operator`);
  const tests = Object.entries(wanted).map(([operator, argument]) => {
    const test = OPERATORS[operator.toLowerCase()];
    if (test === undefined) throw problem(source, `${operator} is no operator`);
    return (tags: Tags) => test(lower(tags)[name], argument);
  });
  return (tags) => tests.every((test) => test(tags));
}

function lower(tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, tag]) => [name, tag.toLowerCase()]));
}

function text(wanted: unknown): string {
  return String(wanted).toLowerCase();
}

function problem(source: string, why: string): ApiError {
  return new ApiError('INVALID_REQUEST', `The tag filter ${quote(source)} cannot be used: ${why}.`);
}
