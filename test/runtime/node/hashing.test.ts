import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { hashingSuite } from '../../contract/hashing.ts';

const file = readFileSync('src/core/generated/mesa_core_bg.wasm');
hashingSuite(
  test,
  () => file,
  (header, bytes) => createHash('sha1').update(header).update(bytes).digest('hex'),
);
