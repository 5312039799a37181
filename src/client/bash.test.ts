import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { FsError } from '../base/errors.ts';
import type { EngineContract } from '../rpc/contract.ts';
import { MesaBash } from './bash.ts';
import type { MesaBashOptions } from './bash.ts';
import { Calls } from './calls.ts';
import type { MesaFileSystem } from './file-system.ts';
import type { Platform } from './platform.ts';

const SAID = { stdout: 'hi\n', stderr: '', exitCode: 0, env: {} };

/** Makes a shell whose engine answers with `answer`, and otherwise as if everything went well. */
function shell(called: string[], answer: (method: string) => unknown = () => undefined, options: MesaBashOptions = {}): MesaBash {
  const call = async (_mount: number, method: string): Promise<unknown> => {
    called.push(method);
    return (await answer(method)) ?? (method === 'shellOpen' ? 1 : SAID);
  };
  const bash = {
    Bash: class {
      exec = async () => SAID;
    },
  };
  const platform = { bash: async () => bash } as unknown as Platform;
  return MesaBash.over({} as MesaFileSystem, new Calls({ call } as unknown as EngineContract, 1), platform, options);
}

test('a shell that could not be opened is opened by the next command', async () => {
  const called: string[] = [];
  const bash = shell(called, () => {
    if (called.length === 1) throw new Error('the network is away');
  });
  await expect(bash.exec('echo hi')).rejects.toThrow('the network is away');
  expect((await bash.exec('echo hi')).stdout).toBe('hi\n');
  expect((await bash.exec('echo hi')).stdout).toBe('hi\n');
  expect(called).toEqual(['shellOpen', 'shellOpen', 'shellExec', 'shellExec']);
});

test('a shell that is closed is let go of once, when what runs has ended, and runs nothing more', async () => {
  const called: string[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<typeof SAID>();
  const bash = shell(called, (method) => (method === 'shellExec' ? ended : undefined));
  const running = bash.exec('sleep 1');
  const closed = Promise.all([bash.close(), bash.close()]);
  await expect(bash.exec('echo hi')).rejects.toMatchObject({ code: 'ECANCELED', message: expect.stringContaining('the shell is closed') as string });
  await vi.waitFor(() => expect(called).toEqual(['shellOpen', 'shellExec']));
  end(SAID);
  expect((await running).stdout).toBe('hi\n');
  await closed;
  expect(called).toEqual(['shellOpen', 'shellExec', 'shellClose']);
});

test('a shell that ran nothing has nothing to let go of; one whose mount is closed is gone', async () => {
  const called: string[] = [];
  {
    await using unused = shell(called);
    expect(unused).toBeInstanceOf(MesaBash);
  }
  expect(called).toEqual([]);
  const answers = (code: 'ECANCELED' | 'EIO') => (method: string) => {
    if (method === 'shellClose') throw new FsError(code, method, '/');
  };
  const orphan = shell(called, answers('ECANCELED'));
  await orphan.exec('echo hi');
  await orphan.close();
  const broken = shell(called, answers('EIO'));
  await broken.exec('echo hi');
  await expect(broken.close()).rejects.toMatchObject({ code: 'EIO' });
});

test('a shell of the page is closed like any other', async () => {
  const called: string[] = [];
  const bash = shell(called, undefined, { customCommands: [] });
  expect((await bash.exec('hello')).stdout).toBe('hi\n');
  await bash.close();
  await expect(bash.exec('hello')).rejects.toMatchObject({ code: 'ECANCELED' });
  expect(called).toEqual([]);
});

test('a shell runs nothing more once its mount is closed, wherever it runs', async () => {
  const platform = {
    bash: async () => ({
      Bash: class {
        exec = async () => SAID;
      },
    }),
  } as unknown as Platform;
  const engine = { call: async () => 1, closeMount: async () => ({ pending: 0 }) } as unknown as EngineContract;
  for (const options of [{}, { customCommands: [] }]) {
    const calls = new Calls(engine, 1);
    const bash = MesaBash.over({} as MesaFileSystem, calls, platform, options);
    await bash.exec('echo hi');
    await calls.close();
    await expect(bash.exec('echo hi')).rejects.toMatchObject({ code: 'ECANCELED', message: expect.stringContaining('the mount is closed') as string });
  }
});

test('a shell that was forgotten is let go of, but not before what runs in it has ended', { timeout: 30_000 }, async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const called: string[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<typeof SAID>();
  const { promise: gone, resolve: tell } = Promise.withResolvers<void>();
  const watch = new FinalizationRegistry(() => tell());
  const run = (): Promise<unknown> => {
    const bash = shell(called, (method) => (method === 'shellExec' ? ended : undefined));
    watch.register(bash, null);
    return bash.exec('sleep 1');
  };
  const running = run();
  const collecting = setInterval(collect, 20);
  await gone;
  clearInterval(collecting);
  await new Promise((resolve) => setImmediate(resolve));
  expect(called).toEqual(['shellOpen', 'shellExec']);
  end(SAID);
  await running;
  await vi.waitFor(() => expect(called).toEqual(['shellOpen', 'shellExec', 'shellClose']), { timeout: 10_000 });
});
