import { effect } from '@preact/signals';
import type { Documents } from './documents.ts';
import type { PageStorage } from './page-storage.ts';
import { isWithin } from './paths.ts';

interface Kept {
  paths: string[];
  active: string | null;
}

/** The open files of a repository at a bookmark, kept so that a reload finds them; best where each of the browser’s tabs has its own. */
export class TabMemory {
  readonly #storage: PageStorage;
  readonly #key: string;
  readonly #root: string;

  constructor(storage: PageStorage, { org, repo, bookmark }: { org: string; repo: string; bookmark: string }) {
    this.#storage = storage;
    this.#root = `/${org}/${repo}`;
    this.#key = `mesafs-ide.tabs.${org}/${repo}@${bookmark}`;
  }

  /** Opens the tabs of last time; what is in each is read when it is shown. Answers the one that was shown then. */
  restore(documents: Documents): string | null {
    const { paths, active } = this.#read();
    for (const path of paths) documents.openUnread(path);
    return active !== null && paths.includes(active) ? active : (paths.at(-1) ?? null);
  }

  /** Keeps the tabs from now on. */
  follow(documents: Documents): void {
    let last: string | null = null;
    effect(() => {
      const shown = documents.active.value?.path.value ?? null;
      // A comparison is shown in front of the file that is gone back to.
      last = shown ?? last;
      this.#write({ paths: documents.list.value.map((document) => document.path.value), active: last });
    });
  }

  #read(): Kept {
    try {
      const kept: unknown = JSON.parse(this.#storage.getItem(this.#key) ?? 'null');
      const { paths, active } = kept as { paths: unknown; active: unknown };
      const known = Array.isArray(paths) ? paths.filter((path): path is string => typeof path === 'string' && isWithin(this.#root, path)) : [];
      return { paths: [...new Set(known)], active: typeof active === 'string' ? active : null };
    } catch {
      return { paths: [], active: null };
    }
  }

  #write(kept: Kept): void {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // Without storage a reload finds the file that the address names.
    }
  }
}
