import { FsError } from '../base/errors.ts';
import type { EngineContract, MountPorts } from './contract.ts';
import type { SyncStatus } from './types.ts';

const HINT = 'the worker that ran the engine has ended, maybe for want of memory; mount again: what this device keeps is sent then';

/**
 * An engine that can end: `end` says that it has. What it was asked fails with `EIO` then instead of waiting for ever, its mounts are told that they are closed,
 * and whoever makes engines that another is needed.
 */
export function mortal(engine: EngineContract): { engine: EngineContract; end: () => void } {
  /** What fails the calls under way. */
  const calls = new Set<() => void>();
  const mounts = new Map<number, { last?: SyncStatus; tell: MountPorts['status'] }>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let isOver = false;
  const ask = <T>(syscall: string, path: unknown, question: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      // A shell went with its mount.
      const code = syscall === 'shellClose' ? 'ECANCELED' : 'EIO';
      const fail = (): void => reject(new FsError(code, syscall, typeof path === 'string' ? path : '/', { hint: HINT }));
      if (isOver) return fail();
      calls.add(fail);
      void question()
        .then(resolve, reject)
        .finally(() => calls.delete(fail));
    });
  return {
    end: () => {
      isOver = true;
      end();
      for (const fail of calls) fail();
      const error = { code: 'ENGINE_ENDED', message: `The engine has stopped: ${HINT}.` };
      for (const { last, tell } of mounts.values()) if (last !== undefined) void tell({ ...last, state: 'closed', error });
    },
    engine: {
      ended,
      openMount: async (spec, ports) => {
        const { credential, events, log, status: tell } = ports;
        const opened: { last?: SyncStatus; tell: MountPorts['status'] } = { tell };
        const status: MountPorts['status'] = (now) => tell((opened.last = now));
        const mount = await ask('mount', '/', () => engine.openMount(spec, { credential, events, log, status }));
        mounts.set(mount, opened);
        return mount;
      },
      closeMount: async (mount) => {
        try {
          return await ask('close', '/', () => engine.closeMount(mount).finally(() => mounts.delete(mount)));
        } catch (error) {
          if (!isOver) throw error;
          return { pending: mounts.get(mount)?.last?.pending ?? 0 };
        }
      },
      call: (mount, method, args, callId) => ask(method, args[0], () => engine.call(mount, method, args, callId)),
      cancel: (mount, callId) => ask('cancel', '/', () => engine.cancel(mount, callId)),
      status: (mount) => ask('status', '/', () => engine.status(mount)),
      resume: () => ask('resume', '/', () => engine.resume()),
      forget: (repo) => ask('forget', '/', () => engine.forget(repo)),
    },
  };
}
