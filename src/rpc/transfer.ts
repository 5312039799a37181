/**
 * Finds the buffers of an answer or of arguments that may be handed over instead of copied: byte arrays that fill their buffer, in the value itself,
 * one level down in an object or array, and in arrays of objects (the sides of a conflict). The giver must not use them afterwards.
 */
export function transferables(value: unknown, depth = 3): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  collect(value, depth, found);
  return [...found];
}

function collect(value: unknown, depth: number, found: Set<ArrayBuffer>): void {
  if (value instanceof Uint8Array) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength && value.byteLength > 0) found.add(value.buffer);
    return;
  }
  if (depth === 0 || typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const part of Array.isArray(value) ? value : Object.values(value)) collect(part, depth - 1, found);
}
