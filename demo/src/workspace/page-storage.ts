/** What keeps a person's settings and the session in this browser. */
export type PageStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** The page's storage, or, where the browser refuses it to this page, one that lasts as long as the page. `window.localStorage` itself may throw. */
export function openPageStorage(open: () => PageStorage | null): PageStorage {
  try {
    const storage = open();
    if (storage) return storage;
  } catch {
    // It is as if there were none.
  }
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}
