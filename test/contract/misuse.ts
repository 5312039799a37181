import type { FileContent } from 'just-bash';
import { equal, fails, ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld } from './world.ts';

/** What callers without types or without care do: they are told what is wrong, and the mount goes on. */
export function misuseSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);
  content(run);
  calls(run);
  slashes(run);
}

type Run = ReturnType<typeof inWorld>;

function content(run: Run): void {
  run('keeps what it was given, whatever its owner does to it afterwards', async ({ fs, root }) => {
    // As Node's Buffer: what its slice answers is the same memory.
    class Shared extends Uint8Array<ArrayBuffer> {
      override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
        return this.subarray(start, end);
      }
    }
    const given = Shared.from(new TextEncoder().encode('mine'));
    await fs.writeFile(`${root}/a`, given);
    await fs.appendFile(`${root}/b`, given);
    given.fill(0x78);
    equal([await fs.readFile(`${root}/a`), await fs.readFile(`${root}/b`)], ['mine', 'mine']);
    (await fs.readFileBuffer(`${root}/a`)).fill(0x79);
    equal(await fs.readFile(`${root}/a`), 'mine');
    equal([...given], [0x78, 0x78, 0x78, 0x78], 'it was handed over');
  });

  run('refuses content that is neither text nor bytes', async ({ fs, root }) => {
    for (const value of [undefined, null, 5, [1, 2], {}, new ArrayBuffer(2)]) {
      await rejects(fs.writeFile(`${root}/a`, value as unknown as FileContent), 'Content is a string or a Uint8Array');
      await rejects(fs.appendFile(`${root}/a`, value as unknown as FileContent), 'Content is a string or a Uint8Array');
    }
    await rejects(fs.writeFile(`${root}/a`, '%', 'base64'), 'not base64');
    equal(await fs.exists(`${root}/a`), false);
    await fs.writeFile(`${root}/a`, 'goes on');
    equal(await fs.readFile(`${root}/a`), 'goes on');
  });

  run('refuses to append to an older version: nothing is replaced by it', async ({ fs, root }) => {
    await fs.writeFile(`${root}/a`, 'x');
    const { version } = await fs.stat(`${root}/a`);
    await rejects(fs.writeFile(`${root}/a`, 'y', { bas: version } as object), 'writeFile has no option "bas"; did you mean base?');
    await fails(fs.writeFile(`${root}/a`, 'y', { base: 5 as unknown as string }), { code: 'EINVAL', message: 'base is not a version' });
    await fails(fs.appendFile(`${root}/a`, 'y', { base: version } as object), { code: 'EINVAL', path: `${root}/a`, message: 'appendFile takes no base' });
    equal(await fs.readFile(`${root}/a`), 'x');
    await fs.appendFile(`${root}/a`, '79', { encoding: 'hex', base: undefined } as object);
    await fs.appendFile(`${root}/a`, 'z', null as unknown as undefined);
    equal(await fs.readFile(`${root}/a`), 'xyz');
  });

  run('keeps the bytes of any view', async ({ fs, root }) => {
    const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5).subarray(1, 5);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    await fs.writeFile(`${root}/a`, view as unknown as Uint8Array);
    equal([...(await fs.readFileBuffer(`${root}/a`))], [1, 2, 3, 4]);
  });
}

function calls(run: Run): void {
  run('refuses what the backend would refuse, before anything is kept', async ({ fs, root }) => {
    await fails(fs.change.checkpoint({ repo: 'app', message: 'empty' }), { code: 'EINVAL', message: 'write a file first' });
    await fs.writeFile(`${root}/a`, 'x');
    await fails(fs.bookmark.create({ repo: 'app', name: 'a..b' }), { code: 'EINVAL', message: 'holds no ".."' });
    await fails(fs.bookmark.move({ repo: 'app', name: 'main', changeId: 'nonsense' }), { code: 'EINVAL', message: '32 letters' });
    await fails(fs.change.describe({ repo: 'app', message: 5 as unknown as string }), { code: 'EINVAL', message: 'a message is a string' });
    await fails(fs.change.checkpoint({ repo: 'app', message: '\0' }), { code: 'EINVAL', message: 'NUL' });
    await fails(fs.chmod(`${root}/a`, '755' as unknown as number), { code: 'EINVAL', message: '0o755' });
    await fails(fs.utimes(`${root}/a`, new Date(), 1e20), { code: 'EINVAL' });
    for (const values of [null, { a: 5 }, { a: 'x'.repeat(5000) }, { '': 'x' }, { repo: 'x' }]) {
      await fails(fs.setMetadata(`${root}/a`, values as Record<string, string>), { code: 'EINVAL' });
    }
    equal([fs.sync.status.pending, fs.sync.status.parked], [0, undefined]);
  });

  run('takes null for no options', async ({ fs, root }) => {
    await fs.mkdir(`${root}/d`, null as unknown as undefined);
    await fs.writeFile(`${root}/d/a`, 'x', null as unknown as undefined);
    await fails(fs.cp(`${root}/d`, `${root}/e`, null as unknown as undefined), { code: 'EISDIR' });
    await fails(fs.rm(`${root}/d`, null as unknown as undefined), { code: 'ENOTEMPTY' });
  });

  run('says which repo a call lacks, and what is no handler', async ({ fs }) => {
    const nothing = undefined as unknown as { repo: string };
    for (const call of [fs.change.list(nothing), fs.change.current(nothing), fs.bookmark.list(nothing), fs.conflicts(nothing)]) {
      await rejects(call, 'takes { repo }');
    }
    for (const subscribe of [() => fs.subscribe(5 as never), () => fs.sync.subscribe(undefined as never)]) {
      await rejects((async () => void subscribe())(), 'takes a function');
    }
  });

  run('names an argument that there is not: what is misspelt would do something else', async ({ fs, root }) => {
    const changeID = 'k'.repeat(32);
    const repo = 'app';
    await rejects(fs.change.describe({ repo, message: 'm', changeID } as never), 'change.describe has no option "changeID"; did you mean changeId?');
    await rejects(fs.change.list({ repo, limt: 1 } as never), 'change.list has no option "limt"; did you mean limit?');
    await rejects(fs.change.new({ repo, bookmark: 'main', mesage: 'm' } as never), 'did you mean message?');
    await rejects(fs.change.edit({ repo, bookmark: 'main', message: 'm' } as never), 'change.edit has no option "message"');
    await rejects(fs.bookmark.move({ repo, name: 'main', changeId: changeID, allowbackwards: false } as never), 'did you mean allowBackwards?');
    await rejects(fs.sync.saveParked({ repo, id: ['1'] } as never), 'did you mean ids?');
    await fs.writeFile(`${root}/a`, 'x');
    await fs.change.describe({ repo, message: 'm', changeId: undefined, changeID: null } as never);
  });

  run('goes on when what it tells its page fails there', async ({ backend, root }) => {
    let told = 0;
    const onLog = (): never => {
      told += 1;
      throw new Error('the page is broken');
    };
    const fs = await backend.client().fs.mount({ repos: ['app'], telemetry: { logLevel: 'debug', onLog } });
    backend.intercept = (request) => (backend.isWrite(request) ? new Response('{}', { status: 503 }) : null);
    const write = fs.writeFile(`${root}/a`, 'x');
    await until(() => told > 0, 'the page is told that sending fails');
    backend.intercept = null;
    await write;
    equal(await fs.readFile(`${root}/a`), 'x');
    await fs.close();
  });

  run('says ENAMETOOLONG for paths too deep for any tree', async ({ fs, root }) => {
    const deep = `${root}/${'d/'.repeat(1_000)}a`;
    await fails(fs.readFile(deep), { code: 'ENAMETOOLONG' });
    await fails(fs.mkdir(deep, { recursive: true }), { code: 'ENAMETOOLONG' });
    equal(await fs.exists(deep), false);
  });

  run('refuses calls after it was closed, and every call that was under way ends', async ({ fs, root, backend }) => {
    await fs.writeFile(`${root}/a`, 'x');
    const mount = await backend.client().fs.mount({ repos: ['app'] });
    const under = [mount.readFile(`${root}/a`), mount.writeFile(`${root}/b`, 'y'), mount.bash({ cwd: root }).exec('cat a'), mount.close(), mount.close()];
    await Promise.allSettled(under);
    await fails(mount.readFile(`${root}/a`), { code: 'ECANCELED', message: 'the mount is closed' });
    await fails(mount.writeFile(`${root}/a`, ''), { code: 'ECANCELED' });
    equal(mount.sync.status.state, 'closed');
    mount.subscribe(() => undefined).unsubscribe();
  });
}

function slashes(run: Run): void {
  run('takes a slash at the end for a wish for a directory', async ({ fs, root }) => {
    await fs.writeFile(`${root}/f`, 'x');
    await fs.mkdir(`${root}/d/`);
    equal((await fs.stat(`${root}/d/`)).isDirectory, true);
    for (const call of [fs.stat(`${root}/f/`), fs.readFile(`${root}/f/`), fs.writeFile(`${root}/f/`, 'y'), fs.rm(`${root}/f/`), fs.realpath(`${root}/f/`)]) {
      await fails(call, { code: 'ENOTDIR' });
    }
    await fails(fs.mv(`${root}/f`, `${root}/g/`), { code: 'ENOTDIR' });
    await fails(fs.cp(`${root}/f`, `${root}/g/`), { code: 'ENOTDIR' });
    await fails(fs.writeFile(`${root}/g/`, 'y'), { code: 'EISDIR' });
    await fs.mv(`${root}/d/`, `${root}/e/`);
    equal([await fs.exists(`${root}/f/`), await fs.readdir(root)], [false, ['e', 'f']]);
  });

  run('makes no directory where a link leads that leads nowhere', async ({ fs, root }) => {
    await fs.symlink('nowhere', `${root}/l`);
    await fails(fs.mkdir(`${root}/l`), { code: 'EEXIST' });
    await fails(fs.mkdir(`${root}/l`, { recursive: true }), { code: 'EEXIST' });
    await fails(fs.mkdir(`${root}/l/a`, { recursive: true }), { code: 'ENOTDIR' });
    equal(await fs.readdir(root), ['l']);
    await fs.mkdir(`${root}/nowhere`);
    await fs.mkdir(`${root}/l/a/b`, { recursive: true });
    equal(await fs.readdir(`${root}/nowhere/a`), ['b']);
  });
}

/** @throws Error unless the promise rejects, with this in its message */
async function rejects(promise: Promise<unknown>, message: string): Promise<void> {
  const said = await promise.then(
    () => 'nothing',
    (error: unknown) => String(error),
  );
  ok(said.includes(message), `expected "${message}", but it said: ${said}`);
}
