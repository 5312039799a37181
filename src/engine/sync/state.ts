/**
 * What a driver is doing. `idle`: nothing to do. `sending`: a batch is under way. `resetting`: the repo is being opened again. `backing-off`: the
 * network or the server failed, a timer runs. `offline`: the platform says there is no network. `expired`: no token is to be had. `closed`: over.
 */
export type DriverState = 'idle' | 'sending' | 'resetting' | 'backing-off' | 'offline' | 'expired' | 'closed';

/**
 * What happens to a driver. `wake`: an operation was queued, or a reset asked for. `done`: what was under way has been answered. `failed`: it may
 * succeed later. `unauthorized`: the token was refused and no other is to be had. `credential`: there may be another now.
 * `reached`: the server has answered something else.
 */
export type DriverEvent = 'wake' | 'done' | 'failed' | 'unauthorized' | 'credential' | 'reached' | 'timer' | 'offline' | 'online' | 'close';

/** What is waiting. */
export interface Work {
  /** The events can't be resumed: the repo has to be opened again. */
  reset: boolean;
  /** Operations are queued. */
  queued: boolean;
}

/** What the driver has to do: send a batch, open the repo again, wait before the next try, or let go of everything. */
export type Effect = 'send' | 'reopen' | 'wait' | 'stop' | null;

type Step = DriverState | 'next';

/** `next`: whatever {@link Work} calls for. */
const TABLE: Record<DriverState, Record<DriverEvent, Step>> = {
  idle: {
    wake: 'next',
    done: 'idle',
    failed: 'backing-off',
    unauthorized: 'expired',
    credential: 'next',
    reached: 'next',
    timer: 'idle',
    offline: 'offline',
    online: 'next',
    close: 'closed',
  },
  sending: {
    wake: 'sending',
    done: 'next',
    failed: 'backing-off',
    unauthorized: 'expired',
    credential: 'sending',
    reached: 'sending',
    timer: 'sending',
    offline: 'sending',
    online: 'sending',
    close: 'closed',
  },
  resetting: {
    wake: 'resetting',
    done: 'next',
    failed: 'backing-off',
    unauthorized: 'expired',
    credential: 'resetting',
    reached: 'resetting',
    timer: 'resetting',
    offline: 'resetting',
    online: 'resetting',
    close: 'closed',
  },
  'backing-off': {
    wake: 'backing-off',
    done: 'next',
    failed: 'backing-off',
    unauthorized: 'expired',
    credential: 'next',
    reached: 'next',
    timer: 'next',
    offline: 'offline',
    online: 'next',
    close: 'closed',
  },
  offline: {
    wake: 'offline',
    done: 'next',
    failed: 'offline',
    unauthorized: 'expired',
    credential: 'offline',
    reached: 'next',
    timer: 'offline',
    offline: 'offline',
    online: 'next',
    close: 'closed',
  },
  expired: {
    wake: 'next',
    done: 'expired',
    failed: 'expired',
    unauthorized: 'expired',
    credential: 'next',
    reached: 'next',
    timer: 'next',
    offline: 'expired',
    online: 'next',
    close: 'closed',
  },
  closed: {
    wake: 'closed',
    done: 'closed',
    failed: 'closed',
    unauthorized: 'closed',
    credential: 'closed',
    reached: 'closed',
    timer: 'closed',
    offline: 'closed',
    online: 'closed',
    close: 'closed',
  },
};

/** The state after an event, and what to do on entering it. Pure. */
export function advance(state: DriverState, event: DriverEvent, work: Work): { state: DriverState; effect: Effect } {
  const step = TABLE[state][event];
  if (step === 'next') return begin(work);
  if ((step === 'backing-off' && event === 'failed') || (step === 'expired' && event === 'unauthorized')) return { state: step, effect: 'wait' };
  if (step === 'closed' && state !== 'closed') return { state: step, effect: 'stop' };
  return { state: step, effect: null };
}

/** What to do first. A head that is opened says which of our operations it holds, so it need not wait for the answers under way. */
function begin(work: Work): { state: DriverState; effect: Effect } {
  if (work.reset) return { state: 'resetting', effect: 'reopen' };
  if (work.queued) return { state: 'sending', effect: 'send' };
  return { state: 'idle', effect: null };
}
