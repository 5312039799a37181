// `npm run oracle -- --cases 200000 --seed 1`: the core beside jj-lib on random input, every answer compared (crates/oracle). Arguments are passed on;
// `--kind NAME` runs one kind of question. It compiles jj-lib first, which takes some minutes once.
import { compiled, oracle, show } from './lib/oracle.mjs';

process.exitCode = (await compiled()) ? await show(oracle, process.argv.slice(2)) : 1;
