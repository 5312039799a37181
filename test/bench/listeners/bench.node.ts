import { execFileSync } from 'node:child_process';
import { Mesa } from '../../../src/runtime/node.ts';
import { percentile } from '../../e2e/percentile.ts';
import type { Bench } from '../harness.ts';
import { factsOf, measured } from '../harness.ts';
import { serveApart } from '../served.ts';
import { Listeners } from './listeners.ts';

const COUNT = 10_000;
const PROCESSES = 2;
/** Edits, and milliseconds between two. */
const EDITS = 30;
const PACE = 1_000;
/** Files that a process has open beside its streams. */
const OTHER_FILES = 200;
/** Milliseconds in which everybody has to have heard of the last edit. */
const PATIENCE = 20_000;
const CASE = '10,000 event streams on one change, one Node process';

export const bench: Bench = {
  about: `One Node process serves the change to ${COUNT.toLocaleString('en')} streams of server-sent events, held by ${PROCESSES} other processes. A mount edits a file every second; a delivery is the time from its call of \`writeFile\` until a listener has the event. Memory is what the server’s process has more once all listen, garbage collected, without what the system’s own buffers take.`,
  runtimes: ['node'],
  async *cases({ tell }) {
    requireFiles();
    const server = await serveApart();
    try {
      yield measured(CASE, await listenAll(server, tell));
    } finally {
      await server.close();
    }
  },
  targets(results) {
    const facts = factsOf(results, CASE);
    const [p99, lost] = [Number(facts['delivery, p99 ms']), Number(facts['not delivered'])];
    return [
      {
        target: '10,000 listeners on one change: delivery, p99 ≤ 250 ms',
        measured: `${p99.toFixed(0)} ms, ${Number(facts['memory of a listener, KiB']).toFixed(1)} KiB a listener${lost === 0 ? '' : `, ${lost} not delivered`}`,
        met: p99 <= 250 && lost === 0,
      },
    ];
  },
};

async function listenAll(server: Awaited<ReturnType<typeof serveApart>>, tell: (line: string) => void): Promise<Record<string, number>> {
  const { apiUrl, key } = server;
  const mesa = new Mesa({ apiUrl, apiKey: key, org: 'acme' });
  await mesa.repos.create({ name: 'app' });
  const fs = await mesa.fs.mount({ repos: ['app'] });
  const path = '/acme/app/notes.txt';
  await fs.writeFile(path, 'nobody listens\n');
  const { changeId } = await fs.change.current({ repo: 'app' });
  const before = await server.memory();
  const url = `${apiUrl}/acme/-/events?room=app/${changeId}`;
  const listeners = await Listeners.open(url, key, COUNT, PROCESSES, (count) => tell(`${count.toLocaleString('en')} of ${COUNT.toLocaleString('en')} listen`));
  try {
    const after = await server.memory();
    const made = new Map<number, number>();
    for (let edit = 0; edit < EDITS; edit += 1) {
      const at = performance.timeOrigin + performance.now();
      await fs.writeFile(path, `edit ${edit}\n`);
      made.set(edit, at);
      await new Promise((resolve) => setTimeout(resolve, PACE));
      if (edit % 10 === 9) tell(`${edit + 1} of ${EDITS} edits`);
    }
    const { arrivals, broken } = await everything(listeners);
    // One mount edits, one edit at a time: the events are in the order of the edits.
    const times = [...arrivals].toSorted(([a], [b]) => a - b).flatMap(([, came], edit) => came.map((at) => at - (made.get(edit) ?? Number.NaN)));
    return {
      'delivery, p50 ms': percentile(times, 50),
      'delivery, p99 ms': percentile(times, 99),
      'delivery, last ms': percentile(times, 100),
      delivered: times.length,
      'not delivered': EDITS * COUNT - times.length,
      'streams that broke': broken,
      'memory of a listener, KiB': (after - before) / COUNT / 1_024,
      'memory of the server, MiB': after / 1_024 / 1_024,
    };
  } finally {
    listeners.close();
    await fs.close();
  }
}

/** What arrived, once all has or patience is at its end. */
async function everything(listeners: Listeners): Promise<Awaited<ReturnType<Listeners['report']>>> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const report = await listeners.report();
    const count = [...report.arrivals.values()].reduce((sum, times) => sum + times.length, 0);
    if (count >= EDITS * COUNT || performance.now() > end) return report;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** @throws Error where a process may not have as many files open as there are streams */
function requireFiles(): void {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  const needed = COUNT + OTHER_FILES;
  if (limit === 'unlimited' || Number(limit) >= needed) return;
  throw new Error(`${COUNT} streams need ${needed} open files in one process, but no more than ${limit} are allowed: raise the hard limit (ulimit -Hn)`);
}
