/** Keeps the IDE's own files on this device, so that the page opens without a network. Whoever has no service workers loads it as any page. */
export function registerShell(container: Pick<ServiceWorkerContainer, 'register'> | undefined): void {
  // Where a browser refuses, the page is as good as before, with a network.
  container?.register('./sw.js').catch(() => undefined);
}
