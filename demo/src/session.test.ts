import { expect, test } from 'vitest';
import { addressWithFile, fetchSession, readAddress, SessionError } from './session.ts';

const answer = { apiUrl: '/v1', org: 'acme', repo: 'welcome', bookmark: 'main', apiKey: 'mesa_key' };
const page = 'http://127.0.0.1:4000/?name=Ada';

test('the session’s address is absolute and without a slash at the end', async () => {
  const asked: string[] = [];
  const session = await fetchSession(page, (url) => {
    asked.push(url);
    return Promise.resolve(Response.json(answer));
  });
  expect(asked).toEqual(['http://127.0.0.1:4000/demo/session']);
  expect(session).toEqual({ ...answer, apiUrl: 'http://127.0.0.1:4000/v1' });
});

test('the address overrides repository and bookmark', async () => {
  const session = await fetchSession('http://127.0.0.1:4000/?repo=other#bookmark=draft', () => Promise.resolve(Response.json(answer)));
  expect(session).toMatchObject({ repo: 'other', bookmark: 'draft' });
});

test.each([
  ['a server that is down', () => Promise.reject(new TypeError('fetch failed')), 'doesn’t answer'],
  ['a refusal', () => Promise.resolve(new Response('no', { status: 404, statusText: 'Not Found' })), '404 Not Found'],
  ['a page', () => Promise.resolve(new Response('<html>')), 'no session'],
  ['a session without a key', () => Promise.resolve(Response.json({ ...answer, apiKey: '' })), 'apiKey'],
])('%s is said in words, with a remedy', async (_name, request, message) => {
  const error: unknown = await fetchSession(page, request).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SessionError);
  expect(String(error)).toContain(message);
  expect((error as SessionError).remedy).not.toBe('');
});

test('the open file is kept in the query', () => {
  expect(readAddress('http://h/?file=src/a.ts&name=Ada')).toMatchObject({ file: 'src/a.ts', name: 'Ada', repo: null });
  expect(addressWithFile('http://h/?name=Ada#file=old', 'src/a b.ts')).toBe('http://h/?name=Ada&file=src/a+b.ts');
  expect(addressWithFile('http://h/?file=a&name=Ada', null)).toBe('http://h/?name=Ada');
});
