import { expect, test } from 'vitest';
import { advance } from './state.ts';
import type { DriverEvent, DriverState, Work } from './state.ts';

const IDLE: Work = { reset: false, queued: false };
const STATES: DriverState[] = ['idle', 'sending', 'resetting', 'backing-off', 'offline', 'expired', 'closed'];
const EVENTS: DriverEvent[] = ['wake', 'done', 'failed', 'unauthorized', 'credential', 'timer', 'offline', 'online', 'close'];

test('what is waiting is sent; nothing waiting is nothing to do', () => {
  expect(advance('idle', 'wake', { ...IDLE, queued: true })).toEqual({ state: 'sending', effect: 'send' });
  expect(advance('idle', 'wake', IDLE)).toEqual({ state: 'idle', effect: null });
  expect(advance('sending', 'done', IDLE)).toEqual({ state: 'idle', effect: null });
  expect(advance('sending', 'done', { ...IDLE, queued: true })).toEqual({ state: 'sending', effect: 'send' });
});

test('one batch is under way at a time', () => {
  expect(advance('sending', 'wake', { reset: true, queued: true })).toEqual({ state: 'sending', effect: null });
});

test('a repo that has to be opened again is, before anything is sent', () => {
  expect(advance('backing-off', 'timer', { reset: true, queued: true })).toEqual({ state: 'resetting', effect: 'reopen' });
  expect(advance('sending', 'done', { reset: true, queued: true })).toEqual({ state: 'resetting', effect: 'reopen' });
  expect(advance('resetting', 'done', { reset: false, queued: true })).toEqual({ state: 'sending', effect: 'send' });
});

test('a failure is waited out, and the wait ends early when the network is back', () => {
  expect(advance('sending', 'failed', { ...IDLE, queued: true })).toEqual({ state: 'backing-off', effect: 'wait' });
  expect(advance('backing-off', 'wake', { ...IDLE, queued: true })).toEqual({ state: 'backing-off', effect: null });
  expect(advance('backing-off', 'online', { ...IDLE, queued: true })).toEqual({ state: 'sending', effect: 'send' });
  expect(advance('backing-off', 'offline', { ...IDLE, queued: true })).toEqual({ state: 'offline', effect: null });
  expect(advance('offline', 'online', { ...IDLE, queued: true })).toEqual({ state: 'sending', effect: 'send' });
});

test('without a token nothing is sent until there may be one', () => {
  expect(advance('sending', 'unauthorized', { ...IDLE, queued: true })).toEqual({ state: 'expired', effect: 'wait' });
  expect(advance('expired', 'timer', { ...IDLE, queued: true })).toEqual({ state: 'sending', effect: 'send' });
  expect(advance('expired', 'credential', { ...IDLE, queued: true })).toEqual({ state: 'sending', effect: 'send' });
});

test('closing stops whatever goes on, once, and nothing goes on after it', () => {
  for (const state of STATES) {
    const closed = advance(state, 'close', { reset: true, queued: true });
    expect(closed).toEqual({ state: 'closed', effect: state === 'closed' ? null : 'stop' });
  }
  for (const event of EVENTS) expect(advance('closed', event, { reset: true, queued: true })).toEqual({ state: 'closed', effect: null });
});
