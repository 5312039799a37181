import type { Channel } from './device.ts';

/** A process that listens: it can end at any moment, and then hears and says nothing. */
export interface ChannelOwner {
  readonly ended: boolean;
  /** Calls back in a later turn, unless the process ends before. */
  later(callback: () => void): void;
}

interface Open {
  owner: ChannelOwner;
  listeners: Set<(message: unknown) => void>;
}

/** The channels of a device in memory. What is posted is cloned, and heard in a later turn by those who had the channel open when it was posted. */
export class ChannelTable {
  readonly #open = new Map<string, Set<Open>>();

  /** Opens a channel for a process. */
  open(name: string, owner: ChannelOwner): Channel {
    const all = this.#open.get(name) ?? new Set();
    this.#open.set(name, all);
    const own: Open = { owner, listeners: new Set() };
    all.add(own);
    return {
      post: (message) => {
        if (owner.ended || !all.has(own)) return;
        for (const other of all) if (other !== own) deliver(other, structuredClone(message));
      },
      listen: (listener) => {
        const heard = (message: unknown): void => listener(message);
        own.listeners.add(heard);
        return () => void own.listeners.delete(heard);
      },
      close: () => {
        own.listeners.clear();
        all.delete(own);
      },
    };
  }

  /** Closes what a process had open. */
  release(owner: ChannelOwner): void {
    for (const all of this.#open.values()) for (const open of all) if (open.owner === owner) all.delete(open);
  }
}

function deliver(to: Open, message: unknown): void {
  to.owner.later(() => {
    for (const listener of to.listeners) listener(message);
  });
}
