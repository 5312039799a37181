import { lanes as file } from './generated/lanes.js';

/** Hashes blobs that fit together into one batch: their ids, in their order. */
export interface Lanes {
  /** Whether blobs with slots of so many bytes together fit, being so many. */
  fits(blobs: number, bytes: number): boolean;
  hash(blobs: readonly Uint8Array[]): string[];
}

/** What `crates/lanes` exports. */
interface Exports {
  memory: WebAssembly.Memory;
  slots(): number;
  lengths(): number;
  hash(blobs: number, bytes: number): number;
}

/** Bytes of slots, and blobs, a batch may have: the sizes in `crates/lanes`. */
const SLOTS = 256 * 1024;
const BLOBS = SLOTS / 64;

/** Four lanes of SHA-1 beside the core, or `null` where the engine has no vectors, or compiles nothing that comes at run time (workerd). */
export function openLanes(): Lanes | null {
  const module = compile(Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0)));
  if (module === null) return null;
  const { memory, slots, lengths, hash } = new WebAssembly.Instance(module).exports as unknown as Exports;
  // The memory never grows, so that views of it stay.
  const room = new Uint8Array(memory.buffer, slots(), SLOTS);
  const sizes = new Uint32Array(memory.buffer, lengths(), BLOBS);
  const decoder = new TextDecoder();
  return {
    fits: (blobs, size) => blobs <= BLOBS && size <= SLOTS,
    hash(blobs) {
      let at = 0;
      for (const [index, blob] of blobs.entries()) {
        room.set(blob, at + headerSize(blob.length));
        sizes[index] = blob.length;
        at += slotSize(blob.length);
      }
      const digits = hash(blobs.length, at);
      if (digits === 0) throw new Error('The slots of a batch of blobs are not as long as the lengths say');
      const ids = decoder.decode(new Uint8Array(memory.buffer, digits, blobs.length * 40));
      return blobs.map((_, index) => ids.slice(index * 40, index * 40 + 40));
    },
  };
}

function compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | null {
  try {
    return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  } catch (error) {
    // A page's policy may forbid it too.
    if (error instanceof WebAssembly.CompileError) return null;
    throw error;
  }
}

/** Bytes the slot of a blob of this length has: its header, the blob and SHA-1's padding, in whole blocks. */
export function slotSize(length: number): number {
  return Math.ceil((headerSize(length) + length + 9) / 64) * 64;
}

/** Bytes of `blob <length>\0`. */
function headerSize(length: number): number {
  let digits = 1;
  for (let rest = length; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
  return 6 + digits;
}
