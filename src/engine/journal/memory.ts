import type { Channel, Device, Locks } from './device.ts';
import type { LogMedium } from './medium.ts';
import { JournalError } from './medium.ts';
import { ChannelTable } from './memory-channels.ts';
import { LockTable } from './memory-locks.ts';
import type { MemoryHost, MemoryWrite, StoredLogs } from './memory-log.ts';
import { MemoryMedium } from './memory-log.ts';

/** How a device in memory behaves. */
export interface MemoryDeviceOptions {
  /** What its logs say of themselves: `true` where a test counts them as storage that outlives an engine. Default `false`. */
  durable?: boolean;
  /** Calls back in a later turn, each in the order given or in one of its choice. Default `queueMicrotask`. */
  schedule?: (callback: () => void) => void;
  /** Bytes that all logs together may have; more is refused with `QUOTA`. Default: no limit. */
  quota?: () => number;
  /** Is asked before each write; an error that it answers is what the write fails with. */
  fault?: (write: MemoryWrite) => JournalError | null;
}

/** A device without a platform: engines of one process that share logs, locks and channels. */
export interface MemoryDevice {
  /** A new engine's access to the device. */
  engine(): EngineDevice;
  /** Destroys what is stored, as a browser may: open logs find themselves `LOST`. */
  destroy(): void;
}

/** The access of one engine to a device in memory. */
export interface EngineDevice extends Device {
  /**
   * Ends the engine as a crash would: its locks are free, its channels closed, and nothing it waits for ever comes. Logs stay with what was
   * acknowledged. A write under way is lost, or it is there, whole, when it has `landed`.
   */
  crash(landed?: boolean): void;
}

/** Makes a device in memory. */
export function memoryDevice(options: MemoryDeviceOptions = {}): MemoryDevice {
  const { durable = false, schedule = (callback) => queueMicrotask(callback), quota = () => Infinity, fault = () => null } = options;
  const shared: Shared = { logs: new Map(), locks: new LockTable(), channels: new ChannelTable() };
  const check = (write: MemoryWrite): void => {
    const error = fault(write);
    if (error !== null) throw error;
    if (write.bytes > quota()) throw new JournalError('QUOTA', `There is no room for ${write.bytes} bytes of logs; ${quota()} are allowed`);
  };
  return {
    engine: () => new MemoryEngineDevice(shared, { durable, schedule, check }),
    destroy: () => shared.logs.clear(),
  };
}

interface Shared {
  logs: Map<string, StoredLogs>;
  locks: LockTable;
  channels: ChannelTable;
}

class MemoryEngineDevice implements EngineDevice, MemoryHost {
  readonly #shared: Shared;
  readonly #schedule: (callback: () => void) => void;
  readonly durable: boolean;
  readonly check: (write: MemoryWrite) => void;
  readonly writing: Set<() => void> = new Set();
  readonly locks: Locks;
  ended = false;

  constructor(shared: Shared, { durable, schedule, check }: Pick<MemoryHost, 'durable' | 'check'> & { schedule: (callback: () => void) => void }) {
    this.#shared = shared;
    this.#schedule = schedule;
    this.durable = durable;
    this.check = check;
    this.locks = shared.locks.of(this);
  }

  async logs(name: string): Promise<LogMedium> {
    return new MemoryMedium(() => logsOf(this.#shared, name), this);
  }

  channel(name: string): Channel {
    return this.#shared.channels.open(name, this);
  }

  async persist(): Promise<boolean> {
    return false;
  }

  later(callback: () => void): void {
    this.#schedule(() => (this.ended ? undefined : callback()));
  }

  crash(landed = false): void {
    if (this.ended) return;
    this.ended = true;
    if (landed) for (const apply of this.writing) apply();
    this.writing.clear();
    for (const logs of this.#shared.logs.values()) for (const log of logs.values()) if (log.writer === this) log.writer = null;
    this.#shared.channels.release(this);
    this.#shared.locks.release(this);
  }
}

function logsOf({ logs }: Shared, name: string): StoredLogs {
  const found = logs.get(name) ?? new Map();
  logs.set(name, found);
  return found;
}
