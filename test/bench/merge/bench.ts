import type { Core } from '../../../src/core/load.ts';
import { loadBenchCore } from '../core.ts';
import { ratioOf } from '../harness.ts';
import type { Bench, Case, Contender, Host } from '../harness.ts';
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
    'Three-way merges of one file: three texts in, one out, into the WebAssembly instance and back. The pool merges blobs as a mount and the server do: it also keeps them and gives the merged one its git id.',
  runtimes: ['node', 'chromium'],
  async *cases(host) {
    const core = await loadBenchCore(host);
    const source = await host.text(SOURCE);
    // First, while nothing else has made the instance's memory grow.
    for (const lines of GROWTH) yield growth(lines, core, edited(numbered(lines), lines, lines / 250));
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
    const time = (lines: number): number => results.find(({ name }) => name === growthName(lines))?.timings[0]?.medianMs ?? Number.NaN;
    const perLine = time(1_000_000) / 1_000_000 / (time(50_000) / 50_000);
    return [
      held(SMALL, 'diff3', 2),
      held(LARGE, 'diff3', 2),
      held(SMALL, 'jj-lib, native', 1),
      held(LARGE, 'jj-lib, native', 1),
      held(SMALL, 'node-diff3', 100),
      {
        target: `merge, ${runtime}: time linear to 1,000,000 lines`,
        measured: `a line costs ${perLine.toFixed(2)}× what it costs in 50,000`,
        met: perLine <= 2,
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
    const run = (): void => {
      if (merge(inputs) !== expected) throw new Error(`${peer} merged "${name}" to another text`);
    };
    contenders.push(few === undefined ? { name: peer, run } : { name: peer, run, rounds: few });
  }
  const { native } = host;
  if (native !== null) {
    let sent = false;
    const run = async (): Promise<number> => {
      const took = await native({ peer: 'jj', name, ...(sent ? {} : { texts: [inputs.left, inputs.base, inputs.right] as const }) });
      sent = true;
      return took;
    };
    contenders.push({ name: 'jj-lib, native', run });
  }
  return { name, rounds, contenders, facts: () => ({ 'base, bytes': texts[1].length }) };
}

const growthName = (lines: number): string => `growth: ${lines.toLocaleString('en')} lines`;

function growth(lines: number, core: Core, inputs: Inputs): Case {
  const texts = encoded(inputs);
  return {
    name: growthName(lines),
    rounds: lines > 100_000 ? 3 : 10,
    contenders: [{ name: 'mesafs', run: () => mergeWhole(core, texts) }],
    facts: () => ({
      lines,
      'input, bytes': texts.reduce((sum, text) => sum + text.length, 0),
      'peak memory of the instance, MiB': core.memoryBytes() / 2 ** 20,
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
