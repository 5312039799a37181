import { test } from 'vitest';
import { trapSuite } from '../../contract/trap.ts';

trapSuite(test, async () => (await fetch(new URL('../../../src/core/generated/mesa_core_bg.wasm', import.meta.url))).bytes());
