import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHandler } from '../handler.ts';
import { clientId, SseReader, TestBackend } from '../test-support.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const A = clientId('a');
const [X, Y] = ['k'.repeat(32), 'l'.repeat(32)];
let backend: TestBackend;
let seq: number;
const readers: SseReader[] = [];
const written = new Map<string, string>();

beforeEach(async () => {
  backend = await TestBackend.start({ streams: { behind: 4_000 } });
  await backend.repo();
  seq = 0;
  written.clear();
  await write('a', '0');
});

afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
  expect(backend.logged).toEqual([]);
});

/** Writes a file of the change X; the bookmark main stands there. */
async function write(path: string, content: string, repo = 'app'): Promise<number> {
  const was = written.get(`${repo}/${path}`);
  written.set(`${repo}/${path}`, content);
  const target = { bookmark: 'main', newChange: X };
  return (await backend.op(A, { seq: ++seq, kind: 'files', target, edits: [backend.write(path, content, was)] }, [content], { repo })).repoSeq;
}

async function listen(query: string, headers: Record<string, string> = {}, key?: string): Promise<SseReader> {
  const response = await backend.request('GET', `/acme/-/events?${query}`, undefined, { headers, ...(key === undefined ? {} : { key }) });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = new SseReader(response);
  readers.push(reader);
  return reader;
}

describe('a stream', () => {
  test('begins with where it stands and tells of what comes', async () => {
    const events = await listen(`room=app/${X}`);
    const ready = await events.next();
    expect(ready).toMatchObject({ event: 'ready', data: { cursor: ready?.id } });
    const repoSeq = await write('b', '1');
    expect(await events.next()).toMatchObject({ event: 'change', data: { repoSeq, paths: [{ path: 'b', recursive: false }] } });
  });

  test('is read back when it is told of: the new state is there', async () => {
    const events = await listen(`room=app/${X}`);
    await events.next();
    await write('b', 'new');
    const event = await events.next();
    const { body } = await backend.json('GET', `/acme/app/changes/${X}`);
    expect(event?.data['commit']).toBe(body['current_commit_oid']);
  });

  test('goes on where its reader left, by parameter and by header', async () => {
    const events = await listen(`room=app/${X}`);
    await events.next();
    await write('b', '1');
    const last = (await events.next())?.id ?? '';
    await events.close();
    await write('c', '1');
    await write('d', '1');
    for (const again of [await listen(`room=app/${X}&cursor=${last}`), await listen(`room=app/${X}`, { 'Last-Event-ID': last })]) {
      expect(await again.next()).toMatchObject({ event: 'ready' });
      expect(await again.next()).toMatchObject({ event: 'change', data: { paths: [{ path: 'c' }] } });
      expect(await again.next()).toMatchObject({ event: 'change', data: { paths: [{ path: 'd' }] } });
      await write('e', String(seq));
      expect(await again.next()).toMatchObject({ event: 'change', data: { paths: [{ path: 'e' }] } });
    }
  });

  test('catches up from storage what memory no longer holds', async () => {
    const cursor = (await (await listen(`room=app/${X}`)).next())?.id ?? '';
    for (let count = 0; count < 300; count += 1) await write('b', String(count));
    const events = await listen(`room=app/${X}&cursor=${cursor}`);
    await events.next();
    const seqs: unknown[] = [];
    for (let count = 0; count < 300; count += 1) seqs.push((await events.next())?.data['repoSeq']);
    expect(new Set(seqs).size).toBe(300);
    expect(seqs).toEqual([...seqs].sort((a, b) => Number(a) - Number(b)));
  });

  test('of several repos has one cursor for all', async () => {
    await backend.repo('web');
    await write('a', '0', 'web');
    const query = `room=app/${X}&room=web@main&room=web/${X}`;
    const events = await listen(query);
    const start = (await events.next())?.id ?? '';
    await write('b', '1', 'web');
    const middle = await events.next();
    expect(middle).toMatchObject({ data: { repo: 'web' } });
    await write('b', '1', 'app');
    expect(await events.next()).toMatchObject({ data: { repo: 'app' } });
    const again = await listen(`${query}&cursor=${middle?.id}`);
    await again.next();
    expect(await again.next()).toMatchObject({ data: { repo: 'app' } });
    const both = await listen(`${query}&cursor=${middle?.id}&cursor=${start}`);
    await both.next();
    expect(new Set([(await both.next())?.data['repo'], (await both.next())?.data['repo']])).toEqual(new Set(['app', 'web']));
  });

  test('tells of a bookmark in its room only, with the head to go to', async () => {
    const bookmark = await listen('room=app@main');
    const change = await listen(`room=app/${Y}`);
    await bookmark.next();
    await change.next();
    await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: Y, parents: [X], message: '' }]);
    await backend.request('PATCH', '/acme/app/bookmarks/main', { change_id: Y });
    expect(await bookmark.next()).toMatchObject({
      event: 'bookmark',
      data: { repo: 'app', bookmark: 'main', change: Y, previous: X, head: { change: Y, bookmark: 'main', org: 'acme' } },
    });
    expect(await change.next()).toMatchObject({ event: 'change', data: { change: Y, origin: { client: A } } });
  });

  test('tells the rooms of descendants without an origin', async () => {
    await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: Y, parents: [X], message: '' }]);
    const events = await listen(`room=app/${Y}`);
    await events.next();
    await backend.op(A, { seq: ++seq, kind: 'files', target: { change: X }, edits: [backend.write('z', '1')] }, ['1']);
    expect(await events.next()).toMatchObject({ data: { change: Y, origin: null, paths: [{ path: 'z', recursive: false }] } });
  });

  test('of writes over REST has events too', async () => {
    const events = await listen(`room=app/${X}`);
    await events.next();
    await backend.request('PATCH', `/acme/app/changes/${X}`, { files: [{ path: 'r', content: btoa('x') }] });
    expect(await events.next()).toMatchObject({ data: { origin: null, paths: [{ path: 'r' }] } });
  });
});

describe('a reader is told to open anew', () => {
  const foreign = (cursor: string): string => encodeCursor('another-epoch', decodeCursor(cursor)?.seqs ?? []);
  const ahead = (cursor: string): string =>
    encodeCursor(
      'epoch-1',
      [...(decodeCursor(cursor)?.seqs ?? [])].map(([repo, at]) => [repo, at + 1_000] as const),
    );

  test.each([
    ['of another epoch', foreign],
    ['from the future', ahead],
    ['that is nonsense', () => 'nonsense'],
  ])('by a cursor %s', async (_name, alter) => {
    const cursor = (await (await listen(`room=app/${X}`)).next())?.id ?? '';
    const events = await listen(`room=app/${X}&cursor=${alter(cursor)}`);
    expect(await events.next()).toMatchObject({ event: 'ready', id: cursor });
    expect(await events.next()).toMatchObject({ event: 'reset', id: cursor, data: {} });
    await write('b', '1');
    expect(await events.next()).toMatchObject({ event: 'change' });
  });

  test('when it missed more than is worth telling', async () => {
    const cursor = (await (await listen(`room=app/${X}`)).next())?.id ?? '';
    const name = (round: number, index: number): string => `${round}-${index}-${'x'.repeat(230)}`;
    for (let round = 0; round < 72; round += 1) {
      const edits = Array.from({ length: 260 }, (_, index) => ({ type: 'mkdir', path: name(round, index) }) as const);
      await backend.op(A, { seq: ++seq, kind: 'files', target: { change: X }, edits });
      if (round !== 12) continue;
      const half = await listen(`room=app/${X}&cursor=${cursor}`);
      await half.next();
      expect(await half.next()).toMatchObject({ event: 'change' });
    }
    const events = await listen(`room=app/${X}&cursor=${cursor}`);
    const ready = await events.next();
    expect(ready?.id).not.toBe(cursor);
    expect(await events.next()).toMatchObject({ event: 'reset', id: ready?.id });
  }, 30_000);

  describe('what another backend has stored meanwhile', () => {
    /** Writes through another backend on the same storage, as one that is about to end does. */
    async function elsewhere(path: string): Promise<void> {
      const { core, storage, clock, random } = backend;
      const other = await createHandler({ core, storage, env: { clock, random } });
      const body = JSON.stringify({ files: [{ path, content: btoa('x') }] });
      const headers = { Authorization: `Bearer ${backend.adminKey}`, 'Content-Type': 'application/json' };
      const answer = await other(new Request(`http://test/v1/acme/app/changes/${X}`, { method: 'PATCH', body, headers }));
      expect(answer.status).toBe(200);
      await other.close();
    }

    test('shows with the next event', async () => {
      const events = await listen(`room=app/${X}`);
      await events.next();
      await elsewhere('there');
      await backend.request('PATCH', `/acme/app/changes/${X}`, { files: [{ path: 'b', content: btoa('x') }] });
      expect(await events.next()).toMatchObject({ event: 'reset' });
      expect(await events.next()).toMatchObject({ event: 'change' });
    });

    test('shows after two beats where nothing else happens', async () => {
      const events = await listen(`room=app/${X}`);
      await events.next();
      await elsewhere('there');
      const heard: (string | undefined)[] = [];
      for (let beat = 0; beat < 2; beat += 1) {
        backend.clock.advance(15_000);
        heard.push((await events.next())?.event);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect([...heard, (await events.next())?.event]).toEqual([':', ':', 'reset']);
    });

    test('is told to whoever comes back for it', async () => {
      const events = await listen(`room=app/${X}`);
      const start = (await events.next())?.id;
      await write('b', '1');
      await elsewhere('there');
      const again = await listen(`room=app/${X}&cursor=${start}`);
      await again.next();
      expect(await again.next()).toMatchObject({ data: { paths: [{ path: 'b' }] } });
      expect(await again.next()).toMatchObject({ data: { paths: [{ path: 'there' }] } });
    });
  });

  test('when its repo is renamed', async () => {
    const events = await listen(`room=app/${X}`);
    await events.next();
    await backend.request('PATCH', '/acme/app', { tags: { a: '1' } });
    await write('b', '1');
    expect(await events.next()).toMatchObject({ event: 'change' });
    await backend.request('PATCH', '/acme/app', { name: 'web' });
    expect(await events.next()).toMatchObject({ event: 'reset' });
  });

  test('when its repo is deleted', async () => {
    const events = await listen(`room=app/${X}`);
    await events.next();
    await backend.request('DELETE', '/acme/app');
    expect(await events.next()).toMatchObject({ event: 'reset' });
  });

  test('when its repo has another name', async () => {
    const events = await listen(`room=app/${X}`);
    await events.next();
    await backend.request('PATCH', '/acme/app', { name: 'renamed' });
    expect(await events.next()).toMatchObject({ event: 'reset' });
  });

  test('when another repo has the name of the one it left', async () => {
    const cursor = (await (await listen(`room=app/${X}`)).next())?.id ?? '';
    await backend.request('DELETE', '/acme/app');
    await backend.repo();
    const events = await listen(`room=app@main&cursor=${cursor}`);
    const ready = await events.next();
    expect(await events.next()).toMatchObject({ event: 'reset', id: ready?.id });
    const again = await listen(`room=app@main&cursor=${ready?.id}`);
    await again.next();
    await backend.op(A, { seq: ++seq, kind: 'change.create', id: Y, parents: ['z'.repeat(32)], message: '' });
    await backend.request('PATCH', '/acme/app/bookmarks/main', { change_id: Y });
    expect(await again.next()).toMatchObject({ event: 'bookmark', data: { change: Y } });
  });
});

describe('rooms of a repo that is not there or not reached are left out', () => {
  const query = `room=app/${X}&room=web@main`;
  const tellApp = async (): Promise<unknown> => backend.request('PATCH', `/acme/app/changes/${X}`, { files: [{ path: 'b', content: btoa('x') }] });

  test('of a stream: who was in them is told to open anew, once', async () => {
    await backend.repo('web');
    const both = (await (await listen(query)).next())?.id ?? '';
    await backend.request('DELETE', '/acme/web');
    const events = await listen(`${query}&cursor=${both}`);
    const cursor = (await events.next())?.id ?? '';
    expect([...(decodeCursor(cursor)?.seqs ?? [])]).toHaveLength(1);
    expect(await events.next()).toMatchObject({ event: 'reset', id: cursor });
    const again = await listen(`${query}&cursor=${cursor}`);
    await again.next();
    await tellApp();
    expect(await again.next()).toMatchObject({ event: 'change', data: { repo: 'app' } });
  });

  test('of a long-poll too', async () => {
    await backend.repo('web');
    const poll = (cursor: string): Promise<{ body: { cursor: string; events: object[] } }> =>
      backend.json('GET', `/acme/-/events?${query}&wait=0&cursor=${cursor}`);
    const both = (await poll('')).body.cursor;
    await backend.request('DELETE', '/acme/web');
    const { body } = await poll(both);
    expect(body.events).toMatchObject([{ event: 'reset', id: body.cursor }]);
    expect((await poll(body.cursor)).body).toEqual({ cursor: body.cursor, events: [] });
    await tellApp();
    expect((await poll(body.cursor)).body.events).toMatchObject([{ event: 'change' }]);
  });

  test('and looked for again after a minute', async () => {
    const events = await listen(query);
    const cursor = (await events.next())?.id ?? '';
    await backend.repo('web');
    for (let count = 0; count < 3; count += 1) {
      backend.clock.advance(15_000);
      expect(await events.next()).toMatchObject({ event: ':' });
    }
    backend.clock.advance(15_000);
    expect(await events.next()).toMatchObject({ event: 'bye' });
    const again = await listen(`${query}&cursor=${cursor}`);
    await again.next();
    expect(await again.next()).toMatchObject({ event: 'reset' });
  });

  test('and nothing tells the one from the other', async () => {
    const { id } = (await backend.json<{ id: string }>('GET', '/acme/app')).body;
    const key = await backend.key({ scopes: ['read'], repoIds: [id] });
    const absent = await listen(query, {}, key);
    await backend.repo('web');
    const hidden = await listen(query, {}, key);
    expect(await hidden.next()).toEqual(await absent.next());
    expect(await backend.json('GET', '/acme/-/events?room=web@main', undefined, { key })).toMatchObject({ status: 404 });
  });
});

describe('a stream ends', () => {
  test('after ten minutes, having sent a comment every 15 s', async () => {
    const events = await listen(`room=app/${X}`);
    await events.next();
    for (let count = 0; count < 39; count += 1) {
      backend.clock.advance(15_000);
      expect(await events.next()).toMatchObject({ event: ':' });
    }
    backend.clock.advance(15_000);
    expect(await events.next()).toMatchObject({ event: 'bye' });
    expect(await events.next()).toBeNull();
  });

  test('with its credential', async () => {
    const key = await backend.key({ scopes: ['read'], expiresAt: backend.clock.now() + 5_000 });
    const events = await listen(`room=app/${X}`, {}, key);
    await events.next();
    backend.clock.advance(5_000);
    expect(await events.next()).toMatchObject({ event: 'bye' });
  });

  test('when its key is revoked, and others go on', async () => {
    const made = await backend.json<{ id: string; key: string }>('POST', '/acme/api-keys', { scopes: ['read'] });
    const events = await listen(`room=app/${X}`, {}, made.body.key);
    const other = await listen(`room=app/${X}`);
    await events.next();
    await other.next();
    await backend.request('DELETE', `/acme/api-keys/${made.body.id}`);
    expect(await events.next()).toMatchObject({ event: 'bye' });
    await write('b', '1');
    expect(await other.next()).toMatchObject({ event: 'change' });
  });

  test('when its key is revoked while it opens', async () => {
    const made = await backend.json<{ id: string; key: string }>('POST', '/acme/api-keys', { scopes: ['read'] });
    const { storage } = backend;
    const state = storage.state.bind(storage);
    storage.state = async (repo) => {
      storage.state = state;
      await backend.request('DELETE', `/acme/api-keys/${made.body.id}`);
      return state(repo);
    };
    const events = await listen(`room=app/${X}`, {}, made.body.key);
    expect(await events.next()).toMatchObject({ event: 'ready' });
    expect(await events.next()).toMatchObject({ event: 'bye' });
  });

  test('for a reader that falls behind, which then goes on from its cursor', async () => {
    const events = await listen(`room=app/${X}`);
    const cursors = [(await events.next())?.id ?? ''];
    for (let count = 0; count < 60; count += 1) await write('b', String(count));
    for (let event = await events.next(); event !== null; event = await events.next()) cursors.push(event.id);
    expect(cursors.length).toBeLessThan(60);
    const again = await listen(`room=app/${X}&cursor=${cursors.at(-1)}`);
    await again.next();
    await again.next();
    expect(cursors.length).toBeGreaterThan(1);
  });

  test('with the backend', async () => {
    const events = await listen(`room=app/${X}`);
    await events.next();
    await backend.handler.close();
    expect(await events.next()).toMatchObject({ event: 'bye' });
    expect(await events.next()).toBeNull();
    // No heartbeat is left that would keep a process alive.
    expect(backend.clock.waiting).toBe(0);
  });
});

test('asking for the headers of a stream holds nothing', async () => {
  const before = backend.clock.waiting;
  for (let count = 0; count < 5; count += 1) {
    const response = await backend.request('HEAD', `/acme/-/events?room=app/${X}`);
    expect([response.status, response.headers.get('content-type'), response.body]).toEqual([200, 'text/event-stream', null]);
  }
  expect(backend.clock.waiting).toBe(before);
});

describe('a long-poll', () => {
  const poll = (query: string): Promise<{ status: number; body: { events: { event: string; data: Record<string, unknown> }[]; cursor: string } }> =>
    backend.json('GET', `/acme/-/events?room=app/${X}&${query}`);

  test('answers at once what was missed', async () => {
    const { cursor } = (await poll('wait=0')).body;
    await write('b', '1');
    const { body } = await poll(`wait=25&cursor=${cursor}`);
    expect(body.events).toMatchObject([{ event: 'change', id: body.cursor, data: { paths: [{ path: 'b' }] } }]);
    expect((await poll(`wait=0&cursor=${body.cursor}`)).body).toEqual({ events: [], cursor: body.cursor });
  });

  test('waits for the next event', async () => {
    const { cursor } = (await poll('wait=0')).body;
    const waiting = poll(`wait=25&cursor=${cursor}`);
    await new Promise((resolve) => setImmediate(resolve));
    await write('b', '1');
    expect((await waiting).body.events).toHaveLength(1);
  });

  test('answers nothing when its time is over', async () => {
    const waiting = poll('wait=25');
    await new Promise((resolve) => setImmediate(resolve));
    backend.clock.advance(25_000);
    expect((await waiting).body.events).toEqual([]);
  });

  test('answers nothing when its key is revoked, runs out, or the backend closes', async () => {
    const made = await backend.json<{ id: string; key: string }>('POST', '/acme/api-keys', { scopes: ['read'] });
    const ending = await backend.key({ scopes: ['read'], expiresAt: backend.clock.now() + 5_000 });
    for (const key of [made.body.key, ending]) await backend.request('GET', '/whoami', undefined, { key });
    const [revoked, ended, closed] = [made.body.key, ending, backend.adminKey].map((key) =>
      backend.json('GET', `/acme/-/events?room=app/${X}&wait=25`, undefined, { key }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    await backend.request('DELETE', `/acme/api-keys/${made.body.id}`);
    expect(await revoked).toMatchObject({ status: 200, body: { events: [] } });
    backend.clock.advance(5_000);
    expect(await ended).toMatchObject({ status: 200, body: { events: [] } });
    await backend.handler.close();
    expect(await closed).toMatchObject({ status: 200, body: { events: [] } });
    expect((await poll('wait=25')).body.events).toEqual([]);
  });
});

test.each([
  ['no room', ''],
  ['a room that is none', 'room=app'],
  ['the room of the virtual root', `room=app/${'z'.repeat(32)}`],
  ['too many rooms', Array.from({ length: 101 }, (_, count) => `room=app@b${count}`).join('&')],
  ['a wait that is no number', `room=app@main&wait=long`],
  ['a wait too long', `room=app@main&wait=56`],
])('%s is refused', async (_name, query) => {
  expect(await backend.json('GET', `/acme/-/events?${query}`)).toMatchObject({ status: 400, body: { error: { code: 'INVALID_REQUEST' } } });
});

test('a room of an unknown repo is refused', async () => {
  expect(await backend.json('GET', `/acme/-/events?room=nowhere@main`)).toMatchObject({ status: 404, body: { error: { code: 'REPO_NOT_FOUND' } } });
});

test('a write of more paths than an event names says that everything may have changed', async () => {
  const events = await listen(`room=app/${X}`);
  await events.next();
  const edits = Array.from({ length: 1_001 }, (_, count) => backend.write(`many/${count}`, 'x'));
  const result = await backend.op(A, { seq: ++seq, kind: 'files', target: { change: X }, edits }, ['x']);
  expect(result.paths).toHaveLength(1_001);
  expect((await events.next())?.data['paths']).toEqual([{ path: '', recursive: true }]);
});

test('so does one of paths that are too long together, to the rooms of descendants too', async () => {
  await backend.ops(A, [{ seq: ++seq, kind: 'change.create', id: Y, parents: [X], message: '' }]);
  const rooms = [await listen(`room=app/${X}`), await listen(`room=app/${Y}`)];
  for (const events of rooms) await events.next();
  const edits = Array.from({ length: 150 }, (_, count) => backend.write(`${'d'.repeat(250)}/${count}${'f'.repeat(200)}`, 'x'));
  await backend.op(A, { seq: ++seq, kind: 'files', target: { change: X }, edits }, ['x']);
  for (const events of rooms) expect((await events.next())?.data['paths']).toEqual([{ path: '', recursive: true }]);
});
