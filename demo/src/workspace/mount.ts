import { Mesa } from 'mesafs-web';
import type { Session } from '../session.ts';
import type { WorkspaceFs } from './client.ts';

/** Mounts the session's repository with the package's client. */
export async function mountSession(session: Session): Promise<WorkspaceFs> {
  const mesa = new Mesa({ apiKey: session.apiKey, apiUrl: session.apiUrl, org: session.org });
  return mesa.fs.mount({ repos: [{ name: session.repo, bookmark: session.bookmark }] });
}
