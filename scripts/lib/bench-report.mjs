import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { linePlot } from './plot.mjs';

/** Bytes; a plot has the unit of its first case. */
const UNITS = { KiB: 1024, MiB: 1024 ** 2 };
const NAMES = { node: 'Node', chromium: 'Chromium' };

/** Writes docs/benchmarks.md and its pictures from what the benches found. */
export function writeReport(results) {
  const lines = [
    '# Benchmarks',
    '',
    'Written by `npm run bench` from `test/bench/results.json`. Contenders take turns in each round, after rounds to warm up; a time is the median of the',
    'rounds, a ratio the median over the rounds of a contender’s time by ours in the same round: above 1, ours was faster. A peer',
    'too slow for all rounds is timed from the first one on and held against the median of ours. Ratios carry over from one machine to another, times don’t.',
    '',
    '## Targets',
    '',
    '| | target | measured |',
    '|---|---|---|',
  ];
  for (const { targets } of runs(results)) for (const { target, measured, met } of targets) lines.push(`| ${met ? '✓' : '✗'} | ${target} | ${measured} |`);
  for (const [name, byRuntime] of Object.entries(results)) {
    const [{ about }] = Object.values(byRuntime);
    lines.push('', `## ${name}`, '', about);
    for (const [runtime, { results: cases, machine }] of Object.entries(byRuntime)) {
      lines.push('', `### ${NAMES[runtime]}`, '', `${machine.engine} on ${machine.cpu}, ${machine.threads} threads.`, '');
      const facts = cases.filter(({ timings }) => timings.length === 0);
      if (facts.length > 0) lines.push('| | | |', '|---|---|---|', ...facts.flatMap(factRows), '');
      const compared = cases.filter(({ timings }) => timings.length > 0);
      if (compared.length > 0) lines.push('| | | median ms | fastest ms | ratio | rounds | |', '|---|---|---|---|---|---|---|');
      for (const { name: what, timings, facts } of compared) {
        for (const [index, timing] of timings.entries()) {
          const said =
            index === 0
              ? Object.entries(facts)
                  .map(([key, value]) => `${key}: ${round(value)}`)
                  .join(', ')
              : '';
          lines.push(
            `| ${index === 0 ? what : ''} | ${timing.name} | ${round(timing.medianMs)} | ${round(timing.minMs)} | ${index === 0 ? '' : timing.ratio.toFixed(2)} | ${timing.rounds} | ${said} |`,
          );
        }
      }
    }
    for (const picture of pictures(name, byRuntime)) lines.push('', picture);
  }
  writeFileSync(join(root, 'docs/benchmarks.md'), `${lines.join('\n')}\n`);
}

/** What was measured where nobody else does the same: a line for each fact. */
const factRows = ({ name, facts }) => Object.entries(facts).map(([key, value], index) => `| ${index === 0 ? name : ''} | ${key} | ${round(value)} |`);

const runs = (results) => Object.values(results).flatMap((byRuntime) => Object.values(byRuntime));

/** Cases named `<plot>: <number> <unit>` are points of a plot over that number, a line for each contender and runtime. */
function pictures(name, byRuntime) {
  const plots = new Map();
  for (const [runtime, { results: cases }] of Object.entries(byRuntime)) {
    for (const { name: what, timings, facts } of cases) {
      const match = /^(\w+): .*?([\d,]+) (\w+)$/.exec(what);
      if (match === null) continue;
      const [, plot, number, unit] = match;
      const series = plots.get(plot) ?? plots.set(plot, { unit, lines: new Map() }).get(plot);
      const x = (Number(number.replaceAll(',', '')) * (UNITS[unit] ?? 1)) / (UNITS[series.unit] ?? 1);
      const add = (key, y) => (series.lines.get(key) ?? series.lines.set(key, []).get(key)).push([x, y]);
      for (const timing of timings) add(`${timing.name}, ${NAMES[runtime]}: ms`, timing.medianMs);
      for (const [fact, value] of Object.entries(facts)) if (fact.endsWith('MiB')) add(`${fact}, ${NAMES[runtime]}`, value);
    }
  }
  return [...plots].map(([plot, { unit, lines }]) => {
    const file = `pictures/bench-${name}-${plot}.svg`;
    writeFileSync(join(root, 'docs', file), linePlot({ title: `${name}: ${plot}`, unit, lines: [...lines] }));
    return `![${name}: ${plot} over ${unit}](${file})`;
  });
}

const round = (value) => (typeof value === 'number' ? Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3 }) : value);
