/** A queue of bytes that arrive in chunks and are taken in pieces of another size; copies only what spans chunks. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #offset = 0;
  #length = 0;

  /** Bytes waiting. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Takes the next `count` bytes, or `null` while there are fewer. */
  take(count: number): Uint8Array | null {
    if (count > this.#length) return null;
    const [first] = this.#chunks;
    if (first === undefined) return new Uint8Array(0);
    this.#length -= count;
    if (first.length - this.#offset >= count) return this.#shift(first, count);
    const out = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      const piece = this.#shift(chunk, Math.min(count - filled, chunk.length - this.#offset));
      out.set(piece, filled);
      filled += piece.length;
    }
    return out;
  }

  #shift(chunk: Uint8Array, count: number): Uint8Array {
    const piece = chunk.subarray(this.#offset, this.#offset + count);
    this.#offset += count;
    if (this.#offset === chunk.length) {
      this.#chunks.shift();
      this.#offset = 0;
    }
    return piece;
  }
}
