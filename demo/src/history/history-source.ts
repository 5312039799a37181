import type { Mesa } from 'mesafs-web';
import { decodeBase64 } from './base64.ts';

/** A change as the history shows it. */
export interface Version {
  id: string;
  /** The commit the change is at: another one as soon as anything in it, or below it, is. */
  commit: string;
  message: string;
  author: string;
  /** When it was last written, in milliseconds since the Unix epoch. */
  at: number;
  parents: readonly string[];
  conflicted: boolean;
  /** No file is changed in it. Of a page's versions that is not known, and counts as no. */
  empty: boolean;
}

/** A file that a change changed, against its first parent. Paths are those in the repository: `src/a.ts`. */
export interface FileChange {
  path: string;
  /** What a renamed file was called before. */
  from: string | null;
  status: 'added' | 'modified' | 'deleted' | 'renamed' | 'conflicted';
}

/** What a change did. */
export interface FileChanges {
  files: readonly FileChange[];
  /** There are more than the server lists. */
  truncated: boolean;
}

/** A file as it was in a change. */
export interface FileVersion {
  bytes: Uint8Array;
  kind: 'file' | 'symlink';
  executable: boolean;
  /** The bytes are the conflict with its markers. */
  conflicted: boolean;
}

/** Where the history is read: the server, since a mount holds the present only. */
export interface HistorySource {
  /** The bookmark's changes, the newest first, a page at a time. */
  page(cursor: string | null): Promise<{ versions: Version[]; next: string | null }>;
  version(id: string): Promise<Version>;
  files(version: Version): Promise<FileChanges>;
  /** A file in a change; `null` where there is none. */
  read(path: string, changeId: string): Promise<FileVersion | null>;
}

/** The part of the client that knows the history. */
export interface HistoryClient {
  changes: Pick<Mesa['changes'], 'list' | 'get'>;
  diffs: Pick<Mesa['diffs'], 'get'>;
  content: Pick<Mesa['content'], 'get'>;
}

/** Reads a repository's history by the REST API. */
export function historySource(mesa: HistoryClient, { org, repo, bookmark }: { org: string; repo: string; bookmark: string }): HistorySource {
  const place = { org, repo };
  return {
    async page(cursor) {
      const { changes, next_cursor } = await mesa.changes.list({ ...place, bookmark, limit: 100, ...(cursor === null ? {} : { cursor }) });
      return { versions: changes.map((change) => asVersion(change)), next: next_cursor };
    },
    async version(id) {
      const change = await mesa.changes.get({ ...place, change_id: id });
      return asVersion(change, change.files.length === 0);
    },
    async files({ id, parents }) {
      const diff = await mesa.diffs.get({ ...place, base_change_id: parents[0] ?? 'z'.repeat(32), head_change_id: id });
      const conflicted = diff.conflicted_entries.map(({ path }): FileChange => ({ path, from: null, status: 'conflicted' }));
      const files = diff.entries.map(({ path, old_path, status }): FileChange => ({ path, from: old_path, status }));
      return { files: [...conflicted, ...files].toSorted((a, b) => (a.path < b.path ? -1 : 1)), truncated: diff.truncated };
    },
    async read(path, changeId) {
      try {
        const found = await mesa.content.get({ ...place, path, change_id: changeId });
        if (found.type === 'dir') return null;
        const { type, mode, content, is_conflicted } = found;
        return { bytes: decodeBase64(content), kind: type, executable: mode === '100755', conflicted: is_conflicted === true };
      } catch (error) {
        if (error instanceof Error && 'status' in error && error.status === 404) return null;
        throw error;
      }
    },
  };
}

type Answer = Omit<Awaited<ReturnType<Mesa['changes']['get']>>, 'files' | 'conflicts'>;

function asVersion({ id, current_commit_oid, message, author, updated_at, parents, is_conflicted }: Answer, empty = false): Version {
  return { id, commit: current_commit_oid, message, author: author.name, at: Date.parse(updated_at), parents, conflicted: is_conflicted, empty };
}
