import { Mesa } from 'mesafs-web';
import { historySource, type HistorySource } from '../history/history-source.ts';
import type { Session } from '../session.ts';
import type { WorkspaceFs } from './client.ts';
import { Mounter } from './mounter.ts';

const mounter = new Mounter((login) => new Mesa(login));

/** Mounts the session's repository with the package's client: at a change, else at the session's bookmark. */
export function mountSession(session: Session, change: string | null): Promise<WorkspaceFs> {
  return mounter.mount(session, change);
}

/** Reads the history of the session's repository, with the same client. */
export function historyOf(session: Session): HistorySource {
  return historySource(mounter.client(session), session);
}
