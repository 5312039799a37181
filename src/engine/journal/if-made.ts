import type { LogMedium } from './medium.ts';

/** A medium that others may make at any time, and that looking for it does not make: there is nothing in it until then. */
export function ifMade(medium: LogMedium, exists: () => Promise<boolean>): LogMedium {
  let made = false;
  return {
    durable: medium.durable,
    async names() {
      made ||= await exists();
      return made ? medium.names() : [];
    },
    read: (name) => medium.read(name),
    open: (name) => medium.open(name),
    remove: (name) => medium.remove(name),
    close: () => medium.close(),
  };
}
