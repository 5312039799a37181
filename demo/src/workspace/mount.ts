import type { Session } from '../session.ts';
import type { WorkspaceFs } from './client.ts';

/** Mounts the session's repository with the package's client. It is loaded on demand: the page is drawn before. */
export async function mountSession(session: Session): Promise<WorkspaceFs> {
  const { Mesa } = await import('mesafs-web');
  const mesa = new Mesa({ apiKey: session.apiKey, apiUrl: session.apiUrl, org: session.org });
  return mesa.fs.mount({ repos: [{ name: session.repo, bookmark: session.bookmark }] });
}
