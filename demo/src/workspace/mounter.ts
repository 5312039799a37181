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
export class Mounter<C extends Client> {
  readonly #connect: (login: Login) => C;
  #last: { login: Login; client: C } | null = null;

  constructor(connect: (login: Login) => C) {
    this.#connect = connect;
  }

  /** Mounts the session's repository: at a change, else at the session's bookmark. */
  async mount(session: Session, change: string | null): Promise<WorkspaceFs> {
    const name = session.repo;
    return this.client(session).fs.mount({ repos: [change === null ? { name, bookmark: session.bookmark } : { name, changeId: change }] });
  }

  /** The client that mounts the session's repository. */
  client({ apiKey, apiUrl, org }: Login): C {
    const last = this.#last?.login;
    if (this.#last && last?.apiKey === apiKey && last.apiUrl === apiUrl && last.org === org) return this.#last.client;
    const login = { apiKey, apiUrl, org };
    this.#last = { login, client: this.#connect(login) };
    return this.#last.client;
  }
}
