import { test } from 'vitest';
import { hashingSuite } from '../../contract/hashing.ts';

hashingSuite(test, () => undefined);
