import type { Core } from '../../../src/core/load.ts';
import { loadBenchCore } from '../core.ts';
import { ratioOf } from '../harness.ts';
import type { Bench, Case, Contender, Host, NativeAnswer } from '../harness.ts';
import { edited, numbered } from './inputs.ts';
import type { Inputs } from './inputs.ts';
import { diff3, nodeDiff3 } from './peers.ts';
import type { MergeLines } from './peers.ts';

const SOURCE = 'typescript/lib/typescript.js';
const GROWTH = [5_000, 20_000, 50_000, 200_000, 1_000_000];
const SMALL = '5,000 lines, 50 edits a side';
const LARGE = '50,000 lines, 200 edits a side';

export const bench: Bench = {
  about:
    'Three-way merges of one file: three texts in, one out, into the WebAssembly instance and back. The pool merges blobs as a mount and the server do: it also keeps them and gives the merged one its git id. The JavaScript peers merge strings, cut into lines as isomorphic-git cuts them; “of bytes” is what that takes where contents are bytes, as they are here and in git. jj-lib goes by its own clock, its memory is its process’s, with the texts.',
  runtimes: ['node', 'chromium'],
  async *cases(host) {
    const core = await loadBenchCore(host);
    const source = await host.text(SOURCE);
    // First, while nothing else has made the instance's memory grow.
    for (const lines of GROWTH) yield growth(lines, host, core, edited(numbered(lines), lines, lines / 250));
    const [other, another] = [await diff3(), await nodeDiff3()];
    yield side(SMALL, 60, host, core, edited(source, 5_000, 50), [
      { name: 'diff3', merge: other },
      { name: 'node-diff3', merge: another, rounds: 1 },
    ]);
    yield side(LARGE, 20, host, core, edited(source, 50_000, 200), [{ name: 'diff3', merge: other }]);
  },
  targets(results, runtime) {
    const held = (name: string, contender: string, least: number): { target: string; measured: string; met: boolean } => {
      const ratio = ratioOf(results, name, contender);
      return { target: `merge, ${runtime}, ${name}: ≥ ${least}× as fast as ${contender}`, measured: `${ratio.toFixed(2)}×`, met: ratio >= least };
    };
    // The fastest round: large lists feel whatever else the machine does.
    const perLine = (lines: number): number => (results.find(({ name }) => name === growthName(lines))?.timings[0]?.minMs ?? Number.NaN) / lines;
    const slower = (than: number): number => perLine(1_000_000) / perLine(than);
    return [
      held(SMALL, 'diff3', 2),
      held(LARGE, 'diff3', 2),
      held(SMALL, JJ, 1),
      held(LARGE, JJ, 1),
      held(SMALL, 'node-diff3', 100),
      {
        target: `merge, ${runtime}: time linear to 1,000,000 lines`,
        // What is needed for 50,000 lines fits the processor's caches, as it does not for more.
        measured: `a line costs ${slower(200_000).toFixed(2)}× what it costs in 200,000, and ${slower(50_000).toFixed(2)}× what it costs in 50,000`,
        met: slower(200_000) <= 2,
      },
    ];
  },
};

/** Our merge beside the peers'. All have to come to the same text. */
function side(name: string, rounds: number, host: Host, core: Core, inputs: Inputs, peers: { name: string; merge: MergeLines; rounds?: number }[]): Case {
  const texts = encoded(inputs);
  const expected = new TextDecoder().decode(core.mergeTexts([...texts]));
  const contenders: Contender[] = [
    { name: 'mesafs', run: () => void core.mergeTexts([...texts]) },
    { name: 'mesafs, by a pool', run: () => void mergeByPool(core, texts) },
  ];
  for (const { name: peer, merge, rounds: few } of peers) {
    const merged = merge(inputs);
    if (merged !== expected) throw new Error(`${peer} merged "${name}" to another text`);
    const run = (): void => void merge(inputs);
    if (few !== undefined) contenders.push({ name: peer, run, rounds: few });
    else contenders.push({ name: peer, run }, { name: `${peer}, of bytes`, run: () => void mergeBytes(merge, texts) });
  }
  const native = nativeMerge(name, host, inputs);
  if (native !== null) contenders.push({ name: JJ, run: async () => (await native()).ms });
  return { name, rounds, contenders, facts: () => ({ 'base, bytes': texts[1].length }) };
}

const JJ = 'jj-lib, native';

/** jj-lib's merge of these texts, which are sent with the first question. */
function nativeMerge(name: string, { native }: Host, { left, base, right }: Inputs): (() => Promise<NativeAnswer>) | null {
  if (native === null) return null;
  let sent = false;
  return async () => {
    const answer = await native({ peer: 'jj', name, ...(sent ? {} : { texts: [left, base, right] as const }) });
    sent = true;
    return answer;
  };
}

/** A peer's merge where the contents are bytes. */
function mergeBytes(merge: MergeLines, texts: Texts): Uint8Array {
  const decoder = new TextDecoder();
  const [left, base, right] = texts.map((text) => decoder.decode(text));
  return new TextEncoder().encode(merge({ left: left ?? '', base: base ?? '', right: right ?? '' }) ?? '');
}

const growthName = (lines: number): string => `growth: ${lines.toLocaleString('en')} lines`;

function growth(lines: number, host: Host, core: Core, inputs: Inputs): Case {
  const texts = encoded(inputs);
  const name = growthName(lines);
  const native = nativeMerge(name, host, inputs);
  let peak = 0;
  const run = async (): Promise<number> => {
    const { ms, peakBytes } = (await native?.()) ?? { ms: Number.NaN, peakBytes: 0 };
    peak = Math.max(peak, peakBytes);
    return ms;
  };
  return {
    name,
    rounds: 10,
    contenders: [
      { name: 'mesafs', run: () => mergeWhole(core, texts) },
      ...(native === null ? [] : [{ name: JJ, run, ...(lines > 100_000 ? { rounds: 3 } : {}) }]),
    ],
    facts: () => ({
      lines,
      'input, bytes': texts.reduce((sum, text) => sum + text.length, 0),
      'peak memory of the instance, MiB': core.memoryBytes() / 2 ** 20,
      ...(peak === 0 ? {} : { 'peak memory of jj-lib, MiB': peak / 2 ** 20 }),
    }),
  };
}

type Texts = readonly [Uint8Array, Uint8Array, Uint8Array];

function encoded({ left, base, right }: Inputs): Texts {
  const encoder = new TextEncoder();
  return [encoder.encode(left), encoder.encode(base), encoder.encode(right)];
}

function mergeWhole(core: Core, texts: Texts): void {
  if (core.mergeTexts([...texts]) === undefined) throw new Error('The texts conflict');
}

const NAMES = ['1', '2', '3'].map((digit) => digit.repeat(40));

/** As a mount or the server merges: blobs that were checked before, by their ids. */
function mergeByPool(core: Core, texts: Texts): Uint8Array {
  using pool = core.pool();
  for (const [index, text] of texts.entries()) pool.putTrusted(NAMES[index] ?? '', 'blob', text);
  const merged = pool.mergeEntries(NAMES.map((oid) => [{ oid, mode: 0o100644 }]));
  if ('missing' in merged) throw new Error('A text is missing');
  const [term] = merged.terms;
  const blob = merged.terms.length === 1 && term ? pool.get(term.oid) : undefined;
  if (blob === undefined) throw new Error('The texts conflict');
  return blob.bytes;
}
