import { ApiError, quote } from '../../src/wire/errors.ts';

/** A name or an IP address, with a port or without one. Anything else means one thing to a reader of headers and another to a reader of URLs. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?$/i;

/**
 * The URL of a request, made of its target and its `Host` header. The header alone says for which host it is: that is what browsers write themselves, and
 * what guards against pages of other sites go by.
 *
 * @throws ApiError INVALID_REQUEST for a host that is none, a target that is none, and one that names another host
 */
export function requestUrl(target: string, host: string): URL {
  if (!HOST.test(host) || !URL.canParse(`http://${host}`)) {
    throw new ApiError('INVALID_REQUEST', `The Host header ${quote(host)} names no host; send one name or address, with a port or without one.`);
  }
  // Put together as texts: "//name/path" resolved against a base would name a host of its own.
  if (target.startsWith('/')) return new URL(`http://${host}${target}`);
  const url = URL.canParse(target) ? new URL(target) : null;
  if (url?.protocol !== 'http:' || url.username !== '' || url.password !== '' || url.host !== new URL(`http://${host}`).host) {
    throw new ApiError('INVALID_REQUEST', `The target ${quote(target)} is no path of the host ${quote(host)}; send one that begins with "/".`);
  }
  return url;
}
