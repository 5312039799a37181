/** What it takes to mount a repository, and what the address asked to see. */
export interface Session {
  apiUrl: string;
  org: string;
  repo: string;
  bookmark: string;
  /** The change to work in instead of the bookmark's. */
  change: string | null;
  apiKey: string;
}

/** What the page's address says beyond the session: `?repo=…&bookmark=…&change=…&file=path&name=Ada`, in the query or behind `#`. */
export interface Address {
  repo: string | null;
  bookmark: string | null;
  change: string | null;
  file: string | null;
  name: string | null;
}

/** Is thrown when the page can't learn where its data lives. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly remedy: string;
  /** It may well work later, without anything being done here. */
  readonly passing: boolean;

  constructor(message: string, remedy: string, { cause, passing = false }: { cause?: unknown; passing?: boolean } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.remedy = remedy;
    this.passing = passing;
  }
}

/** Reads the address; what stands behind `#` wins over the query, and what is empty counts as absent. */
export function readAddress(href: string): Address {
  const url = new URL(href);
  const hash = new URLSearchParams(url.hash.slice(1));
  const value = (name: string): string | null => {
    const text = hash.get(name) ?? url.searchParams.get(name);
    return text === '' ? null : text;
  };
  return { repo: value('repo'), bookmark: value('bookmark'), change: value('change'), file: value('file'), name: value('name') };
}

/** The address with another open file or change; everything else in it stays. */
export function addressWith(href: string, values: { file?: string | null; change?: string | null }): string {
  const url = new URL(href);
  const hash = new URLSearchParams(url.hash.slice(1));
  for (const [name, value] of Object.entries(values)) {
    if (hash.has(name)) {
      hash.delete(name);
      url.hash = hash.toString();
    }
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href.replaceAll('%2F', '/');
}

/** What the server hands out; the address may ask for another repo or bookmark of it. */
type Answer = Pick<Session, 'apiUrl' | 'org' | 'repo' | 'bookmark' | 'apiKey'>;

const fields = ['apiUrl', 'org', 'repo', 'bookmark', 'apiKey'] as const;

/** The session that was last handed out to this page, so that it opens without its server. Kept where only pages of this server read it. */
export class SessionMemory {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage;
  }

  read(): Answer | null {
    try {
      return readAnswer(JSON.parse(this.#storage.getItem('mesafs-ide.session') ?? 'null'));
    } catch {
      return null;
    }
  }

  keep(answer: Answer): void {
    try {
      this.#storage.setItem('mesafs-ide.session', JSON.stringify(answer));
    } catch {
      // A browser that keeps nothing opens the page with a network only.
    }
  }
}

/** How the session was come by. */
export interface OpenedSession {
  session: Session;
  /** It is the one of last time: the server didn't answer. */
  remembered: boolean;
  /** The org and repository that are handed out to those who ask for nothing: `org/repo`. */
  home: string;
}

/** How long the server may take to hand out a session when one is remembered, in milliseconds. */
export const sessionPatience = 2_000;

/** The session: the server's, else the one of last time. `wait` resolves after that many milliseconds. */
export async function openSession(
  href: string,
  request: (url: string) => Promise<Response>,
  memory: SessionMemory,
  wait: (ms: number) => Promise<void>,
): Promise<OpenedSession> {
  const known = memory.read();
  const asked = askSession(href, request);
  try {
    const answer = await (known === null ? asked : Promise.race([asked, wait(sessionPatience).then(() => Promise.reject(unreachable()))]));
    memory.keep(answer);
    return { session: sessionAt(answer, href), remembered: false, home: `${answer.org}/${answer.repo}` };
  } catch (error) {
    asked.catch(() => undefined);
    if (known === null || !(error instanceof SessionError && error.passing)) throw error;
    return { session: sessionAt(known, href), remembered: true, home: `${known.org}/${known.repo}` };
  }
}

/** Asks again, for a page that began with the session of last time: answers whether the server's is another one, or `null` when it can't be reached. */
export async function sessionChanged(
  href: string,
  request: (url: string) => Promise<Response>,
  memory: SessionMemory,
  session: Session,
): Promise<boolean | null> {
  let answer: Answer;
  try {
    answer = await askSession(href, request);
  } catch {
    return null;
  }
  memory.keep(answer);
  const now = sessionAt(answer, href);
  return fields.some((name) => now[name] !== session[name]);
}

/** Asks the server that serves this page. @throws SessionError */
async function askSession(href: string, request: (url: string) => Promise<Response>): Promise<Answer> {
  const url = new URL('demo/session', href).href;
  let response: Response;
  try {
    response = await request(url);
  } catch (cause) {
    throw unreachable(cause);
  }
  if (!response.ok) {
    throw new SessionError(
      `The server gave no session: ${response.status} ${response.statusText}`.trim(),
      'Sessions are handed out by the local demo server only; start it with “npm start”.',
      { passing: response.status >= 500 },
    );
  }
  let answer: unknown;
  try {
    answer = await response.json();
  } catch (cause) {
    throw new SessionError(
      'The server’s answer was no session.',
      'This page is probably served by something other than the demo server; start that with “npm start”.',
      { cause },
    );
  }
  return readAnswer(answer);
}

function unreachable(cause?: unknown): SessionError {
  return new SessionError('The server doesn’t answer.', 'Start it with “npm start”. This page tries again by itself.', { cause, passing: true });
}

/** @throws SessionError naming what is missing */
function readAnswer(answer: unknown): Answer {
  const field = (name: keyof Answer): string => {
    const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined;
    if (typeof value === 'string' && value !== '') return value;
    throw new SessionError(`The session lacks “${name}”.`, 'The page and the server are of different versions; restart the server and reload.');
  };
  return { apiUrl: field('apiUrl'), org: field('org'), repo: field('repo'), bookmark: field('bookmark'), apiKey: field('apiKey') };
}

/** The session with what the address overrides, its address absolute. */
function sessionAt(answer: Answer, href: string): Session {
  const { repo, bookmark, change } = readAddress(href);
  return {
    ...answer,
    apiUrl: new URL(answer.apiUrl, href).href.replace(/\/$/, ''),
    repo: repo ?? answer.repo,
    bookmark: bookmark ?? answer.bookmark,
    change,
  };
}
