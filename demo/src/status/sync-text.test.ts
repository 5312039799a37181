import { expect, test } from 'vitest';
import type { SyncStatus } from '../workspace/client.ts';
import { syncText, unsentText } from './sync-text.ts';

const live: SyncStatus = { state: 'live', online: true, pending: 0, pendingBytes: 0, lastAcceptedSeq: 3, storage: 'persistent' };

test('a lost connection counts down to the next try', () => {
  const status: SyncStatus = { ...live, state: 'reconnecting', retryAt: 12_400 };
  expect(syncText(status, 10_000).short).toBe('Reconnecting in 3 s');
  expect(syncText(status, 13_000).short).toBe('Reconnecting');
});

test('unsent edits are told, and where they are', () => {
  expect(syncText({ ...live, state: 'offline', pending: 1 }, 0).long).toContain('One edit is kept on this device');
  expect(syncText({ ...live, state: 'offline', pending: 2, storage: 'memory' }, 0).long).toContain('2 edits are kept in this tab only');
  expect(unsentText({ ...live, pending: 2 })).toBe(', 2 to send');
  expect(unsentText(live)).toBe('');
});

test('an error says what it was', () => {
  expect(syncText({ ...live, state: 'expired', error: { code: 'TOKEN_EXPIRED', message: 'The token is over.' } }, 0).long).toContain('The token is over.');
});
