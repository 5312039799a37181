import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { openLanes } from '../../../src/core/lanes.ts';
import { hashingSuite } from '../../contract/hashing.ts';

// An engine without vectors takes the core, and refuses what has them.
const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
const file = readFileSync('src/core/generated/mesa_core_bg.wasm');

test('without vectors there are no lanes', () => {
  expect(openLanes()).toBeNull();
  expect(validate).toHaveBeenCalledOnce();
});

hashingSuite(test, () => file);
