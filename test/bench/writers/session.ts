import { percentile } from '../../e2e/percentile.ts';
import { Mesa } from '../../../src/runtime/node.ts';
import { randomFrom } from '../harness.ts';
import { contentOf, difference, problemsOf } from './check.ts';
import { FlappingLine, slowLine } from './lines.ts';
import { makePages, ROOT } from './pages.ts';
import { Writer } from './writer.ts';

/** Eight writers: the last but one has a slow line, the last one that flaps. */
const WRITERS = 8;
const SLOW = 6;
const FLAPPING = 7;
/** Whoever has a fast line waits for each write; the others go on while theirs are under way. */
const FAST = { atOnce: 1, every: 0 };
const WITH_A_QUEUE = { atOnce: 20, every: 40 };
/** Milliseconds in which everything has to have come to rest after the last write. */
const PATIENCE = 60_000;

/** What a session is made of. */
export interface SessionOptions {
  apiUrl: string;
  key: string;
  seconds: number;
  seed: number;
  tell: (line: string) => void;
}

/** What came of a session. */
export interface Session {
  /** Writes, of all and of the fast writers. */
  writes: number;
  fastWrites: number;
  /** Writes that were acknowledged while the session lasted, in a second. */
  perSecond: number;
  /** Milliseconds from a fast writer's write until another fast one's mount read it. */
  visible: { p50: number; p99: number };
  /** Paths in conflict at the end. */
  conflicts: number;
  /** Times the flapping line was cut. */
  cuts: number;
  requests: number;
  /** Milliseconds from the last write until all mounts showed the same. */
  settled: number;
  /** What went wrong; empty in a good session. */
  problems: string[];
}

/** Has eight writers edit the same few files at once, and looks at what came of it. The backend has to be empty. */
export async function runSession({ apiUrl, key, seconds, seed, tell }: SessionOptions): Promise<Session> {
  const random = randomFrom(seed);
  const mesa = new Mesa({ apiUrl, apiKey: key, org: 'acme' });
  await mesa.repos.create({ name: 'app' });
  const first = await mesa.fs.mount({ repos: ['app'] });
  await makePages(first, WRITERS);
  const slow = slowLine(() => 200 + random() * 300);
  const flapping = await FlappingLine.to(apiUrl, { up: () => 500 + random() * 2_000, down: () => 500 + random() * 2_500 });
  const made = new Map<string, { at: number; by: number; what: string }>();
  const latencies: number[] = [];
  let acknowledged = 0;
  const writers = await Promise.all(
    Array.from({ length: WRITERS }, (_, index) =>
      retried(() =>
        Writer.open({
          apiUrl: index === FLAPPING ? flapping.apiUrl : apiUrl,
          send: index === SLOW ? slow.send : (request) => fetch(request),
          key,
          index,
          random,
          ...(index < SLOW ? FAST : WITH_A_QUEUE),
          wrote: (token, what) => void made.set(token, { at: performance.now(), by: index, what }),
          acknowledged: () => void (acknowledged += 1),
          saw: (token) => {
            const write = made.get(token);
            if (write !== undefined && index < SLOW && write.by < SLOW && write.by !== index) latencies.push(performance.now() - write.at);
          },
        }),
      ),
    ),
  );
  const end = performance.now() + seconds * 1_000;
  const ticking = setInterval(() => tell(`${Math.ceil((end - performance.now()) / 1_000)} s left, ${made.size} writes`), 5_000);
  let inTime = 0;
  try {
    const ended = Promise.all(writers.map((writer) => writer.run(() => performance.now() >= end)));
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, seconds * 1_000))]);
    inTime = acknowledged;
    slow.mend();
    await flapping.mend();
    tell(`${made.size} writes; the slow and the flapping line are like the others now`);
    const last = performance.now();
    await ended;
    await Promise.all(writers.map((writer) => writer.fs.sync.flush()));
    const problems = await compare([...writers.map(({ fs }) => fs)], await mesa.fs.mount({ repos: ['app'] }), made);
    const requests = writers.reduce((sum, writer) => sum + writer.requests, 0);
    const fast = [...made.values()].filter(({ by }) => by < SLOW).length;
    return {
      writes: made.size,
      fastWrites: fast,
      perSecond: inTime / seconds,
      visible: { p50: percentile(latencies, 50), p99: percentile(latencies, 99) },
      conflicts: (await first.conflicts({ repo: 'app' })).length,
      cuts: flapping.cuts,
      requests,
      settled: performance.now() - last,
      problems,
    };
  } finally {
    clearInterval(ticking);
    await Promise.all([first, ...writers.map(({ fs }) => fs)].map((fs) => fs.close()));
    await flapping.close();
  }
}

/** Waits until all mounts show what one shows that has just been opened, and looks for every token in it. */
async function compare(mounts: Writer['fs'][], fresh: Writer['fs'], written: Parameters<typeof problemsOf>[1]): Promise<string[]> {
  try {
    const expected = await contentOf(fresh, ROOT);
    const problems: string[] = [];
    for (const [index, fs] of mounts.entries()) {
      const until = performance.now() + PATIENCE;
      let path = difference(await contentOf(fs, ROOT), expected);
      while (path !== null && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        path = difference(await contentOf(fs, ROOT), expected);
      }
      if (path !== null) problems.push(`mount ${index} shows something else at ${path} than the backend has`);
    }
    return [...problems, ...problemsOf(expected, written)];
  } finally {
    await fresh.close();
  }
}

/** A line that flaps may be down when its writer comes. */
async function retried<T>(open: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await open();
    } catch (error) {
      if (tries > 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
