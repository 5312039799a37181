import { expect, test } from 'vitest';
import type { EngineContract } from '../rpc/contract.ts';
import { MesaBash } from './bash.ts';
import { Calls } from './calls.ts';
import type { MesaFileSystem } from './file-system.ts';
import type { Platform } from './platform.ts';

test('a shell that could not be opened is opened by the next command', async () => {
  const called: string[] = [];
  const call = async (_mount: number, method: string): Promise<unknown> => {
    called.push(method);
    if (called.length === 1) throw new Error('the network is away');
    return method === 'shellOpen' ? 1 : { stdout: 'hi\n', stderr: '', exitCode: 0, env: {} };
  };
  const bash = MesaBash.over({} as MesaFileSystem, new Calls({ call } as unknown as EngineContract, 1), {} as Platform, {});
  await expect(bash.exec('echo hi')).rejects.toThrow('the network is away');
  expect((await bash.exec('echo hi')).stdout).toBe('hi\n');
  expect((await bash.exec('echo hi')).stdout).toBe('hi\n');
  expect(called).toEqual(['shellOpen', 'shellOpen', 'shellExec', 'shellExec']);
});
