import { expect, test } from 'vitest';
import type { Env } from '../../base/env.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import { OrgResolutionError } from '../../rpc/mesa-error.ts';
import { ManualClock } from '../../server/test-support.ts';
import { isTransient, isUnauthorized, retryAfterOf, retryDelay, withRetries } from './backoff.ts';

function env(random: number): Env & { clock: ManualClock } {
  const fetch = (): Promise<Response> => Promise.reject(new Error('no network here'));
  return { clock: new ManualClock(0), fetch, random: (bytes) => void bytes.fill(Math.round(random * 255)) };
}

test('waits grow, are jittered over their whole length, and end at half a minute', () => {
  expect([0, 1, 2, 3].map((attempt) => retryDelay(env(1), attempt))).toEqual([200, 400, 800, 1600]);
  expect(retryDelay(env(1), 50)).toBe(30_000);
  expect(retryDelay(env(0), 5)).toBe(0);
  expect(retryDelay(env(0), 0, 7_000)).toBe(7_000);
});

test('what the server asks for is read in seconds and as a date', () => {
  const refused = (value: string): MesaApiError => MesaApiError.from(503, null, new Headers({ 'Retry-After': value }));
  expect(retryAfterOf(env(0), refused('2'))).toBe(2_000);
  expect(retryAfterOf(env(0), refused(new Date(5_000).toUTCString()))).toBe(5_000);
  expect(retryAfterOf(env(0), refused('soon'))).toBe(0);
  expect(retryAfterOf(env(0), refused('-1'))).toBe(0);
  expect(retryAfterOf(env(0), refused('86400')), 'no device waits for a day').toBe(300_000);
  expect(retryAfterOf(env(0), refused(new Date(30 * 86_400_000).toUTCString())), 'nor by a clock that is another').toBe(300_000);
  expect(retryAfterOf(env(0), new OrgResolutionError('who is it?', { cause: refused('2') }))).toBe(2_000);
  expect(retryAfterOf(env(0), new TypeError('fetch failed'))).toBe(0);
});

test.each([
  [new TypeError('fetch failed'), true],
  [MesaApiError.from(500, null), true],
  [MesaApiError.from(503, null), true],
  [MesaApiError.from(429, null), true],
  [MesaApiError.from(501, null), false],
  [MesaApiError.from(404, { error: { code: 'REPO_NOT_FOUND' } }), false],
  [MesaApiError.from(404, '<html>No such service</html>'), true],
  [MesaApiError.from(403, '<html>Sign in to the network</html>'), true],
  [MesaApiError.from(413, '<html>Request Entity Too Large</html>'), false],
  [new MesaApiError('refused', { status: 0, code: 'UNAVAILABLE' }), false],
  [MesaApiError.from(401, null), false],
  [new DOMException('stop', 'AbortError'), false],
  [new OrgResolutionError('who is it?', { cause: new TypeError('fetch failed') }), true],
  [new OrgResolutionError('who is it?', { cause: MesaApiError.from(503, null) }), true],
  [new OrgResolutionError('who is it?', { cause: MesaApiError.from(403, { error: { code: 'FORBIDDEN' } }) }), true],
  [new OrgResolutionError('who is it?', { cause: MesaApiError.from(401, { error: { code: 'UNAUTHORIZED' } }) }), false],
])('%s may pass: %s', (error, passes) => expect(isTransient(error)).toBe(passes));

test('a key that was refused is no network that failed, however deep that is wrapped', () => {
  const refused = MesaApiError.from(401, { error: { code: 'UNAUTHORIZED' } });
  const wrapped = new OrgResolutionError('who is it?', { cause: new Error('no token', { cause: refused }) });
  expect([refused, wrapped, new TypeError('fetch failed'), new Error('no', { cause: MesaApiError.from(403, null) })].map(isUnauthorized)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('a read is tried again while that may help, and no longer', async () => {
  const { clock, ...rest } = env(0);
  const failing = async (error: Error): Promise<number> => {
    let tries = 0;
    const done = withRetries({ clock, ...rest }, () => Promise.reject(((tries += 1), error))).catch(() => tries);
    for (let turn = 0; turn < 50; turn += 1) {
      await Promise.resolve();
      clock.advance(0);
    }
    return done as Promise<number>;
  };
  expect(await failing(new TypeError('fetch failed'))).toBe(4);
  expect(await failing(MesaApiError.from(404, { error: { code: 'REPO_NOT_FOUND' } }))).toBe(1);
});
