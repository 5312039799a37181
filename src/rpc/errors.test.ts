import { expect, test } from 'vitest';
import { FsError } from '../base/errors.ts';
import { MesaApiError } from './api-error.ts';
import { InvalidApiUrlError, InvalidOptionsError, MesaError, MissingCredentialError, OrgResolutionError, remakeMesaError } from './mesa-error.ts';
import { decodeError, encodeError } from './errors.ts';

/** What a value is after it crossed. */
function crossed(error: unknown): unknown {
  return decodeError(structuredClone(encodeError(error)), remakeMesaError);
}

test('an FsError stays one, with its paths and its cause', () => {
  const error = new FsError('ENOENT', 'rename', '/a', { dest: '/b', hint: 'look again', cause: new TypeError('fetch failed') });
  const other = crossed(error);
  expect(other).toBeInstanceOf(FsError);
  expect(other).toMatchObject({ code: 'ENOENT', syscall: 'rename', path: '/a', dest: '/b', message: error.message, stack: error.stack });
  expect((other as FsError).cause).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
});

test('an API error stays one, with status, body and headers', () => {
  const error = MesaApiError.from(409, { error: { code: 'ALREADY_EXISTS', message: 'It is there.' } }, new Headers({ 'Retry-After': '3' }));
  const other = crossed(error) as MesaApiError;
  expect(other).toBeInstanceOf(MesaApiError);
  expect(other).toMatchObject({ status: 409, code: 'ALREADY_EXISTS', message: 'ALREADY_EXISTS: It is there.', body: { error: { code: 'ALREADY_EXISTS' } } });
  expect(other.headers?.get('retry-after')).toBe('3');
});

test('an API error keeps what it came from', () => {
  const error = new MesaApiError('no answer', { status: 0, cause: new TypeError('fetch failed', { cause: new FsError('EIO', 'read', '/a') }) });
  const { cause } = crossed(error) as MesaApiError;
  expect(cause).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
  expect((cause as Error).cause).toBeInstanceOf(FsError);
  expect(crossed(new MesaApiError('no', { status: 404 }))).not.toHaveProperty('cause');
});

test('an error of this package keeps its class, and what it came from', () => {
  const refused = MesaApiError.from(401, { error: { code: 'UNAUTHORIZED', message: 'No.' } });
  const errors = [
    new OrgResolutionError('Unable to resolve caller identity', { cause: refused }),
    new MissingCredentialError(),
    new InvalidApiUrlError('apiUrl', 'ftp://a', { cause: refused }),
    new InvalidOptionsError('ttl_seconds is a whole number'),
    new MesaError('WEBHOOK_VERIFICATION_FAILED', 'no'),
  ];
  for (const error of errors) {
    const other = crossed(error) as MesaError;
    expect(other).toBeInstanceOf(MesaError);
    expect(other).toBeInstanceOf(error.constructor);
    expect(other).toMatchObject({ name: error.name, code: error.code, message: error.message, stack: error.stack });
  }
  expect((crossed(errors[0]) as MesaError).cause).toBeInstanceOf(MesaApiError);
  expect(crossed(errors[1])).not.toHaveProperty('cause');
  // As in the engine, which passes it on to the page.
  const passed = decodeError(structuredClone(encodeError(errors[0])));
  expect([passed instanceof MesaError, crossed(passed) instanceof OrgResolutionError]).toEqual([false, true]);
});

test('any other error keeps its name, code and causes; what is no error stays what it is', () => {
  const error = Object.assign(new RangeError('too far', { cause: 'a text' }), { code: 'FAR' });
  expect(crossed(error)).toMatchObject({ name: 'RangeError', message: 'too far', code: 'FAR', cause: 'a text' });
  expect(crossed({ odd: 1 })).toEqual({ odd: 1 });
  expect(crossed(() => 1)).toBeTypeOf('string');
});

test('an API error is read from every form of body', () => {
  expect(MesaApiError.from(400, { code: 'X', message: 'flat' }).message).toBe('X: flat');
  expect(MesaApiError.from(502, 'Bad Gateway').message).toBe('Bad Gateway');
  expect(MesaApiError.from(500, null).message).toBe('API request failed');
});
