import { delay } from '../../base/env.ts';
import type { Env } from '../../base/env.ts';
import { MesaApiError } from '../../rpc/api-error.ts';
import type { RepoSpec } from '../../rpc/types.ts';
import type { Head } from '../../wire/events.ts';
import type { Opened } from '../remote/interface.ts';
import { isTransient } from '../sync/backoff.ts';
import type { Backlog } from '../sync/backlog.ts';
import type { Heads, Noted } from './heads.ts';
import type { RepoRemote } from './repo-remote.ts';

/** Milliseconds the server has to answer the first request of a mount that could begin with what is kept here. */
const FIRST_ANSWER = 4_000;

/** What a checkout begins with. `stale`: it is what was kept here, the server could not be reached. */
export interface First extends Opened {
  stale: boolean;
  /** What was kept here, whether it is begun with or not. */
  kept: Head | null;
}

/** Asks where the repo stands; where the server can't be reached it is what is kept here. @throws MesaApiError */
export async function openFirst(remote: RepoRemote, spec: RepoSpec, heads: Heads, backlog: Backlog, env: Env): Promise<First> {
  const { bookmark, change } = spec;
  const noted = await keptHead(spec, heads, backlog);
  const { clients } = backlog.overlay;
  const request = { ...revisionOf(bookmark, change), paths: [], known: [], clients };
  const fresh = ({ accepted, ...opened }: Opened): First => ({
    ...opened,
    accepted: { ...none(clients), ...accepted },
    stale: false,
    kept: noted?.head ?? null,
  });
  if (noted === null) return fresh(await remote.open(request));
  const { head: kept } = noted;
  // Another engine may have noted a later one while the server was waited for, and let go of what is in it.
  const begin = async (): Promise<First> => {
    const { head, holds } = (await keptHead(spec, heads, backlog)) ?? noted;
    return { head, accepted: holds, objects: [], stale: true, kept: head };
  };
  const timeout = new AbortController();
  try {
    const late = delay(env.clock, FIRST_ANSWER, timeout.signal).then(
      () => null,
      () => null,
    );
    const opened = await Promise.race([remote.openOnce(request), late]);
    return opened === null ? await begin() : fresh(opened);
  } catch (error) {
    const unmade = change !== undefined && kept.change !== change;
    if (!isTransient(error) && !(unmade && error instanceof MesaApiError && error.code === 'CHANGE_NOT_FOUND')) throw error;
    return await begin();
  } finally {
    timeout.abort();
  }
}

/** The head to begin with when the server can't be reached; of a change that is not made yet, its parent's. */
async function keptHead({ bookmark, change }: RepoSpec, heads: Heads, backlog: Backlog): Promise<Noted | null> {
  for (let wanted = change; wanted !== undefined;) {
    const creation: { parents: string[] } | null = backlog.overlay.creationOf(wanted);
    if (creation === null) return heads.find({ change: wanted });
    wanted = creation.parents[0];
  }
  return heads.find({ bookmark });
}

/** Clients that were asked about, before anything of them is known to be held. */
export function none(clients: readonly string[]): Record<string, number> {
  return Object.fromEntries(clients.map((client) => [client, 0]));
}

/** How a revision is asked for. */
export function revisionOf(bookmark: string | undefined, change: string | undefined): { bookmark?: string; change?: string } {
  if (bookmark !== undefined) return { bookmark };
  return change === undefined ? {} : { change };
}
