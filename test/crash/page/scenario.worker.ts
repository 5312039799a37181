/** Runs a part of a scenario, as the page's address says, and tells the one who serves the page what comes of it. */
import { runSuite } from '../../contract/run-suite.ts';
import { storageLimitSuite } from '../../contract/storage-limits.ts';
import type { Scenario } from './scenario.ts';
import type { MountAddress } from './scenarios/mount.ts';

const query = new URLSearchParams(self.name);
const run = query.get('run');

const scenarios: Record<string, () => Promise<Scenario>> = {
  opfs: async () => (await import('./scenarios/media.ts')).opfs(),
  idb: async () => (await import('./scenarios/media.ts')).idb(),
  early: async () => (await import('./scenarios/media.ts')).early(),
  mount: async () => new (await import('./scenarios/mount.ts')).MountScenario(Object.fromEntries(query) as unknown as MountAddress),
};

async function tell(report: Record<string, unknown>): Promise<void> {
  await fetch('/report', { method: 'POST', body: JSON.stringify({ run, ...report }) });
}

/** Tells what was acknowledged, in as few requests as keep up with it. */
function acknowledger(): (id: number) => void {
  let waiting: number[] = [];
  let telling = false;
  const drain = async (): Promise<void> => {
    telling = true;
    while (waiting.length > 0) await tell({ acknowledged: waiting.splice(0) });
    telling = false;
  };
  return (id) => {
    waiting.push(id);
    if (!telling) void drain();
  };
}

/** Asks what only the browser can do. */
async function ask(asked: Record<string, unknown>): Promise<void> {
  const { ok, status } = await fetch('/ask', { method: 'POST', body: JSON.stringify(asked) });
  if (!ok) throw new Error(`the browser answered ${status} to ${JSON.stringify(asked)}`);
}

try {
  const make = scenarios[query.get('scenario') ?? ''];
  if (make === undefined) throw new Error(`there is no scenario ${query.get('scenario')}; there are ${Object.keys(scenarios).join(', ')}`);
  const scenario = await make();
  if (query.get('do') === 'limits') {
    const abilities = { quota: (bytes: number | null) => ask({ quota: bytes }), clear: () => ask({ clear: true }) };
    await tell({ suite: await runSuite((test) => storageLimitSuite(test, (name) => scenario.medium(name), abilities)) });
  } else if (query.get('do') === 'write') await scenario.write(Number(query.get('next')), acknowledger());
  else await tell({ found: await scenario.found() });
} catch (error) {
  await tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
