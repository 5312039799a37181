import { ApiError } from '../../wire/errors.ts';
import type { RepoRecord } from '../storage/records.ts';
import type { AuthorityOptions } from './authority.ts';
import { Authority } from './authority.ts';

/** Authorities kept at hand; the idle ones beyond that go. */
const KEPT = 1_000;

/** Holds the one authority of each repo, made when first asked for. */
export class Authorities {
  readonly #options: Omit<AuthorityOptions, 'org'>;
  readonly #byRepo = new Map<string, Authority>();

  constructor(options: Omit<AuthorityOptions, 'org'>) {
    this.#options = options;
  }

  /** @param org the slug of the repo's org */
  of(repo: RepoRecord, org: string): Authority {
    const known = this.#byRepo.get(repo.id);
    if (known !== undefined) return known;
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
