import { Shell, type ShellManifest } from './shell.ts';

/** Events of a service worker, as far as this one hears them. */
interface ShellEvent extends Event {
  readonly request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(response: Promise<Response>): void;
}

/** The global scope of this service worker. */
interface ShellScope {
  readonly registration: { scope: string };
  readonly clients: { claim(): Promise<void> };
  /** Set by the build, in front of this code. */
  readonly mesafsShell: ShellManifest;
  addEventListener(type: 'install' | 'activate' | 'fetch', listener: (event: ShellEvent) => void): void;
}

const scope = globalThis as unknown as ShellScope;
const shell = new Shell({
  caches,
  fetch: (request, init) => fetch(request, init),
  scope: scope.registration.scope,
  manifest: scope.mesafsShell,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

scope.addEventListener('install', (event) => event.waitUntil(shell.install()));
scope.addEventListener('activate', (event) => event.waitUntil(shell.activate().then(() => scope.clients.claim())));
scope.addEventListener('fetch', (event) => {
  const kind = shell.kindOf(event.request);
  if (kind !== null) event.respondWith(kind === 'page' ? shell.page(event.request) : shell.part(event.request));
});
