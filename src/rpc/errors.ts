import { FsError, isFsErrorCode } from '../base/errors.ts';
import { MesaApiError } from './api-error.ts';

/** An error as it crosses the worker's boundary. */
export type WireError =
  | { type: 'fs'; message: string; stack: string | undefined; code: string; syscall: string; path: string; dest: string | undefined; cause: WireError | null }
  | {
      type: 'api';
      message: string;
      stack: string | undefined;
      status: number;
      code: string | undefined;
      body: unknown;
      headers: [string, string][] | null;
      cause: WireError | null;
    }
  | { type: 'error'; name: string; message: string; stack: string | undefined; code: string | undefined; cause: WireError | null }
  | { type: 'value'; value: unknown };

/** Takes an error apart into plain values, keeping what tells it from others: its class, `code`, `path`, `syscall`, and its causes. */
export function encodeError(error: unknown, depth = 0): WireError {
  if (!(error instanceof Error)) return { type: 'value', value: cloneable(error) };
  const { message, stack } = error;
  const cause = error.cause === undefined || depth > 4 ? null : encodeError(error.cause, depth + 1);
  if (error instanceof FsError) {
    return { type: 'fs', message, stack, code: error.code, syscall: error.syscall, path: error.path, dest: error.dest, cause };
  }
  if (error instanceof MesaApiError) {
    const headers = error.headers === undefined ? null : [...error.headers];
    return { type: 'api', message, stack, status: error.status, code: error.code, body: cloneable(error.body), headers, cause };
  }
  const code = (error as { code?: unknown }).code;
  return { type: 'error', name: error.name, message, stack, code: typeof code === 'string' ? code : undefined, cause };
}

/** Makes an error of the class of this name, where it knows one. */
export type RemakeError = (name: string, code: string, message: string, options?: ErrorOptions) => Error | null;

/** Puts an error together again: an `FsError` is an `FsError` on the other side, one of the API is one too, and so is what `remake` knows. */
export function decodeError(wire: WireError, remake: RemakeError = () => null): unknown {
  if (wire.type === 'value') return wire.value;
  const error = rebuild(wire, remake);
  Object.defineProperty(error, 'message', { value: wire.message, configurable: true, writable: true });
  if (wire.stack !== undefined) Object.defineProperty(error, 'stack', { value: wire.stack, configurable: true, writable: true });
  return error;
}

function rebuild(wire: Exclude<WireError, { type: 'value' }>, remake: RemakeError): Error {
  const options = wire.cause === null ? {} : { cause: decodeError(wire.cause, remake) };
  switch (wire.type) {
    case 'fs': {
      const code = isFsErrorCode(wire.code) ? wire.code : 'EIO';
      return new FsError(code, wire.syscall, wire.path, { ...(wire.dest === undefined ? {} : { dest: wire.dest }), ...options });
    }
    case 'api': {
      const headers = wire.headers === null ? undefined : new Headers(wire.headers);
      return new MesaApiError(wire.message, { status: wire.status, code: wire.code, body: wire.body, headers, ...options });
    }
    case 'error': {
      const remade = wire.code === undefined ? null : remake(wire.name, wire.code, wire.message, options);
      if (remade !== null) return remade;
      const error = new Error(wire.message, options);
      Object.defineProperty(error, 'name', { value: wire.name, configurable: true, writable: true });
      return wire.code === undefined ? error : Object.assign(error, { code: wire.code });
    }
  }
}

/** The value where it can be cloned, else its text. */
function cloneable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}
