import { loadNodeCore } from '../../runtime/node-core.ts';
import { ManualClock, seededRandom } from '../../server/test-support.ts';
import { Http } from './http.ts';
import { RestApi } from './rest-api.ts';
import { RestRepo } from './rest-repo.ts';

/** A change, and its content. */
export const CHANGE: string = 'k'.repeat(32);
const EMPTY = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
/** When it begins. */
export const BEGIN = 1_000_000;

/** One request: its path below the repo, what it carries, and when it was made, in milliseconds since {@link BEGIN}. */
export interface Asked {
  method: string;
  path: string;
  body: unknown;
  at: number;
}

/** A repo as a remote knows it, its time, and what was asked of the API so far. */
export interface RestBench {
  repo: RestRepo;
  clock: ManualClock;
  asked: Asked[];
}

/** What a plain API answers of a change. */
export function shownAt(commit: string, id: string = CHANGE): unknown {
  return { id, current_commit_oid: commit, parents: [], conflicts: [] };
}

/** What is known of one repo of a plain API that `answer` is; what it does not answer are empty directories. */
export async function restBench(answer: (asked: Asked) => unknown): Promise<RestBench> {
  const clock = new ManualClock();
  clock.advance(BEGIN - clock.now());
  const asked: Asked[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname.replace('/v1/acme/app', '');
    const body: unknown = request.method === 'GET' ? null : await request.json();
    const made = { method: request.method, path, body, at: clock.now() - BEGIN };
    asked.push(made);
    return Response.json((await answer(made)) ?? { type: 'dir', name: '', path: '', sha: EMPTY, child_count: 0, entries: [] });
  };
  const env = { clock, random: seededRandom(), fetch };
  const http = new Http({ env, apiUrl: 'http://test/v1', credential: () => ({ token: 'token' }), userAgent: { header: 'X-Mesa-User-Agent', value: 'test/1' } });
  const api = new RestApi(clock, http, 'acme', 'app');
  const repo = new RestRepo({ env, core: await loadNodeCore(), api, tell: () => undefined, look: () => undefined });
  return { repo, clock, asked };
}

/** Lets everything happen that needs no more time. */
export async function turns(): Promise<void> {
  for (let round = 0; round < 8; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
