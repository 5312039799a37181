/** What SHA-1 says of some bytes, and whether they show that somebody made them to collide with others. */
export interface Checked {
  /** 40 hexadecimal digits. */
  oid: string;
  attacked: boolean;
}

/**
 * SHA-1 of a header and the bytes after it, that tells attacks: any of the two inputs of a collision made in a known way is found by itself, with
 * the header before it or not at all. It takes 2 to 5 times as long as a platform's own; for whoever takes in objects from anyone.
 */
export type CheckedSha1 = (header: string, bytes: Uint8Array) => Checked;

/** What `crates/checked` exports. */
interface Exports {
  memory: WebAssembly.Memory;
  piece(): number;
  update(bytes: number): number;
  finish(): number;
}

/** Bytes a piece may have: the size in `crates/checked`. */
const PIECE = 256 * 1024;

let loading: Promise<CheckedSha1> | undefined;

/**
 * Opens `checked.wasm`: as a platform compiled it, else, once for the process, the text of it that is brought in now.
 *
 * @throws Error where nothing may be compiled at run time
 */
export async function loadChecked(module?: WebAssembly.Module): Promise<CheckedSha1> {
  if (module !== undefined) return open(module);
  loading ??= load().catch((cause: unknown) => {
    loading = undefined;
    const remedy = 'import mesafs-web/checked.wasm as a module and hand it to createHandler as `checked`';
    throw new Error(`Nothing may be compiled here at run time, so what tells attacks on SHA-1 can't be brought in: ${remedy}`, { cause });
  });
  return loading;
}

async function load(): Promise<CheckedSha1> {
  const { checked } = await import('./generated/checked.js');
  return open(await WebAssembly.compile(Uint8Array.from(atob(checked), (letter) => letter.charCodeAt(0))));
}

function open(module: WebAssembly.Module): CheckedSha1 {
  const { memory, piece, update, finish } = new WebAssembly.Instance(module).exports as unknown as Exports;
  // The memory never grows, so that views of it stay.
  const room = new Uint8Array(memory.buffer, piece(), PIECE);
  const all = new Uint8Array(memory.buffer);
  const encoder = new TextEncoder();
  return (header, bytes) => {
    let used = encoder.encodeInto(header, room).written;
    for (let at = 0; at < bytes.length || used > 0; used = 0) {
      const part = bytes.subarray(at, at + PIECE - used);
      room.set(part, used);
      update(used + part.length);
      at += part.length;
    }
    const at = finish();
    let oid = '';
    for (const byte of all.subarray(at, at + 20)) oid += PAIRS[byte] ?? '';
    return { oid, attacked: all[at + 20] === 1 };
  };
}

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
