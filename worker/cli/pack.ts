import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import type { StoredObject } from '../../src/core/resolve.ts';

const TYPES = { commit: 1, tree: 2, blob: 3 } as const;

/** Writes a git pack file, object by object; the count and the checksum are put in at the end. */
export class PackWriter {
  readonly #file: FileHandle;
  readonly #path: string;
  #count = 0;
  #size = 12;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  static async create(path: string): Promise<PackWriter> {
    const file = await open(path, 'w+');
    await file.write(header(0), 0, 12, 0);
    return new PackWriter(file, path);
  }

  /** Objects written so far. */
  get count(): number {
    return this.#count;
  }

  async add({ kind, bytes }: StoredObject): Promise<void> {
    const record = Buffer.concat([entryHeader(TYPES[kind], bytes.length), deflateSync(bytes)]);
    await this.#file.write(record, 0, record.length, this.#size);
    this.#size += record.length;
    this.#count += 1;
  }

  /** Ends the pack and answers its size in bytes. */
  async close(): Promise<number> {
    await this.#file.write(header(this.#count), 0, 12, 0);
    const hash = createHash('sha1');
    for await (const chunk of createReadStream(this.#path)) hash.update(chunk as Buffer);
    await this.#file.write(hash.digest(), 0, 20, this.#size);
    await this.#file.close();
    return this.#size + 20;
  }
}

function header(count: number): Buffer {
  const bytes = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  bytes.writeUInt32BE(count, 8);
  return bytes;
}

/** The type and size of an entry: three bits of type and four of size, then seven bits of size a byte. */
function entryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
    rest = Math.floor(rest / 128);
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}
