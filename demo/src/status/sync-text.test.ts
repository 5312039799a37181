import { expect, test } from 'vitest';
import type { SyncStatus } from '../workspace/client.ts';
import { drainText, syncText, waitingText } from './sync-text.ts';

const live: SyncStatus = { state: 'live', online: true, pending: 0, pendingBytes: 0, lastAcceptedSeq: 3, storage: 'persistent' };

test('a lost connection counts down to the next try', () => {
  const status: SyncStatus = { ...live, state: 'reconnecting', retryAt: 12_400 };
  expect(syncText(status, 10_000).short).toBe('Reconnecting in 3 s');
  expect(syncText(status, 13_000).short).toBe('Reconnecting');
});

test('a server that has to be asked for others’ edits is told from one that tells of them', () => {
  expect(syncText({ ...live, remote: 'live' }, 0).short).toBe('Connected');
  const { short, long } = syncText({ ...live, remote: 'rest' }, 0);
  expect(short).toBe('Connected by REST');
  expect(long).toContain('asked now and then');
});

test('what waits is told with its size and where it is', () => {
  expect(waitingText({ ...live, pending: 3, pendingBytes: 2_100, storage: 'best-effort' })).toBe('3 edits waiting (2.1 KB) – kept on this device');
  expect(waitingText({ ...live, pending: 1, pendingBytes: 12, storage: 'memory' })).toBe('1 edit waiting (12 B) – only in this tab');
  expect(waitingText({ ...live, elsewhere: 2 })).toBe('2 edits made in other tabs waiting – kept on this device');
  expect(waitingText({ ...live, pending: 1, pendingBytes: 12, storage: 'best-effort', elsewhere: 9 })).toBe(
    '1 edit waiting (12 B), and 9 made in other tabs – kept on this device',
  );
  expect(waitingText(live)).toBe('');
});

test('sending says how far it has come', () => {
  expect(drainText({ sent: 36, total: 1_200, sending: true })).toBe('Sending 37 of 1,200');
  expect(syncText(live, 0, { sent: 120, total: 120, sending: true }).short).toBe('Sending 120 of 120');
  expect(syncText(live, 0, { sent: 0, total: 120, sending: false }).short).toBe('Connected');
});

test('an error says what it was', () => {
  expect(syncText({ ...live, state: 'expired', error: { code: 'TOKEN_EXPIRED', message: 'The token is over.' } }, 0).long).toContain('The token is over.');
});
