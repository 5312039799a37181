import { randomUUID } from 'node:crypto';
import type { SuiteResult } from '../contract/run-suite.ts';
import type { Found } from './page/scenario.ts';
import type { Report, Site } from './site.ts';

/** A browser that opens pages one after another, and whose page can be killed. */
export interface Killable {
  /** Opens a page in place of the one before. */
  open(url: string): Promise<void>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** What rounds of writing and killing came to. */
export interface Outcome {
  rounds: number;
  acknowledged: number;
  /** Writes that were there although nobody had been told: the kill came in between. */
  unacknowledged: number;
}

/** How rounds are done. */
export interface RoundOptions {
  scenario: string;
  rounds: number;
  /** A number in [0, 1). */
  random: () => number;
  /** Milliseconds after the first acknowledgement up to which the kill may come. */
  longest?: number;
  progress?: (round: number, outcome: Outcome) => void;
  /** What the pages are told besides. */
  query?: Record<string, string>;
  /** Is waited for before a page is opened. */
  before?: (round: number, phase: 'write' | 'find') => Promise<void>;
  /** Is given what was acknowledged. */
  acknowledged?: Set<number>;
}

/** Milliseconds in which a page has to say something. */
const PATIENCE = 90_000;

/**
 * Lets a page write, kills it at a random moment, and looks in a new page for everything that was acknowledged; again and again on the same storage.
 *
 * @throws Error when something acknowledged is gone, or something is there in part
 */
export async function killRounds(site: Site, browser: Killable, options: RoundOptions): Promise<Outcome> {
  const { scenario, rounds, random, longest = 150, progress, query = {}, before, acknowledged = new Set<number>() } = options;
  const outcome: Outcome = { rounds: 0, acknowledged: 0, unacknowledged: 0 };
  let next = 0;
  for (let round = 1; round <= rounds; round += 1) {
    await before?.(round, 'write');
    const told = await writeAndKill(site, browser, { ...query, scenario, next: `${next}` }, random() * longest);
    for (const id of told) acknowledged.add(id);
    await before?.(round, 'find');
    const { through, ids } = await findOnce(site, browser, scenario, query);
    const there = new Set(ids);
    const gone = [...acknowledged].filter((id) => id > through && !there.has(id));
    if (gone.length > 0) {
      const later = new Set((await findOnce(site, browser, scenario, query)).ids);
      const left = gone.filter((id) => !later.has(id)).length;
      const again = `at a second look ${left === 0 ? 'all are there' : `${left} are still gone`}`;
      throw new Error(
        `round ${round}: ${gone.length} acknowledged writes are gone, ${gone[0]} first; found up to ${through}, and ${ids.length} more; ${again}`,
      );
    }
    outcome.rounds = round;
    outcome.acknowledged = acknowledged.size;
    outcome.unacknowledged += ids.filter((id) => id >= next && !acknowledged.has(id)).length;
    next = Math.max(through, next - 1, ...ids, ...told) + 1;
    progress?.(round, outcome);
  }
  return outcome;
}

async function writeAndKill(site: Site, browser: Killable, query: Record<string, string>, delay: number): Promise<number[]> {
  const told: number[] = [];
  const run = await start(site, browser, { ...query, do: 'write' }, ({ acknowledged }) => {
    told.push(...(acknowledged ?? []));
    return told.length > 0;
  });
  await new Promise((resolve) => setTimeout(resolve, delay));
  run.check();
  await browser.kill();
  run.end();
  return told;
}

/** Lets a page look for what is there. */
export async function findOnce(site: Site, browser: Killable, scenario: string, query: Record<string, string> = {}): Promise<Found> {
  let answer: Found | undefined;
  const run = await start(site, browser, { ...query, scenario, do: 'find' }, ({ found }) => {
    answer = found;
    return found !== undefined;
  });
  run.end();
  if (answer === undefined) throw new Error('the page found nothing');
  return answer;
}

/** Lets a page run the suite of what happens when the browser has no room, or takes everything away. */
export async function runLimits(site: Site, browser: Killable, scenario: string): Promise<SuiteResult> {
  let answer: SuiteResult | undefined;
  const run = await start(site, browser, { scenario, do: 'limits' }, ({ suite }) => {
    answer = suite;
    return suite !== undefined;
  });
  run.end();
  if (answer === undefined) throw new Error('the page ran nothing');
  return answer;
}

/** Opens a page and waits until `heard` says that what was waited for has come. */
async function start(
  site: Site,
  browser: Killable,
  query: Record<string, string>,
  heard: (report: Report) => boolean,
): Promise<{ check: () => void; end: () => void }> {
  const run = randomUUID();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let failure: Error | null = null;
  const stop = site.listen(run, (report) => {
    if (report.error !== undefined) {
      failure = new Error(`the page failed: ${report.error}`);
      reject(failure);
    } else if (heard(report)) resolve();
  });
  const timer = setTimeout(() => reject(new Error(`the page said nothing in ${PATIENCE} ms (${JSON.stringify(query)})`)), PATIENCE);
  try {
    await browser.open(`${site.url}/?${new URLSearchParams({ ...query, run }).toString()}`);
    await promise;
  } catch (error) {
    stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  const check = (): void => {
    if (failure !== null) throw failure;
  };
  return { check, end: stop };
}
