/** When a JWT ends, in milliseconds since the Unix epoch; `undefined` for what is none. It is not verified. */
export function expiryOf(token: string): number | undefined {
  const { exp } = claimsOf(token);
  return typeof exp === 'number' ? exp * 1000 : undefined;
}

/** The issuer and subject of a JWT: enough to keep two logins apart. `null` for what has neither. It is not verified. */
export function issuedTo(token: string): string | null {
  const { iss, sub } = claimsOf(token);
  const parts = [iss, sub].filter((part) => typeof part === 'string');
  return parts.length === 0 ? null : parts.join('/');
}

function claimsOf(token: string): { exp?: unknown; iss?: unknown; sub?: unknown } {
  try {
    return Object(JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))) as object;
  } catch {
    return {};
  }
}
