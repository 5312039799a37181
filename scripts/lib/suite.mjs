import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './places.mjs';

/** Runs one suite, its output passed on as it comes, and counts its tests. A suite that dies without a count is one failure. */
export async function runSuite(suite, { results, env }) {
  const began = Date.now();
  console.log(`\n── ${suite.name} ${'─'.repeat(Math.max(0, 60 - suite.name.length))}`);
  const report = join(results, `${suite.name}.json`);
  rmSync(report, { force: true });
  const { output, code } = await tee(suite.command(report), env);
  let counts;
  try {
    counts = suite.count({ output, code, report });
  } catch (error) {
    console.log(`${suite.name} left no report: ${error.message}`);
    counts = { passed: 0, failed: 1 };
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.passed + counts.failed === 0) {
    console.log(`${suite.name} ran no test`);
    counts.failed = 1;
  }
  return { ...counts, seconds: (Date.now() - began) / 1000 };
}

function tee([command, ...args], env) {
  return new Promise((resolve) => {
    const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const pass = (stream) => (chunk) => {
      output += chunk;
      stream.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', pass(process.stdout));
    child.stderr.setEncoding('utf8').on('data', pass(process.stderr));
    child.on('error', (error) => resolve({ output: `${output}\n${error.message}`, code: 127 }));
    child.on('close', (code) => resolve({ output, code: code ?? 1 }));
  });
}
