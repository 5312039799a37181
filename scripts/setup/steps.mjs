/**
 * A step of the setup.
 * @typedef {object} Step
 * @property {string} name what it brings, as a noun
 * @property {string} takes how long it takes the first time
 * @property {() => string | null | Promise<string | null>} have what is there already, in a few words, or null when there is work to do
 * @property {(say: (what: string) => void) => Promise<string>} get does the work and answers what is there now
 */

/** Runs steps in order; stops at the first that fails and says which one thing is missing. Answers whether all are there. */
export async function steps(plan) {
  const start = Date.now();
  let worked = false;
  for (const step of plan) {
    const have = await step.have();
    if (have !== null) continue;
    worked = true;
    const began = Date.now();
    const progress = report(step.name, step.takes);
    try {
      const got = await step.get(progress.say);
      progress.end(`✓ ${step.name}: ${got} (${seconds(began)})`);
    } catch (error) {
      progress.end(`✗ ${step.name}: ${error.message}`);
      if (error.remedy) process.stdout.write(`\n  ${error.remedy}\n`);
      return false;
    }
  }
  if (worked) process.stdout.write(`Set up in ${seconds(start)}.\n`);
  return true;
}

/** An error whose `remedy` tells a person the one thing to do. */
export function needs(message, remedy) {
  return Object.assign(new Error(message), { remedy });
}

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Says that a step goes on: a line that renews itself on a terminal, a line every 20 s elsewhere. */
function report(name, takes) {
  const began = Date.now();
  let doing = '';
  const live = process.stdout.isTTY;
  const line = () => `… ${name}${doing && `: ${doing}`} (${Math.round((Date.now() - began) / 1000)} s, takes ${takes})`;
  process.stdout.write(live ? line() : `… ${name} (takes ${takes})\n`);
  const timer = setInterval(() => process.stdout.write(live ? `\r\x1b[2K${line()}` : `${line()}\n`), live ? 500 : 20_000);
  return {
    say: (what) => void (doing = what),
    end: (text) => {
      clearInterval(timer);
      process.stdout.write(`${live ? '\r\x1b[2K' : ''}${text}\n`);
    },
  };
}
