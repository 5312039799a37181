/** What it takes to mount a repository, and what the address asked to see. */
export interface Session {
  apiUrl: string;
  org: string;
  repo: string;
  bookmark: string;
  apiKey: string;
}

/** What the page's address says beyond the session: `?repo=…&bookmark=…&file=path&name=Ada`, in the query or behind `#`. */
export interface Address {
  repo: string | null;
  bookmark: string | null;
  file: string | null;
  name: string | null;
}

/** Is thrown when the page can't learn where its data lives. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly remedy: string;

  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.remedy = remedy;
  }
}

/** Reads the address; what stands behind `#` wins over the query. */
export function readAddress(href: string): Address {
  const url = new URL(href);
  const hash = new URLSearchParams(url.hash.slice(1));
  const value = (name: string): string | null => hash.get(name) ?? url.searchParams.get(name);
  return { repo: value('repo'), bookmark: value('bookmark'), file: value('file'), name: value('name') };
}

/** The address with another open file; everything else in it stays. */
export function addressWithFile(href: string, file: string | null): string {
  const url = new URL(href);
  const hash = new URLSearchParams(url.hash.slice(1));
  if (hash.has('file')) {
    hash.delete('file');
    url.hash = hash.toString();
  }
  if (file === null) url.searchParams.delete('file');
  else url.searchParams.set('file', file);
  return url.href.replaceAll('%2F', '/');
}

/** Asks the server that serves this page for the session, with what the address overrides. */
export async function fetchSession(href: string, request: (url: string) => Promise<Response>): Promise<Session> {
  const url = new URL('demo/session', href).href;
  let response: Response;
  try {
    response = await request(url);
  } catch (cause) {
    throw new SessionError('The server doesn’t answer.', 'Start it with “npm start”. This page tries again by itself.', cause);
  }
  if (!response.ok) {
    throw new SessionError(
      `The server gave no session: ${response.status} ${response.statusText}`.trim(),
      'Sessions are handed out by the local demo server only; start it with “npm start”.',
    );
  }
  let answer: unknown;
  try {
    answer = await response.json();
  } catch (cause) {
    throw new SessionError(
      'The server’s answer was no session.',
      'This page is probably served by something other than the demo server; start that with “npm start”.',
      cause,
    );
  }
  const address = readAddress(href);
  const field = (name: keyof Session): string => {
    const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined;
    if (typeof value === 'string' && value !== '') return value;
    throw new SessionError(`The session lacks “${name}”.`, 'The page and the server are of different versions; restart the server and reload.');
  };
  return {
    apiUrl: new URL(field('apiUrl'), href).href.replace(/\/$/, ''),
    org: field('org'),
    repo: address.repo ?? field('repo'),
    bookmark: address.bookmark ?? field('bookmark'),
    apiKey: field('apiKey'),
  };
}
