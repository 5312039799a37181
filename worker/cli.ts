#!/usr/bin/env node
// The `mesafs` command. What it needs of Node is looked at before anything is loaded that an older one does not have.
import { nodeProblem } from '../src/runtime/node-version.ts';

const problem = nodeProblem();
if (problem === null) {
  const { main } = await import('./cli/main.ts');
  await main(process.argv.slice(2));
} else {
  process.stderr.write(`mesafs: ${problem}\n`);
  process.exitCode = 1;
}
