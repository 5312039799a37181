import type { LogMedium } from './medium.ts';

/**
 * What the engines of one device share, where the platform has it: storage that outlives them, locks that end with their holder, and a way to call
 * across to each other. In a browser a device is an origin; engines are its tabs' workers.
 */
export interface Device {
  /** The logs kept under a name. Different names share nothing. @throws JournalError when there is no storage (then the engine goes on in memory) */
  logs(name: string): Promise<LogMedium>;
  readonly locks: Locks;
  /** Opens a channel: each hears what is posted on the others of its name, in whichever engine of the device, and never itself. */
  channel(name: string): Channel;
  /** Asks the platform not to evict what is stored; answers whether it promised that. Never rejects. */
  persist(): Promise<boolean>;
}

/** Exclusive locks by name. A lock is free again when its holder releases it, or ends in whatever way. */
export interface Locks {
  /** Takes the lock if it is free now, else answers `null`. */
  tryHold(name: string): Promise<HeldLock | null>;
  /** Waits for the lock. @throws the signal's reason when it fires first */
  hold(name: string, signal: AbortSignal): Promise<HeldLock>;
  /** Takes the lock whoever has it: the one who had it finds it lost. */
  steal(name: string): Promise<HeldLock>;
}

/** A lock that is held. */
export interface HeldLock {
  /** Fires when the lock was stolen. */
  readonly lost: AbortSignal;
  /** Gives it back; twice is fine. */
  release(): void;
}

/** Messages to the others of the device that have a channel of the same name open; values that survive structured cloning. */
export interface Channel {
  post(message: unknown): void;
  /** Calls `listener` for each message; the answer ends that. */
  listen(listener: (message: unknown) => void): () => void;
  close(): void;
}
