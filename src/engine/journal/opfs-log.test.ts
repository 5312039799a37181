import { expect, test } from 'vitest';
import { OpfsMedium } from './opfs.ts';

/** Files in memory, as a browser keeps those of an origin; `fate` may throw. */
function directory(fate: (call: string, file: string) => void): FileSystemDirectoryHandle {
  const files = new Map<string, Uint8Array>();
  const bytesOf = (name: string): Uint8Array => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new DOMException('missing', 'NotFoundError');
    return bytes;
  };
  const resize = (name: string, size: number): Uint8Array => {
    const bytes = new Uint8Array(size);
    bytes.set(bytesOf(name).subarray(0, size));
    files.set(name, bytes);
    return bytes;
  };
  const handle = (name: string): object => ({
    getSize: () => bytesOf(name).length,
    read: (into: Uint8Array, { at }: { at: number }) => {
      const found = bytesOf(name).subarray(at, at + into.length);
      into.set(found);
      return found.length;
    },
    write: (bytes: Uint8Array, { at }: { at: number }) => {
      fate('write', name);
      resize(name, Math.max(bytesOf(name).length, at + bytes.length)).set(bytes, at);
      return bytes.length;
    },
    truncate: (size: number) => void resize(name, size),
    flush: () => fate('flush', name),
    close: () => fate('close', name),
  });
  const made = {
    async *keys() {
      yield* [...files.keys()];
    },
    getFileHandle: async (name: string, { create = false } = {}) => {
      if (create && !files.has(name)) files.set(name, new Uint8Array(0));
      bytesOf(name);
      return { getFile: async () => new Blob([bytesOf(name).slice()]), createSyncAccessHandle: async () => handle(name) };
    },
    removeEntry: async (name: string) => {
      fate('removeEntry', name);
      bytesOf(name);
      files.delete(name);
    },
  };
  return made as unknown as FileSystemDirectoryHandle;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([['flush', 'removeEntry'], ['flush', 'close'], ['flush']])(
  'a log that could not be written anew, since %s and %s failed, hides nothing that is appended later',
  async (...calls) => {
    const failing = new Set<string>();
    const root = directory((call, file) => {
      if (file === 'one.1' && failing.has(call)) throw new DOMException('planned', 'UnknownError');
    });
    const log = await new OpfsMedium(async () => root).open('one');
    await log.append([bytes('a')]);
    for (const call of calls) failing.add(call);
    await expect(log.rewrite([bytes('a')])).rejects.toThrow();
    // What is left there has to go first.
    if (failing.has('removeEntry')) await expect(log.append([bytes('not kept')])).rejects.toThrow();
    failing.clear();
    await log.append([bytes('b')]);
    const found = await new OpfsMedium(async () => root).read('one');
    expect(found.map((record) => new TextDecoder().decode(record))).toEqual(['a', 'b']);
  },
);
