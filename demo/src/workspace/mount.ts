import { Mesa } from 'mesafs-web';
import type { Session } from '../session.ts';
import type { WorkspaceFs } from './client.ts';

/** Mounts the session's repository with the package's client: at a change, else at the session's bookmark. */
export async function mountSession(session: Session, change: string | null): Promise<WorkspaceFs> {
  const mesa = new Mesa({ apiKey: session.apiKey, apiUrl: session.apiUrl, org: session.org });
  const name = session.repo;
  return mesa.fs.mount({ repos: [change === null ? { name, bookmark: session.bookmark } : { name, changeId: change }] });
}
