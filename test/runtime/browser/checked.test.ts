import { test } from 'vitest';
import { loadChecked } from '../../../src/core/checked.ts';
import { loadCore } from '../../../src/core/load.ts';
import { checkedSuite } from '../../contract/checked.ts';

checkedSuite(test, async () => ({ core: await loadCore(), checked: await loadChecked() }));
