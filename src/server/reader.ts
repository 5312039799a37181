import { VIRTUAL_ROOT_CHANGE_ID } from '../base/ids.ts';
import type { ObjectPool } from '../core/generated/mesa_core.js';
import type { Core } from '../core/load.ts';
import { MissingObjectError, withObjects } from '../core/resolve.ts';
import type { Asker } from './authority/objects.ts';
import type { History } from './authority/ancestry.ts';
import type { Version } from './authority/view.ts';
import { requireVersion, ROOT, unknownBookmark } from './authority/view.ts';
import type { Storage } from './storage/interface.ts';
import type { ChangeRecord, ObjectInfo, RepoRecord } from './storage/records.ts';

/** Reads one repo for one request: its history, and its objects through the core. What is computed along the way is not stored. */
export class RepoReader implements Asker, History, Disposable {
  readonly #storage: Storage;
  readonly #pool: ObjectPool;
  readonly repo: RepoRecord;

  constructor(core: Core, storage: Storage, repo: RepoRecord) {
    this.#storage = storage;
    this.#pool = core.pool();
    this.repo = repo;
  }

  ask<T extends object>(ask: (pool: ObjectPool) => T | { missing: string[] }): Promise<T> {
    return withObjects(this.#pool, (oids) => this.#storage.objects(this.repo.id, oids), ask);
  }

  async change(id: string): Promise<ChangeRecord | null> {
    return (await this.#storage.changes(this.repo.id, [id]))[0] ?? null;
  }

  /** The version of a change, or where the default bookmark stands when none is named. @throws ApiError CHANGE_NOT_FOUND */
  async version(changeId: string | undefined): Promise<Version> {
    if (changeId !== undefined) return requireVersion(this, changeId);
    return this.versionAt(this.repo.defaultBookmark);
  }

  /** The version a bookmark stands at. @throws ApiError BOOKMARK_NOT_FOUND */
  async versionAt(bookmark: string): Promise<Version> {
    const head = await this.#storage.head(this.repo.id, { bookmark });
    if (!head?.bookmark) throw unknownBookmark(bookmark, this.repo.name);
    return head.bookmark.change === VIRTUAL_ROOT_CHANGE_ID ? ROOT : (head.change ?? ROOT);
  }

  /** The content of a blob. */
  async blob(oid: string): Promise<Uint8Array> {
    const [object] = await this.#storage.objects(this.repo.id, [oid]);
    if (object === undefined) throw new MissingObjectError([oid]);
    return object.bytes;
  }

  /** Sizes and kinds by oid. */
  async info(oids: readonly string[]): Promise<Map<string, ObjectInfo>> {
    return new Map((await this.#storage.objectInfo(this.repo.id, oids)).map((info) => [info.oid, info]));
  }

  [Symbol.dispose](): void {
    this.#pool.free();
  }
}
