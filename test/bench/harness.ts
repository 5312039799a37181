/** What a bench gets from where it runs. */
export interface Host {
  runtime: 'node' | 'chromium';
  /** A file of a pinned package, by its path in `node_modules`. */
  text(path: string): Promise<string>;
  /** Makes a native peer do one round. `null` where there is none. */
  native: ((question: NativeQuestion) => Promise<NativeAnswer>) | null;
  /** Starts a backend, new and empty, in a process of its own, until the bench is over; `apiUrl` with `/v1`. */
  serve(): Promise<{ apiUrl: string; key: string }>;
  /** Says how far a long measurement is. */
  tell(line: string): void;
}

/** What the native peers are asked: `jj` merges three texts, kept under a name from the first question on. */
export interface NativeQuestion {
  peer: 'jj';
  name: string;
  texts?: readonly [string, string, string];
}

/** What a native peer says of a round. */
export interface NativeAnswer {
  /** By its own clock. */
  ms: number;
  /** The most memory its process had in the round, with the texts; 0 where the system does not tell. */
  peakBytes: number;
}

/** One way to do the work. */
export interface Contender {
  name: string;
  /** Does the work once. A number it answers is the milliseconds it took by a clock of its own. */
  run(): unknown;
  /** Rounds for a peer too slow for all of them. */
  rounds?: number;
}

/**
 * Work that several do side by side; the first contender is ours, the others are held against it. What nobody else does has no contenders: then the facts
 * are what was measured.
 */
export interface Case {
  name: string;
  rounds: number;
  contenders: readonly Contender[];
  /** What is said beside the times: counts, bytes. Asked for after the rounds. */
  facts?(): Record<string, number | string>;
}

/** A bench: a folder of `test/bench` with a file `bench.ts`, or `bench.node.ts` where no browser can run it, that exports one as `bench`. */
export interface Bench {
  /** What is measured, in one sentence. */
  about: string;
  /** Where it can run. */
  runtimes: readonly Host['runtime'][];
  cases(host: Host): AsyncIterable<Case>;
  /** What of the results is held against a target, one sentence each with whether it is met. */
  targets?(results: readonly CaseResult[], runtime: Host['runtime']): { target: string; measured: string; met: boolean }[];
}

/** A contender's rounds: medians, and the median of its time in a round over ours in the same round. */
export interface Timing {
  name: string;
  rounds: number;
  medianMs: number;
  minMs: number;
  ratio: number;
}

/** A case's rounds. */
export interface CaseResult {
  name: string;
  timings: Timing[];
  facts: Record<string, number | string>;
}

/** Runs a case: all contenders in each round, each round beginning with another one, after two rounds to warm up. */
export async function runCase({ name, rounds, contenders, facts }: Case): Promise<CaseResult> {
  const times = contenders.map((): number[] => []);
  const [warm, all] = [2, rounds + 2];
  for (let round = 0; round < all; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const index = (round + turn) % contenders.length;
      const contender = contenders[index];
      if (contender === undefined || (contender.rounds !== undefined && round >= contender.rounds)) continue;
      const began = performance.now();
      const own = await contender.run();
      const took = typeof own === 'number' ? own : performance.now() - began;
      if (round >= warm || contender.rounds !== undefined) (times[index] ??= [])[round] = took;
    }
  }
  const ours = times[0] ?? [];
  const timings = contenders.map((contender, index): Timing => {
    const own = times[index] ?? [];
    const taken = Object.values(own);
    // A peer of few rounds is held against the median: its rounds were warming up for others.
    const ratios = Object.entries(own).map(
      ([round, took]) => took / (contender.rounds === undefined ? (ours[Number(round)] ?? took) : median(Object.values(ours))),
    );
    return { name: contender.name, rounds: taken.length, medianMs: median(taken), minMs: Math.min(...taken), ratio: index === 0 ? 1 : median(ratios) };
  });
  return { name, timings, facts: facts?.() ?? {} };
}

/** Runs a bench to its end. */
export async function runBench(bench: Bench, host: Host): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for await (const one of bench.cases(host)) {
    const result = await runCase(one);
    results.push(result);
    const times = result.timings.map(({ name, medianMs, ratio }) => `${name} ${medianMs.toPrecision(3)} ms (×${ratio.toFixed(2)})`);
    const facts = Object.entries(result.facts).map(([name, value]) => `${name}: ${typeof value === 'number' ? Number(value.toPrecision(3)) : value}`);
    const line = (times.length > 0 ? times : facts).join(' · ');
    host.tell(`${host.runtime} ${result.name}: ${line}`);
  }
  return results;
}

/** The middle of some numbers; of an even count the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2;
}

/** A case without contenders. */
export function measured(name: string, facts: CaseResult['facts']): Case {
  return { name, rounds: 0, contenders: [], facts: () => facts };
}

/** What was said of a case. */
export function factsOf(results: readonly CaseResult[], name: string): CaseResult['facts'] {
  return results.find((result) => result.name === name)?.facts ?? {};
}

/** A contender's median in a case, in milliseconds; NaN when it did not run. */
export function medianOf(results: readonly CaseResult[], name: string, contender: string): number {
  return results.find((result) => result.name === name)?.timings.find((timing) => timing.name === contender)?.medianMs ?? Number.NaN;
}

/** A contender's ratio in a case; NaN when it did not run. */
export function ratioOf(results: readonly CaseResult[], name: string, contender: string): number {
  return results.find((result) => result.name === name)?.timings.find((timing) => timing.name === contender)?.ratio ?? Number.NaN;
}

/** Random numbers below 1 that are the same in each run (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
