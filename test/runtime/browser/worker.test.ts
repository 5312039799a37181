import { afterAll, beforeAll, expect, test } from 'vitest';
import { FsError } from '../../../src/base/errors.ts';
import { MesaClient } from '../../../src/client/mesa.ts';
import type { MesaFileSystem } from '../../../src/client/file-system.ts';
import { MesaApiError } from '../../../src/rpc/api-error.ts';
import { connectEngine } from '../../../src/rpc/client.ts';
import { pagePlatform } from '../../../src/runtime/spawn.ts';

let worker: Worker;
let mesa: MesaClient;
let fs: MesaFileSystem;

/** The next message of a worker that has this member. */
function message<T>(member: string, from = worker): Promise<T> {
  return new Promise((resolve) => {
    const listen = (event: MessageEvent<unknown>): void => {
      const { data } = event;
      if (typeof data !== 'object' || data === null || !(member in data)) return;
      from.removeEventListener('message', listen);
      resolve(data as T);
    };
    from.addEventListener('message', listen);
  });
}

/** A worker with a backend of its own, and the backend's key. */
async function backendWorker(): Promise<{ worker: Worker; key: string }> {
  const made = new Worker(new URL('./backend.worker.ts', import.meta.url), { type: 'module' });
  const { key } = await message<{ key: string }>('ready', made);
  return { worker: made, key };
}

beforeAll(async () => {
  const made = await backendWorker();
  ({ worker } = made);
  const { key } = made;
  // The page signs nothing: the worker's backend takes the key itself.
  const options = { accessToken: key, org: 'acme', apiUrl: 'http://backend.test/v1', engine: connectEngine(worker) };
  mesa = new MesaClient(
    options,
    pagePlatform(() => worker),
  );
  fs = await mesa.fs.mount({ repos: ['app'] });
});

afterAll(async () => {
  await fs.close();
  worker.terminate();
});

test('reads and writes through the worker', async () => {
  const bytes = new TextEncoder().encode('hello');
  await fs.writeFile('/acme/app/a', bytes);
  expect(bytes.length).toBe(5);
  const read = await fs.readFileBuffer('/acme/app/a');
  expect(new TextDecoder().decode(read)).toBe('hello');
  read.fill(0);
  expect(await fs.readFile('/acme/app/a')).toBe('hello');
  expect((await fs.stat('/acme/app/a')).mtime).toBeInstanceOf(Date);
  expect(await fs.readdir('/acme/app')).toEqual(['a']);
});

test('hands over a big file without copying it twice', async () => {
  const big = new Uint8Array(4 * 1024 * 1024).fill(7);
  await fs.writeFile('/acme/app/big', big);
  expect(big.length).toBe(4 * 1024 * 1024);
  expect((await fs.readFileBuffer('/acme/app/big')).every((byte) => byte === 7)).toBe(true);
});

test('keeps the class, code, path and syscall of errors', async () => {
  const error: unknown = await fs.readFile('/acme/app/none').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FsError);
  expect(error).toMatchObject({ code: 'ENOENT', path: '/acme/app/none', syscall: 'open', message: "ENOENT: no such file or directory, open '/acme/app/none'" });
  const refused: unknown = await fs.change.edit({ repo: 'app', bookmark: 'none' }).catch((caught: unknown) => caught);
  expect(refused).toBeInstanceOf(MesaApiError);
  expect(refused).toMatchObject({ code: 'BOOKMARK_NOT_FOUND', status: 404 });
});

test('asks the page for a token when the last is refused', async () => {
  let asked = 0;
  const client = new MesaClient(
    { org: 'acme', apiUrl: 'http://backend.test/v1', engine: connectEngine(worker), accessToken: () => `wrong ${(asked += 1)}` },
    pagePlatform(() => worker),
  );
  const error: unknown = await client.fs.mount({ repos: ['app'] }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MesaApiError);
  expect(asked).toBe(2);
});

test('tells of a peer’s edit, once it can be read', async () => {
  const peer = await mesa.fs.mount({ repos: ['app'] });
  await expect.poll(() => peer.sync.status.state).toBe('live');
  const { promise, resolve } = Promise.withResolvers<string>();
  peer.subscribe(async (event) => resolve(`${event.path} ${await peer.readFile(event.path)}`));
  await fs.writeFile('/acme/app/told', 'new');
  expect(await promise).toBe('/acme/app/told new');
  await peer.close();
});

test('runs a shell in the worker, and ends it when asked', async () => {
  const bash = fs.bash({ cwd: '/acme/app' });
  expect((await bash.exec('echo one > f && cat f && grep -c one f')).stdout).toBe('one\n1\n');
  const controller = new AbortController();
  const running = bash.exec('sleep 60', { signal: controller.signal });
  controller.abort();
  expect((await running).exitCode).toBe(130);
});

test('finds what it has read in IndexedDB the next time', async () => {
  await fs.mkdir('/acme/app/cached', { recursive: true });
  await fs.writeFile('/acme/app/cached/file', 'kept');
  expect(await fs.readFile('/acme/app/cached/file')).toBe('kept');
  expect((await indexedDB.databases()).some(({ name }) => name?.startsWith('mesafs-'))).toBe(true);
});

test('says that a worker cannot be loaded, and tries again at the next mount', async () => {
  let spawned = 0;
  const spawn = (): Worker => {
    spawned += 1;
    if (spawned === 1) return new Worker('/no-such-worker.js', { type: 'module' });
    return new Worker(new URL('../../../worker/mesa.worker.ts', import.meta.url), { type: 'module' });
  };
  const client = new MesaClient({ org: 'acme', apiUrl: `${location.origin}/no-such-api/v1`, accessToken: 'a token' }, pagePlatform(spawn));
  await expect(client.fs.mount({ repos: ['app'] })).rejects.toThrow(/worker could not be loaded/);
  const answered: unknown = await client.fs.mount({ repos: ['app'] }).catch((error: unknown) => error);
  expect(answered).toBeInstanceOf(Error);
  expect(String(answered)).not.toMatch(/worker could not be loaded/);
  expect(spawned).toBe(2);
});

test('fails what is under way when its worker ends, says so, and mounts again in another', async () => {
  const [one, two] = [await backendWorker(), await backendWorker()];
  let current = one;
  let spawned = 0;
  const spawn = (): Worker => {
    spawned += 1;
    return current.worker;
  };
  const client = new MesaClient({ accessToken: () => current.key, org: 'acme', apiUrl: 'http://backend.test/v1' }, pagePlatform(spawn));
  const first = await client.fs.mount({ repos: ['app'] });
  const states: string[] = [];
  first.sync.subscribe(({ state }) => void states.push(state));
  await first.writeFile('/acme/app/a', 'one');
  // Other workers are waited for too.
  const waitedFor = async (): Promise<number> => ((await navigator.locks.query()).pending ?? []).filter(({ name }) => name?.startsWith('mesafs-life-')).length;
  const before = await waitedFor();
  one.worker.postMessage({ live: true });
  await expect.poll(waitedFor).toBe(before + 1);
  const bash = first.bash({ cwd: '/acme/app' });
  const waiting = bash.exec('sleep 20');
  const failed = expect(waiting).rejects.toMatchObject({ code: 'EIO', message: expect.stringContaining('mount again') as string });
  await first.readFile('/acme/app/a');
  current = two;
  one.worker.terminate();
  await failed;
  await expect(first.readFile('/acme/app/a')).rejects.toMatchObject({ code: 'EIO', path: '/acme/app/a' });
  expect(states.at(-1)).toBe('closed');
  await bash.close();
  expect(await first.close()).toEqual({ pending: 0 });
  expect(first.sync.status.error).toMatchObject({ code: 'ENGINE_ENDED' });
  const second = await client.fs.mount({ repos: ['app'] });
  await second.writeFile('/acme/app/b', 'two');
  expect([await second.readFile('/acme/app/b'), spawned]).toEqual(['two', 2]);
  await second.close();
  two.worker.terminate();
});
