import type * as v from 'valibot';
import { concatBytes } from '../wire/bytes.ts';
import { ApiError, quote } from '../wire/errors.ts';
import { LIMITS } from '../wire/limits.ts';
import { validate } from '../wire/validation.ts';

/**
 * Reads a request's body, never more than `limit` bytes of it: one that says it is longer is refused unread, one that turns out to be is let go of
 * where it passes the limit.
 *
 * @throws ApiError PAYLOAD_TOO_LARGE; BAD_FRAMING when its sender goes away in the middle
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > limit) throw await refuse(request, announced, limit);
  // Firefox's requests have no stream.
  const body = 'body' in request ? request.body : (await (request as Request).blob().catch(cutOff)).stream();
  if (body === null) return new Uint8Array(0);
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const read = (): ReturnType<typeof reader.read> => reader.read().catch(cutOff);
  for (let next = await read(); !next.done; next = await read()) {
    length += next.value.length;
    if (length > limit) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(length, limit);
    }
    chunks.push(next.value);
  }
  return concatBytes(chunks);
}

/**
 * Reads a JSON body of a known shape; members it does not know are left out.
 *
 * @throws ApiError INVALID_REQUEST, PAYLOAD_TOO_LARGE
 */
export async function readJson<T>(request: Request, schema: v.GenericSchema<unknown, T>, limit: number = LIMITS.maxControlBytes): Promise<T> {
  const bytes = await readBody(request, limit);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ApiError('INVALID_REQUEST', 'The body is not JSON in UTF-8; send an object with the header "Content-Type: application/json".', undefined, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ApiError('INVALID_REQUEST', `The body is ${quote(value)}; send a JSON object.`);
  return check(value, schema, 'The body');
}

/** Checks a value from outside. @throws ApiError INVALID_REQUEST naming `what`, the place and the value */
export function check<T>(value: unknown, schema: v.GenericSchema<unknown, T>, what: string): T {
  return validate(schema, value, (problem) => new ApiError('INVALID_REQUEST', `${what} is not valid: ${problem}`));
}

async function refuse(request: Request, announced: number, limit: number): Promise<ApiError> {
  await request.body?.cancel().catch(() => undefined);
  return tooLarge(announced, limit);
}

/** What a body that breaks off fails with, whatever the platform calls it. */
function cutOff(cause: unknown): never {
  throw new ApiError('BAD_FRAMING', 'The body was cut off; send it again, whole.', undefined, cause);
}

function tooLarge(length: number, limit: number): ApiError {
  return new ApiError('PAYLOAD_TOO_LARGE', `The body has ${length} bytes or more; the limit is ${limit}. Send it in parts.`, { limit, length });
}
