// Brings a fresh checkout to where `npm start` (argument `start`), `npm test` (`test`) or `npm run build` (`build`) can run: packages, the Rust
// target, the WebAssembly tools, the core, and for tests a browser. It says what it does, does nothing twice, and where it cannot go on names
// the one thing that is missing. Runs on plain Node ≥ 20, before anything is installed.
import { browser } from './setup/browser.mjs';
import { packages } from './setup/packages.mjs';
import { wasmTarget } from './setup/rust.mjs';
import { steps } from './setup/steps.mjs';
import { wasmTools } from './setup/tools.mjs';
import { wasm } from './setup/wasm.mjs';

const purpose = process.argv[2] ?? 'build';
const plan = [packages, wasmTarget, wasmTools, wasm, ...(purpose === 'test' ? [browser] : [])];

process.exitCode = (await steps(plan)) ? 0 : 1;
