import { test } from 'vitest';
import { loadCore } from '../../../src/core/load.ts';
import { filesystemSuite } from '../../contract/filesystem.ts';
import { InProcess } from '../../contract/in-process.ts';

filesystemSuite(test, async () => InProcess.start(await loadCore(), () => import('just-bash/browser')));
