/** What a build of the IDE consists of, as the build wrote it into the service worker. */
export interface ShellManifest {
  /** Names the build: another one has another. */
  build: string;
  /** Paths below the page's folder, the page itself not among them. */
  files: readonly string[];
  /** The page's own hash, as `integrity` takes it: a server that changed builds meanwhile is noticed. */
  page: string;
}

/** What the shell takes from its surroundings. */
export interface ShellHost {
  caches: Pick<CacheStorage, 'open' | 'keys' | 'delete'>;
  fetch(request: Request | string, init?: RequestInit): Promise<Response>;
  /** The folder of the page, with a slash at its end. */
  scope: string;
  manifest: ShellManifest;
  sleep(ms: number): Promise<void>;
}

/** How long a page may take to come from the network when one is kept here, in milliseconds. */
export const patience = 2_000;

const prefix = 'mesafs-shell-';
/** Builds that are kept while an older one is still open somewhere. */
const kept = 4;

/**
 * The files of the IDE, kept for when there is no network: each build in a cache of its own, whole or not at all. Nothing else is touched: what the IDE
 * shows comes from the filesystem, which keeps what it needs itself.
 */
export class Shell {
  readonly #host: ShellHost;
  readonly #name: string;
  readonly #page: string;

  constructor(host: ShellHost) {
    this.#host = host;
    this.#name = prefix + host.manifest.build;
    this.#page = new URL('index.html', host.scope).href;
  }

  /** Brings this build in. The page goes in last: a cache that has it is whole. */
  async install(): Promise<void> {
    const { caches, manifest, scope } = this.#host;
    const cache = await caches.open(this.#name);
    if (await cache.match(this.#page)) return;
    await cache.addAll(manifest.files.map((path) => new URL(path, scope).href));
    const page = await this.#host.fetch(this.#page, { cache: 'reload', integrity: manifest.page });
    if (!page.ok) throw new Error(`The page answered ${page.status}`);
    await cache.put(this.#page, page);
    for (const name of (await this.#whole()).slice(kept)) await caches.delete(name);
  }

  /** Removes other builds; their last window is closed. One that is being brought in stays. */
  async activate(): Promise<void> {
    for (const name of await this.#whole()) if (name !== this.#name) await this.#host.caches.delete(name);
  }

  /** What a request is to the shell: `null` is none of its business, and goes its way untouched. */
  kindOf({ method, mode, url }: Pick<Request, 'method' | 'mode' | 'url'>): 'page' | 'part' | null {
    const { scope, manifest } = this.#host;
    if (method !== 'GET' || !url.startsWith(scope)) return null;
    const path = url.slice(scope.length).replace(/[?#].*$/, '');
    if (path === '' || path === 'index.html') return mode === 'navigate' ? 'page' : null;
    // Parts of another build carry other hashes in their names: they are this shell's as well.
    return path.startsWith('assets/') || manifest.files.includes(path) ? 'part' : null;
  }

  /** The page: from the network, so that a new build is taken in at once, unless that fails or takes too long. */
  async page(request: Request): Promise<Response> {
    const network = this.#host.fetch(request).then((response) => {
      if (!response.ok) throw new Error(`The page answered ${response.status}`);
      return response;
    });
    const late = this.#host.sleep(patience).then(() => this.#find(this.#page));
    const first = await Promise.race([network.catch(() => this.#find(this.#page)), late]);
    return first ?? network;
  }

  /** A part: from the build that has it. Names carry hashes, so builds never mix. */
  async part(request: Request): Promise<Response> {
    return (await this.#find(request.url)) ?? this.#host.fetch(request);
  }

  async #find(url: string): Promise<Response | undefined> {
    for (const name of await this.#whole()) {
      const response = await (await this.#host.caches.open(name)).match(url);
      if (response) return response;
    }
    return undefined;
  }

  /** The caches that hold a whole build, the latest first. */
  async #whole(): Promise<string[]> {
    const found: string[] = [];
    for (const name of await this.#host.caches.keys()) {
      if (name.startsWith(prefix) && (await (await this.#host.caches.open(name)).match(this.#page))) found.unshift(name);
    }
    return found;
  }
}
