import { loadNodeCore } from '../../../src/runtime/node-core.ts';
import type { Bench } from '../harness.ts';
import { factsOf, measured } from '../harness.ts';
import { serveApart } from '../served.ts';
import { measureLatency } from './latency.ts';
import { runSession } from './session.ts';
import { measureThroughput } from './throughput.ts';
import { serveInWorkerd } from './workerd.ts';

const QUIET = 'one write at a time, two mounts, over loopback';
const SQLITE = 'operations of 64 clients, one a request, on one change, SQLite';
const WORKERD = 'the same in workerd, in memory';
const EIGHT = 'eight writers for 60 s on the same files';
const SECONDS = 60;

interface Server {
  apiUrl: string;
  key: string;
  close(): Promise<void>;
}

export const bench: Bench = {
  about:
    'Mounts in Node write to one change; the backend is a process of its own, over HTTP. Eight writers insert, append, make files and settle what they find in conflict; one has 200 to 500 ms on its line, one is cut off every few seconds. At the end all mounts show the same bytes and conflicts, and what each write left is found once: in the text, or, where there is a conflict, in its sides and in none of them twice.',
  runtimes: ['node'],
  async *cases({ tell }) {
    const core = await loadNodeCore();
    const served = async <T>(measure: (server: Server) => Promise<T>, start: () => Promise<Server> = serveApart): Promise<T> => {
      const server = await start();
      try {
        return await measure(server);
      } finally {
        await server.close();
      }
    };

    const { event, visible, acknowledged, requests } = await served(measureLatency);
    yield measured(QUIET, {
      'event, p50 ms': event.p50,
      'event, p99 ms': event.p99,
      'new bytes read, p50 ms': visible.p50,
      'new bytes read, p99 ms': visible.p99,
      'acknowledged, p50 ms': acknowledged.p50,
      'requests of the reader, a write': requests,
    });

    const sqlite = await served((server) => measureThroughput({ core, ...server, seconds: 10 }));
    yield measured(SQLITE, { 'a second': sqlite.perSecond, 'answered, p50 ms': sqlite.p50, 'answered, p99 ms': sqlite.p99 });

    const workerd = await served((server) => measureThroughput({ core, ...server, seconds: 10 }), serveInWorkerd);
    yield measured(WORKERD, { 'a second': workerd.perSecond, 'answered, p50 ms': workerd.p50, 'answered, p99 ms': workerd.p99 });

    const session = await served((server) => runSession({ ...server, seconds: SECONDS, seed: 1, tell: tell }));
    for (const problem of session.problems) tell(problem);
    yield measured(EIGHT, {
      writes: session.writes,
      'acknowledged a second': session.perSecond,
      'fast writers, visible to each other, p50 ms': session.visible.p50,
      'fast writers, visible to each other, p99 ms': session.visible.p99,
      'requests, a write': session.requests / session.writes,
      'lines cut': session.cuts,
      'paths in conflict at the end': session.conflicts,
      'ms until all were the same': session.settled,
      problems: session.problems.length,
    });
  },
  targets(results) {
    const quiet = factsOf(results, QUIET);
    const eight = factsOf(results, EIGHT);
    const [p50, p99] = [Number(quiet['new bytes read, p50 ms']), Number(quiet['new bytes read, p99 ms'])];
    const [sqlite, workerd] = [SQLITE, WORKERD].map((name) => Number(factsOf(results, name)['a second']));
    const found = Number(eight['problems']);
    return [
      {
        target: 'a write in one mount until another has read it: p50 ≤ 6 ms, p99 ≤ 30 ms',
        measured: `${p50.toFixed(1)} ms, ${p99.toFixed(1)} ms`,
        met: p50 <= 6 && p99 <= 30,
      },
      { target: 'operations on one change, SQLite: ≥ 2,000 a second', measured: perSecond(sqlite), met: Number(sqlite) >= 2_000 },
      { target: 'operations on one change, workerd: ≥ 500 a second', measured: perSecond(workerd), met: Number(workerd) >= 500 },
      {
        target: 'eight writers: all mounts the same, each write found once',
        measured: found === 0 ? `${Number(eight['writes']).toLocaleString('en')} writes, all found once` : `${found} problems`,
        met: found === 0,
      },
    ];
  },
};

function perSecond(value: number | undefined): string {
  return `${Math.round(value ?? Number.NaN).toLocaleString('en')} a second`;
}
