import { expect, test } from 'vitest';
import { FsError } from '../base/errors.ts';
import { MesaApiError } from './api-error.ts';
import { connectEngine, serveEngine } from './client.ts';
import type { EngineContract } from './contract.ts';
import { OrgResolutionError } from './mesa-error.ts';
import { transferables } from './transfer.ts';
import type { MountSpec, SyncStatus } from './types.ts';

const SPEC: MountSpec = {
  apiUrl: 'http://test/v1',
  org: 'acme',
  principal: 'key_1',
  repos: [],
  raceWindow: Infinity,
  writes: 'direct',
  cache: {},
  userAgent: { header: 'User-Agent', value: 'test' },
};
const STATUS: SyncStatus = { state: 'live', online: true, pending: 0, pendingBytes: 0, lastAcceptedSeq: 3, storage: 'memory' };

/** An engine behind a channel; `answer` is what each call answers. */
function behind(answer: (method: string, args: unknown[]) => unknown): { engine: EngineContract; seen: unknown[]; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  const seen: unknown[] = [];
  const engine: EngineContract = {
    async openMount(spec, ports) {
      seen.push(spec, await ports.credential('first'));
      await ports.events([{ path: '/a', recursive: false }]);
      return 1;
    },
    forget: async () => undefined,
    resume: async () => undefined,
    closeMount: async () => ({ pending: 2 }),
    call: async (_mount, method, args) => answer(method, args) as never,
    cancel: async (...args) => void seen.push(args),
    status: async () => STATUS,
  };
  serveEngine(engine, port1);
  const close = (): void => {
    port1.close();
    port2.close();
  };
  return { engine: connectEngine(port2), seen, close };
}

test('calls cross with their arguments and answers, the ports with theirs', async () => {
  const { engine, seen, close } = behind((method, args) => [method, args]);
  const events: unknown[] = [];
  const mount = await engine.openMount(SPEC, {
    credential: () => ({ token: 't', expiresAt: 5 }),
    events: (batch) => void events.push(...batch),
    status: () => undefined,
    log: () => undefined,
  });
  expect(mount).toBe(1);
  expect(seen).toEqual([SPEC, { token: 't', expiresAt: 5 }]);
  expect(events).toEqual([{ path: '/a', recursive: false }]);
  expect(await engine.call(1, 'mkdir', ['/a', { recursive: true }], 7)).toEqual(['mkdir', ['/a', { recursive: true }]]);
  await engine.cancel(1, 7);
  expect(seen.at(-1)).toEqual([1, 7]);
  expect(await engine.closeMount(1)).toEqual({ pending: 2 });
  expect(await engine.status(1)).toEqual(STATUS);
  close();
});

test('errors keep their class', async () => {
  const { engine, close } = behind((_method, [path]) => {
    throw new FsError('EISDIR', 'read', String(path));
  });
  const error: unknown = await engine.call(1, 'readFile', ['/d']).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FsError);
  expect(error).toMatchObject({ code: 'EISDIR', path: '/d', syscall: 'read' });
  close();
});

test('what the page could not give comes back to it as it was thrown', async () => {
  const { engine, close } = behind(() => undefined);
  const refused = new OrgResolutionError('Unable to resolve caller identity', { cause: MesaApiError.from(401, null) });
  const ports = { credential: () => Promise.reject(refused), events: () => undefined, status: () => undefined, log: () => undefined };
  const error: unknown = await engine.openMount(SPEC, ports).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(OrgResolutionError);
  expect((error as Error).cause).toBeInstanceOf(MesaApiError);
  expect(error).toMatchObject({ code: 'ORG_RESOLUTION_FAILED', message: refused.message });
  close();
});

test('bytes are handed over both ways', async () => {
  const answered = new Uint8Array(8);
  const { engine, close } = behind(() => ({ bytes: answered, version: 'v', conflicted: false }));
  const given = Uint8Array.of(1, 2, 3);
  const { bytes } = (await engine.call(1, 'writeFile', ['/a', given])) as unknown as { bytes: Uint8Array };
  expect(bytes).toEqual(new Uint8Array(8));
  expect([given.length, answered.length]).toEqual([0, 0]);
  close();
});

test('only what fills its buffer is handed over', () => {
  const whole = new Uint8Array(4);
  const part = new Uint8Array(8).subarray(2, 6);
  expect(transferables([whole, part, { bytes: whole }, 'text', null])).toEqual([whole.buffer]);
  expect(transferables(part)).toEqual([]);
});
