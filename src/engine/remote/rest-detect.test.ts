import { expect, test } from 'vitest';
import { ManualClock } from '../../server/test-support.ts';
import { isTransient } from '../sync/backoff.ts';
import { Http } from './http.ts';
import type { Remote } from './interface.ts';
import { DetectingRemote } from './rest-detect.ts';

const page = (status: number): Response => new Response('<html>Sign in to the network</html>', { status, headers: { 'Content-Type': 'text/html' } });
const absent = (): Response => Response.json({ error: { code: 'NOT_FOUND', message: 'no such endpoint' } }, { status: 404 });

/** A remote that finds out by what `answer` says to a path; what it sends is named in `sent`. */
function bench(answer: (path: string) => Response): { remote: DetectingRemote; sent: string[]; asked: string[] } {
  const sent: string[] = [];
  const asked: string[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    return answer(pathname);
  };
  const http = new Http({
    env: { clock: new ManualClock(0), random: () => undefined, fetch },
    apiUrl: 'http://test',
    credential: () => ({ token: 't' }),
    userAgent: { header: 'X-Mesa-User-Agent', value: 'test/1' },
  });
  const one = (kind: 'live' | 'rest'): Remote =>
    ({
      kind,
      send: async () => {
        sent.push(kind);
        return { results: [], cursor: '' };
      },
    }) as unknown as Remote;
  const remote = new DetectingRemote({ http, org: 'acme', live: one('live'), rest: async () => one('rest'), plain: new Set(), apiUrl: 'http://test' });
  return { remote, sent, asked };
}

const send = (remote: DetectingRemote): Promise<unknown> => remote.send('app', 'client', [], new AbortController().signal, []);

test('a mount that began offline writes to the live endpoints where there are any', async () => {
  const { remote, sent, asked } = bench(() => Response.json({ live: true }));
  await send(remote);
  await send(remote);
  expect([sent, asked]).toEqual([['live', 'live'], ['/acme/app/-/capabilities']]);
});

test('it writes to the plain API where there are none and the repo is there', async () => {
  const { remote, sent, asked } = bench((path) => (path.endsWith('capabilities') ? absent() : Response.json({ name: 'app' })));
  await send(remote);
  expect([sent, asked]).toEqual([['rest'], ['/acme/app/-/capabilities', '/acme/app', '/acme/app/-/capabilities']]);
});

test('that somebody on the way once says there are none decides nothing where the API itself says otherwise', async () => {
  let answers = 0;
  const { remote, sent } = bench((path) => {
    answers += 1;
    if (path.endsWith('capabilities')) return answers === 1 ? absent() : Response.json({ live: true });
    return Response.json({ name: 'app' });
  });
  await send(remote);
  expect(sent).toEqual(['live']);
});

test.each([404, 403, 405, 200])('a page with status %d that somebody on the way answers decides nothing, and refuses nothing', async (status) => {
  let isAway = true;
  const { remote, sent } = bench(() => (isAway ? page(status) : Response.json({ live: true })));
  const error = await send(remote).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(isTransient(error)).toBe(true);
  isAway = false;
  await send(remote);
  expect(sent).toEqual(['live']);
});
