import * as v from 'valibot';
import type { Person } from './storage/records.ts';

const text = v.pipe(
  v.string(),
  v.minLength(1, 'a name or email is not empty'),
  v.maxLength(255),
  v.regex(/^[^<>\r\n\0]*$/, 'a name or email holds none of < > or line breaks'),
  v.check((name) => name.trim() !== '', 'a name or email is not blank'),
  v.check((name) => name.isWellFormed(), 'a name or email is valid Unicode'),
);

/** The last moment whose year has four digits; git has none before the Unix epoch. */
const LAST_DATE = Date.UTC(9999, 11, 31, 23, 59, 59);

/** An author or committer of a request; `date` is ISO 8601, now unless given. */
export const personSchema: v.GenericSchema<unknown, PersonInput> = v.object({
  name: text,
  email: text,
  date: v.optional(
    v.pipe(
      v.string(),
      v.check((date) => !Number.isNaN(Date.parse(date)), 'a date is written in ISO 8601, like 2026-01-31T12:00:00Z'),
      v.check((date) => !(Date.parse(date) < 0 || Date.parse(date) > LAST_DATE), 'a date is from 1970 to 9999, since a git commit holds no other'),
      v.check((date) => Math.abs(offsetOf(date)) < 24 * 60, 'a time zone is less than 24 hours from UTC'),
    ),
  ),
});

export interface PersonInput {
  name: string;
  email: string;
  date?: string | undefined;
}

/** Takes over what a request says of a person; the rest from `fallback`. */
export function readPerson(given: PersonInput | undefined, fallback: Person): Person {
  if (given === undefined) return fallback;
  const { name, email, date } = given;
  if (date === undefined) return { ...fallback, name, email };
  return { name, email, timestamp: Date.parse(date), tzOffset: offsetOf(date) };
}

/** A person as the API shows them. */
export function showPerson({ name, email, timestamp }: Person): object {
  return { name, email, date: new Date(Math.floor(timestamp / 1000) * 1000).toISOString() };
}

/** Minutes east of UTC in a date like `…+02:00`. */
function offsetOf(date: string): number {
  const match = /([+-])(\d\d):?(\d\d)$/.exec(date);
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}
