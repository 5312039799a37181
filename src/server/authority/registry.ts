import { ApiError } from '../../wire/errors.ts';
import type { RepoRecord } from '../storage/records.ts';
import type { AuthorityOptions } from './authority.ts';
import { Authority } from './authority.ts';

/** Authorities kept at hand, each with the trees it works on; beyond that the one unused longest goes. */
const KEPT = 64;

/** Holds the one authority of each repo, made when first asked for. */
export class Authorities {
  readonly #options: Omit<AuthorityOptions, 'org'>;
  readonly #byRepo = new Map<string, Authority>();
  #closed: ApiError | null = null;

  constructor(options: Omit<AuthorityOptions, 'org'>) {
    this.#options = options;
  }

  /**
   * The authority of a repo.
   *
   * @param org the slug of the repo's org
   * @throws ApiError UNAVAILABLE once closed
   */
  of(repo: RepoRecord, org: string): Authority {
    if (this.#closed !== null) throw this.#closed;
    const known = this.#byRepo.get(repo.id);
    if (known !== undefined) {
      this.#byRepo.delete(repo.id);
      this.#byRepo.set(repo.id, known);
      return known;
    }
    this.#evict();
    const authority = new Authority({ ...this.#options, org }, repo);
    this.#byRepo.set(repo.id, authority);
    return authority;
  }

  /** Lets go of a repo that was deleted. */
  async drop(repo: string): Promise<void> {
    const authority = this.#byRepo.get(repo);
    this.#byRepo.delete(repo);
    await authority?.close(new ApiError('REPO_NOT_FOUND', 'The repo was deleted.'));
  }

  /** Finishes the writes under way and refuses further ones. */
  async close(): Promise<void> {
    const closing = new ApiError('UNAVAILABLE', 'The server is shutting down; try again in a moment.');
    this.#closed = closing;
    await Promise.all([...this.#byRepo.values()].map((authority) => authority.close(closing)));
    this.#byRepo.clear();
  }

  #evict(): void {
    if (this.#byRepo.size < KEPT) return;
    for (const [repo, authority] of this.#byRepo) {
      if (!authority.idle) continue;
      this.#byRepo.delete(repo);
      void authority.close(new ApiError('UNAVAILABLE', 'The repo was set aside; try again.'));
      return;
    }
  }
}
