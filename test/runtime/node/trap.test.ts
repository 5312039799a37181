import { readFile } from 'node:fs/promises';
import { test } from 'vitest';
import { trapSuite } from '../../contract/trap.ts';

trapSuite(test, () => readFile('src/core/generated/mesa_core_bg.wasm'));
