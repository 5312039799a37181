import { expect, test } from 'vitest';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { Credential } from '../../rpc/types.ts';
import { ManualClock } from '../../server/test-support.ts';
import { Http } from './http.ts';

interface Bench {
  http: Http;
  clock: ManualClock;
  requests: Request[];
  asked: string[];
}

function bench(answer: (request: Request, count: number) => Response | Promise<Response>, credential?: (count: number) => Credential): Bench {
  const clock = new ManualClock();
  const requests: Request[] = [];
  const asked: string[] = [];
  const http = new Http({
    env: {
      clock,
      random: () => undefined,
      fetch: async (request) => {
        requests.push(request);
        return answer(request, requests.length);
      },
    },
    apiUrl: 'http://test/v1',
    credential: (reason) => {
      asked.push(reason);
      return credential?.(asked.length) ?? { token: `token ${asked.length}` };
    },
    userAgent: { header: 'X-Mesa-User-Agent', value: 'test/1' },
  });
  return { http, clock, requests, asked };
}

const ok = (): Response => Response.json({ fine: true });
const refused = (code = 'TOKEN_EXPIRED'): Response => Response.json({ error: { code, message: 'no' } }, { status: 401 });

test('asks for a token once and sends it with every request', async () => {
  const { http, requests, asked } = bench(ok);
  await Promise.all([http.json('/a'), http.json('/b')]);
  expect(asked).toEqual(['first']);
  expect(requests.map((request) => [request.url, request.headers.get('authorization'), request.headers.get('x-mesa-user-agent')])).toEqual([
    ['http://test/v1/a', 'Bearer token 1', 'test/1'],
    ['http://test/v1/b', 'Bearer token 1', 'test/1'],
  ]);
});

test('renews a token that is refused and sends the request again, once for all who find out together', async () => {
  const { http, requests, asked } = bench((request) => (request.headers.get('authorization') === 'Bearer token 1' ? refused() : ok()));
  await Promise.all([http.post('/a', { x: 1 }), http.post('/b', { x: 2 })]);
  expect(asked).toEqual(['first', 'refresh']);
  expect(requests).toHaveLength(4);
  expect(await requests[2]?.json()).toEqual({ x: 1 });
});

test('gives up when the other token is the same, or refused too', async () => {
  const same = bench(
    () => refused(),
    () => ({ token: 'one' }),
  );
  await expect(same.http.json('/a')).rejects.toMatchObject({ status: 401, code: 'TOKEN_EXPIRED' });
  expect(same.requests).toHaveLength(1);
  const other = bench(() => refused('UNAUTHORIZED'));
  await expect(other.http.json('/a')).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(other.requests).toHaveLength(2);
});

test('renews a token that is about to end', async () => {
  const { http, clock, asked } = bench(ok, (count) => ({ token: `token ${count}`, expiresAt: Date.UTC(2026, 0, 2, 3, 4, 5) + count * 600_000 }));
  await http.json('/a');
  clock.advance(530_000);
  await http.json('/a');
  expect(asked).toEqual(['first']);
  clock.advance(20_000);
  await http.json('/a');
  expect(asked).toEqual(['first', 'refresh']);
});

test('asks again after the page failed to give a token', async () => {
  const { http, asked } = bench(ok, (count) => {
    if (count === 1) throw new Error('not logged in');
    return { token: 'late' };
  });
  await expect(http.json('/a')).rejects.toThrow('not logged in');
  await http.json('/a');
  expect(asked).toHaveLength(2);
});

test('says what the API refused', async () => {
  const { http } = bench(() => new Response('<html>Bad Gateway</html>', { status: 502 }));
  const error: unknown = await http.json('/a').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MesaApiError);
  expect(error).toMatchObject({ status: 502, body: '<html>Bad Gateway</html>' });
});

test('ends with its signal, whatever fetch makes of it', async () => {
  const { http } = bench(() => new Promise<Response>(() => undefined));
  const controller = new AbortController();
  const request = http.request('/a', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(request).rejects.toThrow('enough');
});

test('a page that gives no token holds up nobody for longer than they wait, and is asked again', async () => {
  const { http, clock, asked } = bench(ok, () => new Promise(() => undefined) as never);
  const patience = new AbortController();
  const first = http.request('/a', { signal: patience.signal });
  const second = http.request('/b');
  second.catch(() => undefined);
  patience.abort(new Error('closed'));
  await expect(first).rejects.toThrow('closed');
  clock.advance(120_000);
  await expect(second).rejects.toThrow('The page gave no token in 120 s');
  http.request('/c').catch(() => undefined);
  await Promise.resolve();
  expect(asked).toEqual(['first', 'first']);
});
