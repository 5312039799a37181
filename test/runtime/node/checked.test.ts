import { test } from 'vitest';
import { loadChecked } from '../../../src/core/checked.ts';
import { loadNodeCore } from '../../../src/runtime/node-core.ts';
import { checkedSuite } from '../../contract/checked.ts';

checkedSuite(test, async () => ({ core: await loadNodeCore(), checked: await loadChecked() }));
