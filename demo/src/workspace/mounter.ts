import type { FsMountOptions } from 'mesafs-web';
import type { Session } from '../session.ts';
import type { WorkspaceFs } from './client.ts';

/** The client that mounts. */
type Client = { fs: { mount(options: FsMountOptions): Promise<WorkspaceFs> } };
type Login = Pick<Session, 'apiKey' | 'apiUrl' | 'org'>;

/**
 * Mounts sessions with one client as long as the login is the same: a client has a worker, and a start that failed and is tried again should not leave one behind
 * each time.
 */
export class Mounter {
  readonly #connect: (login: Login) => Client;
  #last: { login: Login; client: Client } | null = null;

  constructor(connect: (login: Login) => Client) {
    this.#connect = connect;
  }

  /** Mounts the session's repository: at a change, else at the session's bookmark. */
  async mount(session: Session, change: string | null): Promise<WorkspaceFs> {
    const name = session.repo;
    return this.#client(session).fs.mount({ repos: [change === null ? { name, bookmark: session.bookmark } : { name, changeId: change }] });
  }

  #client({ apiKey, apiUrl, org }: Login): Client {
    const last = this.#last?.login;
    if (this.#last && last?.apiKey === apiKey && last.apiUrl === apiUrl && last.org === org) return this.#last.client;
    const login = { apiKey, apiUrl, org };
    this.#last = { login, client: this.#connect(login) };
    return this.#last.client;
  }
}
