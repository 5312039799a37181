import type { IFileSystem } from 'just-bash';
import { equal, fails, ok } from './assert.ts';
import type { TestFunction } from './assert.ts';

/** A filesystem with an empty, writable directory in it. */
export interface Plain {
  fs: IFileSystem;
  /** The directory, absolute. */
  root: string;
  close(): Promise<void>;
}

const encoder = new TextEncoder();

/** What any filesystem of this interface does: the calls of a POSIX one, where parents have to exist and links are followed. */
export function plainSuite(test: TestFunction, open: () => Promise<Plain>): void {
  const run = (name: string, body: (fs: IFileSystem, at: (path: string) => string) => Promise<void>): void => {
    test(name, async () => {
      const world = await open();
      try {
        await body(world.fs, (path) => (path === '' ? world.root : `${world.root}/${path}`));
      } finally {
        await world.close();
      }
    });
  };
  files(run);
  directories(run);
  removal(run);
  copies(run);
  moves(run);
  links(run);
}

type Run = (name: string, body: (fs: IFileSystem, at: (path: string) => string) => Promise<void>) => void;

function files(run: Run): void {
  run('writes a file and reads it back', async (fs, at) => {
    await fs.writeFile(at('a.txt'), 'hello\n');
    equal(await fs.readFile(at('a.txt')), 'hello\n');
    equal(await fs.readFileBuffer(at('a.txt')), encoder.encode('hello\n'));
  });

  run('replaces a file as a whole', async (fs, at) => {
    await fs.writeFile(at('a.txt'), 'a long first text');
    await fs.writeFile(at('a.txt'), 'short');
    equal(await fs.readFile(at('a.txt')), 'short');
    equal((await fs.stat(at('a.txt'))).size, 5);
  });

  run('keeps an empty file', async (fs, at) => {
    await fs.writeFile(at('empty'), '');
    equal(await fs.readFile(at('empty')), '');
    const stat = await fs.stat(at('empty'));
    equal([stat.isFile, stat.isDirectory, stat.isSymbolicLink, stat.size], [true, false, false, 0]);
  });

  run('keeps every byte', async (fs, at) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await fs.writeFile(at('bytes.bin'), bytes);
    equal(await fs.readFileBuffer(at('bytes.bin')), bytes);
    equal(await fs.readFile(at('bytes.bin'), 'binary'), String.fromCharCode(...bytes));
  });

  run('keeps text of any script, in names too', async (fs, at) => {
    const text = 'žluťoučký 日本語 🦊 \u0301';
    await fs.writeFile(at('日本 🦊.txt'), text);
    equal(await fs.readFile(at('日本 🦊.txt')), text);
    equal(await fs.readdir(at('')), ['日本 🦊.txt']);
    equal((await fs.stat(at('日本 🦊.txt'))).size, encoder.encode(text).length);
  });

  run('keeps a mebibyte', async (fs, at) => {
    const bytes = new Uint8Array(1024 * 1024);
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = (index * 31 + (index >> 8)) & 255;
    await fs.writeFile(at('big'), bytes);
    const read = await fs.readFileBuffer(at('big'));
    equal(read.length, bytes.length);
    ok(
      read.every((byte, index) => byte === bytes[index]),
      'the bytes differ',
    );
  });

  run('does not share bytes with its callers', async (fs, at) => {
    const given = encoder.encode('mine');
    await fs.writeFile(at('a'), given);
    given.fill(0);
    const read = await fs.readFileBuffer(at('a'));
    equal(read, encoder.encode('mine'));
  });

  run('writes and reads the encodings of text', async (fs, at) => {
    await fs.writeFile(at('a'), '68690a', 'hex');
    equal(await fs.readFile(at('a')), 'hi\n');
    await fs.writeFile(at('a'), 'aGkK', { encoding: 'base64' });
    equal(await fs.readFile(at('a'), { encoding: 'hex' }), '68690a');
    await fs.writeFile(at('a'), 'é', 'latin1');
    equal(await fs.readFileBuffer(at('a')), Uint8Array.of(0xe9));
  });

  run('appends, and makes what it appends to', async (fs, at) => {
    await fs.appendFile(at('log'), 'one\n');
    await fs.appendFile(at('log'), encoder.encode('two\n'));
    equal(await fs.readFile(at('log')), 'one\ntwo\n');
  });

  run('says ENOENT for a file that is not there', async (fs, at) => {
    await fails(fs.readFile(at('none')), { code: 'ENOENT', message: 'no such file' });
    await fails(fs.readFileBuffer(at('none')), { code: 'ENOENT' });
    await fails(fs.stat(at('none')), { code: 'ENOENT' });
    await fails(fs.lstat(at('none')), { code: 'ENOENT' });
    await fails(fs.chmod(at('none'), 0o755), { code: 'ENOENT' });
    await fails(fs.utimes(at('none'), new Date(), new Date()), { code: 'ENOENT' });
  });

  run('says EISDIR for a directory taken for a file', async (fs, at) => {
    await fs.mkdir(at('d'));
    await fails(fs.readFile(at('d')), { code: 'EISDIR' });
    await fails(fs.writeFile(at('d'), 'x'), { code: 'EISDIR' });
    await fails(fs.appendFile(at('d'), 'x'), { code: 'EISDIR' });
  });

  run('wants the parent of a new file', async (fs, at) => {
    await fails(fs.writeFile(at('none/a'), 'x'), { code: 'ENOENT' });
    await fails(fs.appendFile(at('none/a'), 'x'), { code: 'ENOENT' });
    equal(await fs.exists(at('none')), false);
  });

  run('says ENOTDIR below a file', async (fs, at) => {
    await fs.writeFile(at('f'), 'x');
    await fails(fs.readFile(at('f/a')), { code: 'ENOTDIR' });
    await fails(fs.writeFile(at('f/a'), 'x'), { code: 'ENOTDIR' });
    equal(await fs.exists(at('f/a')), false);
  });

  run('keeps the executable bit and no other', async (fs, at) => {
    await fs.writeFile(at('run.sh'), '#!');
    equal((await fs.stat(at('run.sh'))).mode & 0o111, 0);
    await fs.chmod(at('run.sh'), 0o755);
    equal((await fs.stat(at('run.sh'))).mode & 0o777, 0o755);
    await fs.writeFile(at('run.sh'), '#!/bin/sh');
    equal((await fs.stat(at('run.sh'))).mode & 0o777, 0o755, 'after a write');
    await fs.chmod(at('run.sh'), 0o644);
    equal((await fs.stat(at('run.sh'))).mode & 0o777, 0o644);
  });

  run('sets times to the millisecond', async (fs, at) => {
    await fs.writeFile(at('a'), 'x');
    await fs.utimes(at('a'), new Date(1), new Date(1_234_567_890_123));
    equal((await fs.stat(at('a'))).mtime.getTime(), 1_234_567_890_123);
    equal(await fs.readFile(at('a')), 'x');
  });

  run('resolves paths without looking at them', async (fs) => {
    equal(fs.resolvePath('/a/b', 'c'), '/a/b/c');
    equal(fs.resolvePath('/a/b', '../c/./d'), '/a/c/d');
    equal(fs.resolvePath('/a', '../../../..'), '/');
    equal(fs.resolvePath('/a', '/x//y/'), '/x/y');
  });

  run('reads a path with dots and doubled slashes', async (fs, at) => {
    await fs.mkdir(at('d'));
    await fs.writeFile(at('d/a'), 'x');
    equal(await fs.readFile(at('d/./../d//a')), 'x');
  });
}

function directories(run: Run): void {
  run('makes a directory, which stays although it is empty', async (fs, at) => {
    await fs.mkdir(at('d'));
    equal(await fs.readdir(at('d')), []);
    const stat = await fs.stat(at('d'));
    equal([stat.isFile, stat.isDirectory, stat.isSymbolicLink], [false, true, false]);
    ok(await fs.exists(at('d')));
  });

  run('lists names with their types', async (fs, at) => {
    await fs.mkdir(at('b'));
    await fs.writeFile(at('a'), '');
    await fs.symlink('a', at('c'));
    equal((await fs.readdir(at(''))).toSorted(), ['a', 'b', 'c']);
    const entries = (await fs.readdirWithFileTypes?.(at(''))) ?? [];
    const types = entries.toSorted((x, y) => (x.name < y.name ? -1 : 1)).map((entry) => [entry.name, entry.isFile, entry.isDirectory, entry.isSymbolicLink]);
    equal(types, [
      ['a', true, false, false],
      ['b', false, true, false],
      ['c', false, false, true],
    ]);
  });

  run('makes a chain of directories when asked', async (fs, at) => {
    await fails(fs.mkdir(at('a/b/c')), { code: 'ENOENT' });
    await fs.mkdir(at('a/b/c'), { recursive: true });
    await fs.mkdir(at('a/b/c'), { recursive: true });
    equal(await fs.readdir(at('a')), ['b']);
    equal(await fs.readdir(at('a/b')), ['c']);
  });

  run('says EEXIST for what is there', async (fs, at) => {
    await fs.mkdir(at('d'));
    await fs.writeFile(at('f'), '');
    await fails(fs.mkdir(at('d')), { code: 'EEXIST' });
    await fails(fs.mkdir(at('f')), { code: 'EEXIST' });
    await fails(fs.mkdir(at('f'), { recursive: true }), { code: 'EEXIST' });
    await fails(fs.mkdir(at('f/x'), { recursive: true }), { code: 'ENOTDIR' });
  });

  run('says ENOENT and ENOTDIR when it cannot list', async (fs, at) => {
    await fs.writeFile(at('f'), '');
    await fails(fs.readdir(at('none')), { code: 'ENOENT' });
    await fails(fs.readdir(at('f')), { code: 'ENOTDIR' });
  });

  run('keeps a directory whose last file has gone', async (fs, at) => {
    await fs.mkdir(at('d'));
    await fs.writeFile(at('d/a'), 'x');
    await fs.rm(at('d/a'));
    equal(await fs.readdir(at('d')), []);
  });

  run('goes deep', async (fs, at) => {
    const path = Array.from({ length: 40 }, (_, index) => `d${index}`).join('/');
    await fs.mkdir(at(path), { recursive: true });
    await fs.writeFile(at(`${path}/leaf`), 'deep');
    equal(await fs.readFile(at(`${path}/leaf`)), 'deep');
  });
}

function removal(run: Run): void {
  run('removes a file', async (fs, at) => {
    await fs.writeFile(at('a'), 'x');
    await fs.rm(at('a'));
    equal(await fs.exists(at('a')), false);
    equal(await fs.readdir(at('')), []);
  });

  run('removes an empty directory, and a full one only when asked', async (fs, at) => {
    await fs.mkdir(at('d/e'), { recursive: true });
    await fs.writeFile(at('d/e/a'), 'x');
    await fails(fs.rm(at('d')), { code: 'ENOTEMPTY' });
    equal(await fs.readFile(at('d/e/a')), 'x');
    await fs.rm(at('d'), { recursive: true });
    equal(await fs.exists(at('d')), false);
    await fs.mkdir(at('d'));
    equal(await fs.readdir(at('d')), []);
    await fs.rm(at('d'));
    equal(await fs.exists(at('d')), false);
  });

  run('removes what is not there only by force', async (fs, at) => {
    await fails(fs.rm(at('none')), { code: 'ENOENT' });
    await fails(fs.rm(at('none'), { recursive: true }), { code: 'ENOENT' });
    await fs.rm(at('none'), { force: true });
    await fs.rm(at('none/below'), { recursive: true, force: true });
  });

  run('removes a link and not what it leads to', async (fs, at) => {
    await fs.mkdir(at('d'));
    await fs.writeFile(at('d/a'), 'x');
    await fs.symlink('d', at('l'));
    await fs.rm(at('l'), { recursive: true });
    equal(await fs.readFile(at('d/a')), 'x');
    equal(await fs.exists(at('l')), false);
  });
}

function copies(run: Run): void {
  run('copies a file, over another too', async (fs, at) => {
    await fs.writeFile(at('a'), 'new');
    await fs.writeFile(at('b'), 'old');
    await fs.cp(at('a'), at('b'));
    await fs.cp(at('a'), at('c'));
    equal([await fs.readFile(at('a')), await fs.readFile(at('b')), await fs.readFile(at('c'))], ['new', 'new', 'new']);
  });

  run('copies a directory with all below it, and apart from it', async (fs, at) => {
    await fs.mkdir(at('d/empty'), { recursive: true });
    await fs.mkdir(at('d/e/f'), { recursive: true });
    await fs.writeFile(at('d/a'), 'a');
    await fs.writeFile(at('d/e/f/b'), 'b');
    await fs.symlink('a', at('d/l'));
    await fs.chmod(at('d/a'), 0o755);
    await fails(fs.cp(at('d'), at('x')), { code: 'EISDIR' });
    await fs.cp(at('d'), at('x'), { recursive: true });
    await fs.writeFile(at('d/e/f/b'), 'changed');
    equal(await fs.readFile(at('x/e/f/b')), 'b');
    equal((await fs.stat(at('x/a'))).mode & 0o111, 0o111);
    equal((await fs.lstat(at('x/l'))).isSymbolicLink, true);
    equal(await fs.readdir(at('x/empty')), []);
    equal((await fs.readdir(at('x'))).toSorted(), ['a', 'e', 'empty', 'l']);
  });

  run('copies a directory into one that is there, entry by entry', async (fs, at) => {
    await fs.mkdir(at('d/sub'), { recursive: true });
    await fs.writeFile(at('d/sub/a'), 'new');
    await fs.mkdir(at('x/sub'), { recursive: true });
    await fs.writeFile(at('x/sub/a'), 'old');
    await fs.writeFile(at('x/sub/b'), 'kept');
    await fs.cp(at('d'), at('x'), { recursive: true });
    equal([await fs.readFile(at('x/sub/a')), await fs.readFile(at('x/sub/b'))], ['new', 'kept']);
  });

  run('says ENOENT when there is nothing to copy, or nowhere to', async (fs, at) => {
    await fs.writeFile(at('a'), 'x');
    await fails(fs.cp(at('none'), at('b')), { code: 'ENOENT' });
    await fails(fs.cp(at('a'), at('none/b')), { code: 'ENOENT' });
  });
}

function moves(run: Run): void {
  run('moves a file, over another too', async (fs, at) => {
    await fs.writeFile(at('a'), 'new');
    await fs.writeFile(at('b'), 'old');
    await fs.mv(at('a'), at('b'));
    equal(await fs.readdir(at('')), ['b']);
    equal(await fs.readFile(at('b')), 'new');
  });

  run('moves a directory with all below it', async (fs, at) => {
    await fs.mkdir(at('d/e'), { recursive: true });
    await fs.mkdir(at('d/empty'));
    await fs.writeFile(at('d/e/a'), 'x');
    await fs.mkdir(at('to'));
    await fs.mv(at('d'), at('to/moved'));
    equal(await fs.exists(at('d')), false);
    equal(await fs.readFile(at('to/moved/e/a')), 'x');
    equal(await fs.readdir(at('to/moved/empty')), []);
  });

  run('says ENOENT when there is nothing to move, or nowhere to', async (fs, at) => {
    await fs.writeFile(at('a'), 'x');
    await fails(fs.mv(at('none'), at('b')), { code: 'ENOENT' });
    await fails(fs.mv(at('a'), at('none/b')), { code: 'ENOENT' });
    equal(await fs.readFile(at('a')), 'x');
  });

  run('moves a link, not what it leads to', async (fs, at) => {
    await fs.writeFile(at('a'), 'x');
    await fs.symlink('a', at('l'));
    await fs.mv(at('l'), at('m'));
    equal(await fs.readlink(at('m')), 'a');
    equal(await fs.readFile(at('a')), 'x');
  });
}

function links(run: Run): void {
  run('follows a link to a file', async (fs, at) => {
    await fs.writeFile(at('a'), 'x');
    await fs.symlink('a', at('l'));
    equal(await fs.readFile(at('l')), 'x');
    equal(await fs.readlink(at('l')), 'a');
    equal((await fs.stat(at('l'))).isFile, true);
    const own = await fs.lstat(at('l'));
    equal([own.isFile, own.isDirectory, own.isSymbolicLink], [false, false, true]);
  });

  run('follows links through links and directories', async (fs, at) => {
    await fs.mkdir(at('d/e'), { recursive: true });
    await fs.writeFile(at('d/e/a'), 'x');
    await fs.symlink('d', at('one'));
    await fs.symlink('../one/e', at('d/two'));
    equal(await fs.readFile(at('one/two/a')), 'x');
    equal(await fs.readdir(at('d/two')), ['a']);
    equal(await fs.realpath(at('one/two/a')), at('d/e/a'));
  });

  run('follows an absolute link', async (fs, at) => {
    await fs.writeFile(at('a'), 'x');
    await fs.symlink(at('a'), at('l'));
    equal(await fs.readFile(at('l')), 'x');
    equal(await fs.realpath(at('l')), at('a'));
  });

  run('writes through a link', async (fs, at) => {
    await fs.writeFile(at('a'), 'old');
    await fs.symlink('a', at('l'));
    await fs.writeFile(at('l'), 'new');
    equal(await fs.readFile(at('a')), 'new');
    equal((await fs.lstat(at('l'))).isSymbolicLink, true);
  });

  run('takes a link that dangles for what it is', async (fs, at) => {
    await fs.symlink('none', at('l'));
    equal(await fs.exists(at('l')), false);
    await fails(fs.readFile(at('l')), { code: 'ENOENT' });
    await fails(fs.stat(at('l')), { code: 'ENOENT' });
    equal((await fs.lstat(at('l'))).isSymbolicLink, true);
    equal(await fs.readlink(at('l')), 'none');
    await fails(fs.realpath(at('l')), { code: 'ENOENT' });
  });

  run('says ELOOP for links in a circle', async (fs, at) => {
    await fs.symlink('b', at('a'));
    await fs.symlink('a', at('b'));
    await fails(fs.readFile(at('a')), { code: 'ELOOP' });
    await fails(fs.stat(at('a')), { code: 'ELOOP' });
    equal(await fs.exists(at('a')), false);
  });

  run('says EEXIST for a link where something is', async (fs, at) => {
    await fs.writeFile(at('a'), 'x');
    await fails(fs.symlink('b', at('a')), { code: 'EEXIST' });
    equal(await fs.readFile(at('a')), 'x');
  });

  run('says EINVAL for reading a link that is none', async (fs, at) => {
    await fs.writeFile(at('a'), 'x');
    await fs.mkdir(at('d'));
    await fails(fs.readlink(at('a')), { code: 'EINVAL' });
    await fails(fs.readlink(at('d')), { code: 'EINVAL' });
    await fails(fs.readlink(at('none')), { code: 'ENOENT' });
  });
}
