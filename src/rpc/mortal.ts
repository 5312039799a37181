import { FsError } from '../base/errors.ts';
import type { EngineContract } from './contract.ts';
import type { SyncStatus } from './types.ts';

const HINT = 'the worker that ran the engine has ended, maybe for want of memory; mount again: what this device keeps is sent then';

/**
 * An engine that can end: `end` says that it has. What it was asked fails with `EIO` then instead of waiting for ever, its mounts are told that they are closed,
 * and whoever makes engines that another is needed.
 */
export function mortal(engine: EngineContract): { engine: EngineContract; end: () => void } {
  /** What is to be told of the end, of calls under way and of mounts. */
  const calls = new Set<() => void>();
  const mounts = new Map<number, () => void>();
  /** What of mounts was not accepted, as far as they have told. */
  const pending = new Map<number, number>();
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
      for (const tell of [...calls, ...mounts.values()]) tell();
    },
    engine: {
      ended,
      openMount: async (spec, ports) => {
        let last: SyncStatus | undefined;
        let number = 0;
        const status = (status: SyncStatus): void | Promise<void> => {
          last = status;
          pending.set(number, status.pending);
          return ports.status(status);
        };
        const { credential, events, log } = ports;
        const mount = await ask('mount', '/', () => engine.openMount(spec, { credential, events, log, status }));
        number = mount;
        mounts.set(
          mount,
          () => last && void ports.status({ ...last, state: 'closed', error: { code: 'ENGINE_ENDED', message: `The engine has stopped: ${HINT}.` } }),
        );
        return mount;
      },
      closeMount: async (mount) => {
        try {
          return await ask('close', '/', () => engine.closeMount(mount).finally(() => mounts.delete(mount)));
        } catch (error) {
          if (!isOver) throw error;
          return { pending: pending.get(mount) ?? 0 };
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
