import { readAddress, type Session } from './session.ts';
import { describeError, type Problem } from './workspace/errors.ts';

/** A place that can be opened instead. */
export interface OtherPlace {
  href: string;
  /** Its org and repository. */
  name: string;
}

/** Is thrown when there is no such place as the address asks for: trying again doesn't help. */
export class PlaceError extends Error {
  override readonly name = 'PlaceError';
  readonly problem: Problem;
  /** What the server hands out to those who ask for nothing. */
  readonly home: OtherPlace;

  constructor(problem: Problem, home: OtherPlace, cause: unknown) {
    super(problem.message, { cause });
    this.problem = problem;
    this.home = home;
  }
}

const asked = 'The address of this page asks for it.';

/** What a failed mount says of the address; the error itself when the address has no part in it, or when it may work later. `home` is `org/repo`. */
export function placeErrorOf(error: unknown, href: string, session: Session, home: string): unknown {
  const { repo, bookmark, change } = readAddress(href);
  if ((repo ?? bookmark ?? change) === null || !isFinal(error)) return error;
  return new PlaceError(problemOf(error, session), { href: withoutPlace(href), name: home }, error);
}

function problemOf(error: unknown, { org, repo, bookmark, change }: Session): Problem {
  const problem = describeError(error);
  if (change !== null && !/^[k-z]{32}$/.test(change)) {
    return {
      ...problem,
      message: `${quote(change)} is not the id of a change`,
      remedy: `${asked} An id has 32 letters from k to z: part of the link may be missing.`,
    };
  }
  switch (problem.code) {
    case 'REPO_NOT_FOUND':
      return {
        ...problem,
        message: `There is no repository ${quote(repo)} in ${org}`,
        remedy: `${asked} It may have another name, or be out of your key’s reach.`,
      };
    case 'CHANGE_NOT_FOUND':
      return {
        ...problem,
        message: `There is no change ${quote(change ?? '')} in ${org}/${repo}`,
        remedy: `${asked} It may have been abandoned, or lie in another repository.`,
      };
    case 'BOOKMARK_NOT_FOUND':
      return { ...problem, message: `There is no bookmark ${quote(bookmark)} in ${org}/${repo}`, remedy: `${asked} It may have been deleted or renamed.` };
    default:
      // `The body is not valid: field: …` says nothing to a person.
      return { ...problem, message: problem.message.replace(/^The \w+ is not valid: /, ''), remedy: problem.remedy ?? asked };
  }
}

/** Whether the same request would be refused again: the API's statuses but those of a login, and of a server that has no time. */
function isFinal(error: unknown): boolean {
  let behind = error;
  for (let depth = 0; depth < 8 && behind instanceof Error; depth += 1) {
    const { status, code } = behind as { status?: unknown; code?: unknown };
    if (typeof status === 'number') return status >= 400 && status < 500 && ![401, 408, 429].includes(status);
    if (typeof code === 'string' && code.startsWith('INVALID_')) return true;
    behind = behind.cause;
  }
  return false;
}

/** The address without what it asks for. */
function withoutPlace(href: string): string {
  const url = new URL(href);
  const hash = new URLSearchParams(url.hash.slice(1));
  for (const name of ['repo', 'bookmark', 'change', 'file']) {
    url.searchParams.delete(name);
    hash.delete(name);
  }
  url.hash = hash.toString();
  return url.href;
}

function quote(name: string): string {
  return `“${name.length > 60 ? `${name.slice(0, 59)}…` : name}”`;
}
