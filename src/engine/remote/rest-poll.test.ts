import { expect, test, vi } from 'vitest';
import { loadNodeCore } from '../../runtime/node-core.ts';
import { ManualClock, seededRandom } from '../../server/test-support.ts';
import type { LiveEvent } from '../../wire/events.ts';
import { Http } from './http.ts';
import { POLL_TIMES } from './rest-poll.ts';
import { RestRemote } from './rest.ts';

const CHANGE = 'k'.repeat(32);
const EMPTY = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A remote on an API with one change, whose commit the test sets. */
async function bench(): Promise<{
  remote: RestRemote;
  clock: ManualClock;
  api: { commit: string; asked: number; down: boolean; silent: boolean };
  alive: { signs: number };
  events: LiveEvent[];
  over: Promise<unknown>;
}> {
  const clock = new ManualClock();
  const api = { commit: 'a'.repeat(40), asked: 0, down: false, silent: false };
  const alive = { signs: 0 };
  const answer = (request: Request): Response | Promise<Response> => {
    if (api.silent) return new Promise(() => undefined);
    if (api.down) throw new TypeError('fetch failed');
    if (request.url.includes('/content')) return Response.json({ type: 'dir', name: '', path: '', sha: EMPTY, child_count: 0, entries: [] });
    api.asked += 1;
    return Response.json({ id: CHANGE, current_commit_oid: api.commit, parents: [], conflicts: [] });
  };
  const env = { clock, random: seededRandom(), fetch: async (request: Request) => answer(request) };
  const http = new Http({ env, apiUrl: 'http://test/v1', credential: () => ({ token: 'token' }), userAgent: { header: 'X-Mesa-User-Agent', value: 'test/1' } });
  const remote = new RestRemote({ env, core: await loadNodeCore(), http, org: 'acme', poll: POLL_TIMES });
  const { head } = await remote.open('app', { change: CHANGE, paths: [], known: [] });
  api.asked = 0;
  const events: LiveEvent[] = [];
  const listen = async (): Promise<void> => {
    const sign = (): void => void (alive.signs += 1);
    for await (const event of remote.events([{ repo: 'app', change: CHANGE }], [head.cursor], new AbortController().signal, sign)) events.push(event);
  };
  const over = listen().catch((error: unknown) => error);
  await vi.waitFor(() => expect(events.map(({ event }) => event)).toEqual(['ready']));
  return { remote, clock, api, alive, events, over };
}

/** Lets time pass in steps, and everything that it sets off happen. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    clock.advance(Math.min(250, left));
    for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

test('looks every second after something happened, and ever more seldom when nothing does', async () => {
  const { clock, api, events } = await bench();
  await pass(clock, 1_000);
  expect(api.asked).toBe(1);
  await pass(clock, 60_000);
  const first = api.asked;
  expect(first).toBeGreaterThanOrEqual(7);
  expect(first).toBeLessThanOrEqual(10);
  await pass(clock, 600_000);
  expect(api.asked - first).toBeLessThanOrEqual(21);
  api.commit = 'b'.repeat(40);
  await pass(clock, 31_000);
  expect(events.at(-1)).toMatchObject({ event: 'change', data: { change: CHANGE, commit: api.commit } });
  const before = api.asked;
  await pass(clock, 5_000);
  expect(api.asked).toBeGreaterThan(before);
});

test('gives no sign of life while what it asked has no answer for long', async () => {
  const { clock, api, alive } = await bench();
  await pass(clock, 60_000);
  expect(alive.signs).toBeGreaterThanOrEqual(6);
  api.silent = true;
  await pass(clock, 70_000);
  const before = alive.signs;
  await pass(clock, 60_000);
  expect(alive.signs).toBe(before);
});

test('looks at nothing while paused, and at once when it goes on', async () => {
  const { remote, clock, api, events } = await bench();
  remote.pause(true);
  await pass(clock, 120_000);
  expect(api.asked).toBeLessThanOrEqual(1);
  api.commit = 'b'.repeat(40);
  remote.pause(false);
  await pass(clock, 10);
  expect(events.at(-1)).toMatchObject({ event: 'change', data: { commit: api.commit } });
});

test('tells once more where a change stands, and does not look more often for that', async () => {
  const { clock, api, events } = await bench();
  api.commit = 'b'.repeat(40);
  await pass(clock, 1_000);
  const heard = (): number[] => events.flatMap((event) => (event.event === 'change' && event.data.commit === api.commit ? event.data.repoSeq : []));
  const [first = 0] = heard();
  expect(heard()).toEqual([first]);
  api.asked = 0;
  await pass(clock, 60_000);
  expect(api.asked).toBeLessThanOrEqual(9);
  expect(heard()).toHaveLength(2);
  expect(heard()[1]).toBeGreaterThanOrEqual(first + 3_000);
});

test('counts what it learns: later news has a higher number, and its cursor goes on after it', async () => {
  const { remote, clock, api, events } = await bench();
  for (const digit of ['b', 'c']) {
    api.commit = digit.repeat(40);
    await pass(clock, 5_000);
  }
  const told = events.flatMap((event) => (event.event === 'change' ? event.data : []));
  expect([...new Set(told.map(({ commit }) => commit[0]))]).toEqual(['b', 'c']);
  const numbers = told.map(({ repoSeq }) => repoSeq);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
  await pass(clock, 10_000);
  const again = remote.events([{ repo: 'app', change: CHANGE }], [events.at(-1)?.id ?? ''], AbortSignal.timeout(50), () => undefined);
  const heard: string[] = [];
  for await (const event of again) heard.push(event.event);
  expect(heard).toEqual(['ready']);
});

test('begins anew for a cursor of another remote, and fails when the API is gone', async () => {
  const { remote, clock, api, over } = await bench();
  const foreign = remote.events([{ repo: 'app', change: CHANGE }], ['{"epoch":"other","seqs":{"app":9}}'], new AbortController().signal, () => undefined);
  const heard: string[] = [];
  for await (const event of foreign) heard.push(event.event);
  expect(heard).toEqual(['reset']);
  api.down = true;
  await pass(clock, 31_000);
  expect(await over).toBeInstanceOf(TypeError);
});
