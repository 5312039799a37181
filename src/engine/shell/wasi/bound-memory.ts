/** Bytes of a page of WebAssembly memory. */
const PAGE = 65_536;
const HEADER = 8;
const MEMORY_SECTION = 5;

/**
 * Gives the memory that a module defines a maximum, so that it can't grow beyond it: an engine has no other way to hold a program to one. The binary format is
 * that of the WebAssembly core specification, "Modules".
 *
 * @param maximum bytes, a multiple of 64 KiB
 * @throws Error when the module is none, needs more from the start, or has a shared or 64-bit memory
 */
export function boundMemory(module: Uint8Array, maximum: number): Uint8Array<ArrayBuffer> {
  if (module.length < HEADER || ![0, 0x61, 0x73, 0x6d].every((byte, index) => module[index] === byte)) throw new Error('it is no WebAssembly module');
  for (let at = HEADER; at < module.length;) {
    const id = module[at];
    const [size, start] = readUnsigned(module, at + 1);
    if (id === MEMORY_SECTION) {
      const section = boundSection(module.subarray(start, start + size), maximum / PAGE);
      const head = [MEMORY_SECTION, ...unsigned(section.length)];
      const bounded = new Uint8Array(at + head.length + section.length + module.length - start - size);
      bounded.set(module.subarray(0, at));
      bounded.set(head, at);
      bounded.set(section, at + head.length);
      bounded.set(module.subarray(start + size), at + head.length + section.length);
      return bounded;
    }
    at = start + size;
  }
  return new Uint8Array(module);
}

/** The memory section with its one memory held to `most` pages. */
function boundSection(section: Uint8Array, most: number): number[] {
  const [count, at] = readUnsigned(section, 0);
  const flags = section[at] ?? 0;
  if (count !== 1 || flags > 1) throw new Error('its memory is shared, 64-bit or more than one; programs with one plain memory can be run');
  const [least, next] = readUnsigned(section, at + 1);
  const declared = flags === 1 ? readUnsigned(section, next)[0] : most;
  if (least > most) throw new Error(`it begins with ${least * PAGE} bytes of memory; it may have ${most * PAGE}`);
  return [1, 1, ...unsigned(least), ...unsigned(Math.min(declared, most))];
}

/** Reads an unsigned LEB128 number: its value, and where what follows begins. */
function readUnsigned(bytes: Uint8Array, from: number): [value: number, next: number] {
  let value = 0;
  for (let at = from, scale = 1; at < bytes.length && at < from + 5; at += 1, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, at + 1];
  }
  throw new Error('it is cut off');
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}
