import { ByteQueue } from './byte-queue.ts';
import { concatBytes } from './bytes.ts';
import { ApiError } from './errors.ts';
import { LIMITS } from './limits.ts';

/** The content type of a stream of frames. */
export const FRAMES_TYPE = 'application/vnd.mesafs.frames';

/** The kind of a git object. */
export type ObjectKind = 'blob' | 'tree' | 'commit';

/**
 * One part of a body: on the wire `type:u8, length:u32be, payload`. A stream begins with exactly one header and ends with a count of the frames
 * before it, which the codec writes and checks itself: without it a stream was cut off.
 */
export type Frame =
  | { type: 'header'; value: Record<string, unknown> }
  /** One operation: its JSON as UTF-8, kept as bytes since its hash is over them. */
  | { type: 'operation'; payload: Uint8Array }
  | { type: 'object'; kind: ObjectKind; oid: string; bytes: Uint8Array }
  | { type: 'sizes'; sizes: { oid: string; size: number }[] };

const TAG = { header: 0x48, operation: 0x4f, blob: 0x62, tree: 0x74, commit: 0x63, sizes: 0x53, end: 0x5a } as const;
const OBJECT_KINDS: ReadonlyMap<number, ObjectKind> = new Map([
  [TAG.blob, 'blob'],
  [TAG.tree, 'tree'],
  [TAG.commit, 'commit'],
]);
const OID_BYTES = 20;
const SIZE_ROW = OID_BYTES + 8;
const PREFIX = 5;

/** Encodes a whole body: the frames, then the end. */
export function encodeFrames(frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  return concatBytes([...frames.map(encodeFrame), encodeEnd(frames.length)]);
}

/** Encodes one frame, for a body that is written piece by piece; {@link encodeEnd} closes it. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  switch (frame.type) {
    case 'header':
      return pack(TAG.header, new TextEncoder().encode(JSON.stringify(frame.value)));
    case 'operation':
      return pack(TAG.operation, frame.payload);
    case 'object':
      return pack(TAG[frame.kind], oidBytes(frame.oid), frame.bytes);
    case 'sizes':
      return pack(TAG.sizes, sizeRows(frame.sizes));
  }
}

/** Encodes the end of a body of `count` frames. */
export function encodeEnd(count: number): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, count);
  return pack(TAG.end, payload);
}

/**
 * Takes a body apart as its chunks arrive.
 *
 * @example
 * ```ts
 * const reader = new FrameReader();
 * for await (const chunk of body) {
 *   reader.push(chunk);
 *   for (let frame = reader.take(); frame !== null; frame = reader.take()) use(frame);
 * }
 * reader.end();
 * ```
 */
export class FrameReader {
  readonly #queue = new ByteQueue();
  #next: { tag: number; length: number } | null = null;
  #count = 0;
  #ended = false;

  push(chunk: Uint8Array): void {
    if (this.#ended && chunk.length > 0) throw framing('there are bytes after the end frame');
    this.#queue.push(chunk);
  }

  /**
   * The next whole frame, or `null` until more bytes are pushed.
   *
   * @throws ApiError BAD_FRAMING, or PAYLOAD_TOO_LARGE for a frame over the limit
   */
  take(): Frame | null {
    if (this.#ended) {
      if (this.#queue.length > 0) throw framing('there are bytes after the end frame');
      return null;
    }
    this.#next ??= this.#prefix();
    if (this.#next === null) return null;
    const payload = this.#queue.take(this.#next.length);
    if (payload === null) return null;
    const { tag } = this.#next;
    this.#next = null;
    if (tag === TAG.end) {
      this.#end(payload);
      return this.take();
    }
    const frame = decode(tag, payload);
    this.#count += 1;
    return frame;
  }

  /** Says that no more bytes come. @throws ApiError BAD_FRAMING when the body is not whole */
  end(): void {
    if (!this.#ended) throw framing('the body was cut off: its end frame is missing; send it again');
  }

  #prefix(): { tag: number; length: number } | null {
    const bytes = this.#queue.take(PREFIX);
    if (bytes === null) return null;
    const tag = bytes[0] ?? 0;
    const length = new DataView(bytes.buffer, bytes.byteOffset, PREFIX).getUint32(1);
    if (!Object.values<number>(TAG).includes(tag)) throw framing(`frame ${this.#count} has the unknown type 0x${tag.toString(16).padStart(2, '0')}`);
    if ((tag === TAG.header) !== (this.#count === 0)) throw framing('a body has exactly one header frame, and it is the first');
    const limit = tag === TAG.header || tag === TAG.operation ? LIMITS.maxJsonFrameBytes : LIMITS.maxFrameBytes;
    if (length > limit) {
      throw new ApiError('PAYLOAD_TOO_LARGE', `Frame ${this.#count} is ${length} bytes long; the limit is ${limit}.`, { limit, length });
    }
    return { tag, length };
  }

  #end(payload: Uint8Array): void {
    if (payload.length !== 4) throw framing(`the end frame has ${payload.length} bytes instead of 4`);
    const count = new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0);
    if (count !== this.#count) throw framing(`the end frame counts ${count} frames, but ${this.#count} came`);
    this.#ended = true;
  }
}

/** Reads the frames of a body, whole or as it streams in. @throws ApiError as {@link FrameReader} does */
export async function* readFrames(body: ReadableStream<Uint8Array> | Uint8Array): AsyncGenerator<Frame, void, undefined> {
  const frames = new FrameReader();
  if (body instanceof Uint8Array) {
    frames.push(body);
    yield* drain(frames);
  } else {
    const reader = body.getReader();
    try {
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
        frames.push(chunk.value);
        yield* drain(frames);
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }
  frames.end();
}

function* drain(frames: FrameReader): Generator<Frame, void, undefined> {
  for (let frame = frames.take(); frame !== null; frame = frames.take()) yield frame;
}

function decode(tag: number, payload: Uint8Array): Frame {
  const kind = OBJECT_KINDS.get(tag);
  if (kind !== undefined) {
    if (payload.length < OID_BYTES) throw framing(`a ${kind} frame holds ${payload.length} bytes, too few for an oid`);
    return { type: 'object', kind, oid: oidText(payload, 0), bytes: payload.subarray(OID_BYTES) };
  }
  if (tag === TAG.operation) return { type: 'operation', payload };
  if (tag === TAG.sizes) return { type: 'sizes', sizes: readSizes(payload) };
  return { type: 'header', value: headerValue(payload) };
}

function headerValue(payload: Uint8Array): Record<string, unknown> {
  const value = parseJson(payload, 'the header frame');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw framing('the header frame is not a JSON object');
  return value as Record<string, unknown>;
}

/** Parses JSON out of UTF-8 bytes. @throws ApiError BAD_FRAMING naming `what` */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw new ApiError('BAD_FRAMING', `The body cannot be read: ${what} is not JSON in UTF-8.`, undefined, cause);
  }
}

function readSizes(payload: Uint8Array): { oid: string; size: number }[] {
  if (payload.length % SIZE_ROW !== 0) throw framing(`a sizes frame of ${payload.length} bytes does not divide into rows of ${SIZE_ROW}`);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const sizes: { oid: string; size: number }[] = [];
  for (let at = 0; at < payload.length; at += SIZE_ROW) {
    const size = view.getBigUint64(at + OID_BYTES);
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw framing(`a size of ${size} bytes is out of range`);
    sizes.push({ oid: oidText(payload, at), size: Number(size) });
  }
  return sizes;
}

function sizeRows(sizes: readonly { oid: string; size: number }[]): Uint8Array {
  const out = new Uint8Array(sizes.length * SIZE_ROW);
  const view = new DataView(out.buffer);
  sizes.forEach(({ oid, size }, index) => {
    out.set(oidBytes(oid), index * SIZE_ROW);
    view.setBigUint64(index * SIZE_ROW + OID_BYTES, BigInt(size));
  });
  return out;
}

function pack(tag: number, ...payload: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const prefix = new Uint8Array(PREFIX);
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  prefix[0] = tag;
  new DataView(prefix.buffer).setUint32(1, length);
  return concatBytes([prefix, ...payload]);
}

/** The 20 bytes of an oid given as 40 lower-case hex digits. */
export function oidBytes(oid: string): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(OID_BYTES);
  for (let index = 0; index < OID_BYTES; index += 1) out[index] = (nibble(oid.charCodeAt(index * 2)) << 4) | nibble(oid.charCodeAt(index * 2 + 1));
  return out;
}

/** The hex text of the oid at `offset`. */
export function oidText(bytes: Uint8Array, offset: number): string {
  let text = '';
  for (let index = offset; index < offset + OID_BYTES; index += 1) text += HEX[bytes[index] ?? 0];
  return text;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

function framing(problem: string): ApiError {
  return new ApiError('BAD_FRAMING', `The body cannot be read: ${problem}.`);
}
