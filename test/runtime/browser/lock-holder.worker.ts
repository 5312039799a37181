/** Takes the lock that its name is, says so, and keeps it for as long as it lives. */
import { WebLocks } from '../../../src/engine/journal/web-locks.ts';

await new WebLocks(navigator.locks).hold(self.name, new AbortController().signal);
postMessage('held');
