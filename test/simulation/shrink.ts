import type { Core } from '../../src/core/load.ts';
import type { Script } from './script.ts';
import { run } from './world.ts';
import type { Outcome } from './world.ts';

/** Runs a shrinking may take. */
const MAX_RUNS = 400;

/** What a run broke: the promises, without the particulars. */
export function promisesOf({ violations }: Outcome): string {
  return [...new Set(violations.map((text) => text.split(':')[0] ?? text))].toSorted().join(' ');
}

/** Takes steps, waits and mounts out of a script for as long as it breaks the same promise. Answers what is left, and how it fails. */
export async function shrink(core: Core, script: Script, broken: Outcome): Promise<{ script: Script; outcome: Outcome }> {
  let best = { script, outcome: broken };
  let runs = 0;
  const [first = ''] = promisesOf(broken).split(' ');
  const attempt = async (candidate: Script): Promise<boolean> => {
    if (runs >= MAX_RUNS) return false;
    runs += 1;
    const outcome = await run(core, candidate);
    if (!promisesOf(outcome).split(' ').includes(first)) return false;
    best = { script: candidate, outcome };
    return true;
  };
  for (let size = Math.max(1, script.steps.length >> 1); size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < best.script.steps.length;) {
      const steps = best.script.steps.toSpliced(at, size);
      if (!(await attempt({ ...best.script, steps }))) at += size;
    }
  }
  for (let at = 0; at < best.script.steps.length; at += 1) {
    const step = best.script.steps[at];
    if (step === undefined || step.wait === 0) continue;
    for (const wait of [0, 50]) if (wait < step.wait && (await attempt({ ...best.script, steps: best.script.steps.with(at, { ...step, wait }) }))) break;
  }
  while (best.script.mounts.length > 1) {
    const last = best.script.mounts.length - 1;
    if (best.script.steps.some((step) => 'm' in step && step.m === last)) break;
    if (!(await attempt({ ...best.script, mounts: best.script.mounts.slice(0, last) }))) break;
  }
  return best;
}

/** A script as it is put into a test. */
export function paste(script: Script): string {
  const lines = script.steps.map((step) => `    ${JSON.stringify(step)},`);
  return `{\n  seed: ${script.seed},\n  mounts: ${JSON.stringify(script.mounts)},\n  steps: [\n${lines.join('\n')}\n  ],\n}`;
}
