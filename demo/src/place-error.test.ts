import { describe, expect, test } from 'vitest';
import { PlaceError, placeErrorOf } from './place-error.ts';
import { readAddress } from './session.ts';

/** An error as the API's refusals come to the page. */
function refusal(status: number, code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { status, code });
}

function of(query: string, error: unknown): unknown {
  const href = `http://127.0.0.1:4000/${query}`;
  const { repo, bookmark, change } = readAddress(href);
  const session = { apiUrl: '', apiKey: '', org: 'acme', repo: repo ?? 'welcome', bookmark: bookmark ?? 'main', change };
  return placeErrorOf(error, href, session, 'acme/welcome');
}

const noRepo = refusal(404, 'REPO_NOT_FOUND', 'There is no repo "x" in acme that this credential reaches; check the name.');
const noBookmark = refusal(404, 'BOOKMARK_NOT_FOUND', 'There is no bookmark "x" in this repo.');
const noChange = refusal(404, 'CHANGE_NOT_FOUND', 'There is no change "k" in this repo.');
const noId = refusal(400, 'INVALID_REQUEST', 'The body is not valid: change: "x" is not a change id; use 32 letters from k to z.');

describe('an address that asks for what is not there', () => {
  test.each([
    ['?repo=x', noRepo, 'There is no repository “x” in acme'],
    ['?repo=other#bookmark=x', noBookmark, 'There is no bookmark “x” in acme/other'],
    ['?change=x', noId, '“x” is not the id of a change'],
    [`?change=${'x'.repeat(99)}`, noId, `“${'x'.repeat(59)}…” is not the id of a change`],
    [`?change=${'k'.repeat(32)}`, noChange, `There is no change “${'k'.repeat(32)}” in acme/welcome`],
    ['?bookmark=x', refusal(400, 'INVALID_REQUEST', 'The body is not valid: a bookmark can’t be x.'), 'a bookmark can’t be x.'],
  ])('%s is told in a sentence, and leads home', (query, error, message) => {
    const told = of(`${query}${query.includes('#') ? '&' : '#'}name=Ada`, error);
    expect(told).toBeInstanceOf(PlaceError);
    expect((told as PlaceError).problem).toMatchObject({ message, remedy: expect.stringContaining('address') });
    expect((told as PlaceError).home).toEqual({ href: 'http://127.0.0.1:4000/#name=Ada', name: 'acme/welcome' });
  });

  test('is not to blame for what may work later, nor for what nobody asked for', () => {
    for (const error of [new TypeError('Failed to fetch'), ...[401, 408, 429, 500, 503].map((status) => refusal(status, 'ODD', ''))]) {
      expect(of('?repo=x', error)).toBe(error);
    }
    expect(of('?name=Ada', noRepo)).toBe(noRepo);
  });
});
