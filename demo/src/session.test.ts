import { expect, test } from 'vitest';
import { addressWith, openSession, readAddress, sessionChanged, SessionError, SessionMemory, sessionPatience, type Session } from './session.ts';

const answer = { apiUrl: '/v1', org: 'acme', repo: 'welcome', bookmark: 'main', apiKey: 'mesa_key' };
const page = 'http://127.0.0.1:4000/?name=Ada';

/** What a browser keeps from visit to visit. */
function memory(kept: Map<string, string> = new Map()): SessionMemory {
  return new SessionMemory({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) });
}

const never = (): Promise<void> => new Promise(() => undefined);
const down = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'));
const up = (): Promise<Response> => Promise.resolve(Response.json(answer));

async function fetchSession(href: string, request: (url: string) => Promise<Response>): Promise<Session> {
  return (await openSession(href, request, memory(), never)).session;
}

test('the session’s address is absolute and without a slash at the end', async () => {
  const asked: string[] = [];
  const session = await fetchSession(page, (url) => {
    asked.push(url);
    return Promise.resolve(Response.json(answer));
  });
  expect(asked).toEqual(['http://127.0.0.1:4000/demo/session']);
  expect(session).toEqual({ ...answer, apiUrl: 'http://127.0.0.1:4000/v1', change: null });
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
  expect(addressWith('http://h/?name=Ada#file=old', { file: 'src/a b.ts' })).toBe('http://h/?name=Ada&file=src/a+b.ts');
  expect(addressWith('http://h/?file=a&name=Ada', { file: null })).toBe('http://h/?name=Ada');
  expect(addressWith('http://h/?file=a', { change: 'k' })).toBe('http://h/?file=a&change=k');
});

test('without its server the page opens with the session of last time', async () => {
  const kept = memory();
  await expect(openSession(page, down, kept, never)).rejects.toThrow('doesn’t answer');
  expect((await openSession(page, up, kept, never)).remembered).toBe(false);
  for (const request of [down, () => Promise.resolve(new Response('', { status: 503 })), () => never().then(down)]) {
    const opened = await openSession(`${page}&bookmark=draft`, request, kept, (ms) =>
      request === down ? never() : new Promise((resolve) => setTimeout(resolve, ms / 100)),
    );
    expect(opened).toMatchObject({ remembered: true, session: { apiKey: 'mesa_key', bookmark: 'draft', apiUrl: 'http://127.0.0.1:4000/v1' } });
  }
  expect(sessionPatience).toBe(2_000);
});

test('a server that refuses is believed', async () => {
  const kept = memory();
  await openSession(page, up, kept, never);
  await expect(openSession(page, () => Promise.resolve(new Response('', { status: 403 })), kept, never)).rejects.toThrow('403');
});

test('what the server says later wins, and is remembered', async () => {
  const kept = memory();
  const { session } = await openSession(page, up, kept, never);
  expect(await sessionChanged(page, down, kept, session)).toBeNull();
  expect(await sessionChanged(page, up, kept, session)).toBe(false);
  expect(await sessionChanged(page, () => Promise.resolve(Response.json({ ...answer, apiKey: 'mesa_other' })), kept, session)).toBe(true);
  expect((await openSession(page, down, kept, never)).session.apiKey).toBe('mesa_other');
});
