import { expose, proxy, transfer, transferHandlers, wrap } from 'comlink';
import type { Endpoint, Remote, TransferHandler } from 'comlink';
import type { EngineContract, FsArgs, FsMethod, FsResult, MountPorts } from './contract.ts';
import { burstGate } from './burst.ts';
import { decodeError, encodeError } from './errors.ts';
import type { RemakeError, WireError } from './errors.ts';
import { remakeMesaError } from './mesa-error.ts';
import { transferables } from './transfer.ts';
import type { MountSpec, RepoName, SyncStatus } from './types.ts';

/** Answers the engine behind a worker or port. Both sides must run this module's version: errors cross in its form. */
export function connectEngine(endpoint: Endpoint): EngineContract {
  // The engine makes none of these: it passes on those of the page.
  remake = remakeMesaError;
  installErrorHandler();
  const remote = wrap<EngineContract>(endpoint) as Remote<WireEngine>;
  return {
    openMount: (spec, ports) => remote.openMount(spec, proxy(ports)),
    closeMount: (mount) => remote.closeMount(mount),
    call: <M extends FsMethod>(mount: number, method: M, args: FsArgs<M>, callId?: number): Promise<FsResult<M>> =>
      remote.call(mount, method, transfer(args, transferables(args)), callId) as Promise<FsResult<M>>,
    cancel: (mount, callId) => remote.cancel(mount, callId),
    status: (mount) => remote.status(mount),
    resume: () => remote.resume(),
    forget: (repo) => remote.forget(repo),
  };
}

/** Answers calls that come over a worker's or port's messages with `engine`. */
export function serveEngine(engine: EngineContract, endpoint: Endpoint): void {
  installErrorHandler();
  const together = burstGate();
  const wire: WireEngine = {
    openMount: (spec, ports) => engine.openMount(spec, ports),
    // What follows a call goes through the gate too: it must not overtake it.
    async closeMount(mount) {
      await together();
      return engine.closeMount(mount);
    },
    async call(mount, method, args, callId) {
      await together();
      const result: unknown = await engine.call(mount, method, args as FsArgs<FsMethod>, callId);
      const buffers = transferables(result);
      return buffers.length > 0 ? transfer(result as object, buffers) : result;
    },
    async cancel(mount, callId) {
      await together();
      await engine.cancel(mount, callId);
    },
    status: (mount) => engine.status(mount),
    resume: () => engine.resume(),
    forget: (repo) => engine.forget(repo),
  };
  expose(wire, endpoint);
}

/** The contract with its types loosened to what Comlink can say. */
interface WireEngine {
  openMount(spec: MountSpec, ports: MountPorts): Promise<number>;
  closeMount(mount: number): Promise<{ pending: number }>;
  call(mount: number, method: FsMethod, args: unknown[], callId?: number): Promise<unknown>;
  cancel(mount: number, callId: number): Promise<void>;
  status(mount: number): Promise<SyncStatus>;
  resume(): Promise<void>;
  forget(repo: RepoName): Promise<void>;
}

/** What errors are made again with, where an engine is called: the classes of the client. */
let remake: RemakeError | undefined;

/** Replaces Comlink's own handler of thrown values, which keeps only name, message and stack. Runs on both sides; more than once does no harm. */
function installErrorHandler(): void {
  const original = transferHandlers.get('throw');
  if (original === undefined) throw new Error('This version of Comlink has no "throw" transfer handler; use the one in package.json');
  const handler: TransferHandler<{ value: unknown }, WireError> = {
    canHandle: (value): value is { value: unknown } => original.canHandle(value),
    serialize: ({ value }) => [encodeError(value), []],
    deserialize: (wire) => {
      throw decodeError(wire, remake);
    },
  };
  transferHandlers.set('throw', handler);
}
