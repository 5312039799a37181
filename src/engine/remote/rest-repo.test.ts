import { expect, test } from 'vitest';
import { loadNodeCore } from '../../runtime/node-core.ts';
import { ManualClock, seededRandom } from '../../server/test-support.ts';
import { Http } from './http.ts';
import { RestApi } from './rest-api.ts';
import { RestRepo } from './rest-repo.ts';

const [CHANGE, OTHER] = ['k'.repeat(32), 'l'.repeat(32)];
const EMPTY = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const BEGIN = 1_000_000;

/** What is known of a repo, of an API that answers when it is let. */
async function bench(): Promise<{
  repo: RestRepo;
  clock: ManualClock;
  api: { commit: string; bookmark: string; asked: number[] };
  hold: () => () => Promise<void>;
}> {
  const clock = new ManualClock();
  clock.advance(BEGIN - clock.now());
  const api = { commit: 'a'.repeat(40), bookmark: CHANGE, asked: [] as number[] };
  let gate: Promise<void> | null = null;
  const fetch = async (request: Request): Promise<Response> => {
    if (request.url.includes('/content')) return Response.json({ type: 'dir', name: '', path: '', sha: EMPTY, child_count: 0, entries: [] });
    api.asked.push(clock.now());
    const body = request.url.includes('/bookmarks/')
      ? { name: 'main', change_id: api.bookmark }
      : { id: CHANGE, current_commit_oid: api.commit, parents: [], conflicts: [] };
    const held = gate;
    gate = null;
    await held;
    return Response.json(body);
  };
  const env = { clock, random: seededRandom(), fetch };
  const http = new Http({ env, apiUrl: 'http://test/v1', credential: () => ({ token: 'token' }), userAgent: { header: 'X-Mesa-User-Agent', value: 'test/1' } });
  const repo = new RestRepo({ env, core: await loadNodeCore(), api: new RestApi(clock, http, 'acme', 'app'), tell: () => undefined, look: () => undefined });
  /** The next answer waits until the answer of what this answers is called. */
  const hold = (): (() => Promise<void>) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return async () => {
      resolve();
      for (let round = 0; round < 5; round += 1) await new Promise((done) => setImmediate(done));
    };
  };
  return { repo, clock, api, hold };
}

test('no number is of a later time than the question: what is counted while it is asked has it asked again', async () => {
  const { repo, clock, api, hold } = await bench();
  const release = hold();
  const looking = repo.look(CHANGE);
  await new Promise((done) => setImmediate(done));
  clock.advance(100);
  repo.setBookmark('made', OTHER);
  clock.advance(100);
  api.commit = 'b'.repeat(40);
  await release();
  const known = await looking;
  expect(api.asked).toEqual([BEGIN, BEGIN + 200]);
  expect([known.commit, known.seq]).toEqual([api.commit, BEGIN + 200]);
});

test('what is counted in one moment is told apart, and nothing is asked again for that', async () => {
  const { repo, api } = await bench();
  const [known] = await Promise.all([repo.look(CHANGE), repo.lookBookmark('main')]);
  expect(api.asked).toHaveLength(2);
  const bookmark = repo.bookmarks.get('main');
  expect(new Set([known.seq, bookmark?.seq]).size).toBe(2);
  expect(Math.max(known.seq, bookmark?.seq ?? 0)).toBeLessThanOrEqual(BEGIN + 2);
});

test('where a bookmark stands is known as of when it was asked', async () => {
  const { repo, clock, hold } = await bench();
  const release = hold();
  const looking = repo.lookBookmark('main');
  await new Promise((done) => setImmediate(done));
  clock.advance(500);
  await release();
  await looking;
  expect(repo.bookmarks.get('main')?.seq).toBe(BEGIN);
});

test('that a change stands where it stood is counted once, after a while', async () => {
  const { repo, clock } = await bench();
  const numbers: number[] = [];
  for (const ms of [0, 1_000, 2_500, 1_000, 60_000]) {
    clock.advance(ms);
    numbers.push((await repo.look(CHANGE)).seq - BEGIN);
  }
  expect(numbers).toEqual([0, 0, 3_500, 3_500, 3_500]);
});
