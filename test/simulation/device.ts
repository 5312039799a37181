import type { StoredObject } from '../../src/core/resolve.ts';
import type { ObjectCache, OpenDiskCache } from '../../src/engine/cache/interface.ts';
import type { Channel, Device } from '../../src/engine/journal/device.ts';
import type { LogMedium } from '../../src/engine/journal/medium.ts';
import { JournalError } from '../../src/engine/journal/medium.ts';
import type { EngineDevice, MemoryDevice } from '../../src/engine/journal/memory.ts';
import { memoryDevice } from '../../src/engine/journal/memory.ts';
import { replayRecords } from '../../src/engine/journal/records.ts';
import type { JournaledOperation } from '../../src/engine/journal/records.ts';
import type { VirtualClock } from './clock.ts';
import type { Random } from './random.ts';
import type { Tally } from './trace.ts';

/** How a device's storage fares. */
export interface DeviceWeather {
  /** Bytes of logs there is room for. */
  quota: number;
  /** Share of writes that fail. */
  failing: number;
  /** Milliseconds a step of the storage takes at most. */
  delay: number;
  /** Share of messages between its engines that are lost. */
  deaf: number;
}

/** More than a run writes; scripts are JSON, which knows no infinity. */
export const NO_LIMIT = 1e12;

/** Milliseconds in which a cache gathers writes. */
const GATHER = 50;

export const SOUND: DeviceWeather = { quota: NO_LIMIT, failing: 0, delay: 0.2, deaf: 0 };

/** What an engine gets of a device, and how it is ended. */
export interface Access {
  device: Device;
  disk: { open: OpenDiskCache; byDefault: boolean };
  crash(landed: boolean): void;
}

/** Storage, locks and channels that the engines of one browser share. */
export class SimDevice {
  weather: DeviceWeather = SOUND;
  /** Engines have been opened here after the first: what one shows may be another's. */
  isShared = false;
  #engines = 0;
  /** When what was scheduled last falls due. */
  #last = 0;
  /** When what was stored here was destroyed last. */
  destroyedAt = -1;
  readonly #memory: MemoryDevice;
  readonly #caches = new Map<string, Cached>();
  /** Whose engine made each journal. */
  readonly #owners: Map<string, string>;
  readonly #scopes = new Set<string>();
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #tally: Tally;

  constructor(clock: VirtualClock, random: Random, tally: Tally, owners: Map<string, string>) {
    this.#clock = clock;
    this.#random = random;
    this.#tally = tally;
    this.#owners = owners;
    this.#memory = memoryDevice({
      durable: true,
      // In the order given: messages on a channel do not overtake each other.
      schedule: (callback) => {
        this.#last = Math.max(this.#last, clock.now() + random.fraction() * this.weather.delay);
        clock.set(callback, this.#last - clock.now());
      },
      quota: () => this.weather.quota,
      fault: ({ bytes }) => {
        if (bytes > this.weather.quota) tally.add('fault: no room in the journal');
        if (!random.chance(this.weather.failing)) return null;
        tally.add('fault: journal write failed');
        return new JournalError('IO', 'The write failed, as it was told to');
      },
    });
  }

  /** The access of a new engine that belongs to `owner`. */
  access(owner: string): Access {
    this.#engines += 1;
    this.isShared = this.#engines > 1;
    const own = this.#memory.engine();
    const device: Device = {
      locks: own.locks,
      persist: () => own.persist(),
      channel: (name) => this.#lossy(own.channel(name)),
      logs: async (name) => {
        this.#scopes.add(name);
        return this.#watched(await own.logs(name), owner);
      },
    };
    const caches: SimCache[] = [];
    const open: OpenDiskCache = (name) => {
      const cache = new SimCache(this.#cacheOf(name), (callback) => this.#later(callback, GATHER));
      caches.push(cache);
      return cache;
    };
    const crash = (landed: boolean): void => {
      for (const cache of caches) cache.crash();
      own.crash(landed);
    };
    return { device, disk: { open, byDefault: true }, crash };
  }

  #later(callback: () => void, delay: number): void {
    this.#clock.set(callback, this.#random.fraction() * (delay + this.weather.delay));
  }

  /** The cache loses everything. */
  evict(): void {
    this.#tally.add('fault: cache evicted');
    for (const cache of this.#caches.values()) {
      cache.objects.clear();
      cache.notes.clear();
    }
  }

  /** The browser clears all that is stored here. */
  destroy(now: number): void {
    this.#tally.add('fault: storage destroyed');
    this.destroyedAt = now;
    this.#memory.destroy();
    this.evict();
  }

  /** The operations that are still in its journals. */
  async left(settle: <T>(asking: Promise<T>) => Promise<T>): Promise<{ client: string; operation: JournaledOperation }[]> {
    const reader: EngineDevice = this.#memory.engine();
    const found: { client: string; operation: JournaledOperation }[] = [];
    for (const scope of this.#scopes) {
      const medium = await settle(reader.logs(scope));
      for (const client of await settle(medium.names())) {
        const { operations } = replayRecords(await settle(medium.read(client)));
        for (const operation of operations) found.push({ client, operation });
      }
    }
    reader.crash();
    return found;
  }

  #lossy(channel: Channel): Channel {
    return {
      post: (message) => {
        if (!this.#random.chance(this.weather.deaf)) return channel.post(message);
        this.#tally.add('fault: message lost');
      },
      listen: (listener) => channel.listen(listener),
      close: () => channel.close(),
    };
  }

  #watched(medium: LogMedium, owner: string): LogMedium {
    return {
      durable: medium.durable,
      names: () => medium.names(),
      read: (name) => medium.read(name),
      open: (name) => {
        if (!this.#owners.has(name)) this.#owners.set(name, owner);
        return medium.open(name);
      },
      remove: (name) => medium.remove(name),
      close: () => medium.close(),
    };
  }

  #cacheOf(name: string): Cached {
    const known = this.#caches.get(name) ?? { objects: new Map<string, StoredObject>(), notes: new Map<string, unknown>() };
    this.#caches.set(name, known);
    return known;
  }
}

interface Cached {
  objects: Map<string, StoredObject>;
  notes: Map<string, unknown>;
}

/** What waits to be written: of notes, what is made of those that are stored. */
interface Waiting {
  objects: Map<string, StoredObject>;
  notes: Map<string, (stored: unknown) => unknown>;
}

/** A cache that outlives engines, until it is evicted. What waits to be written is lost with its engine. */
class SimCache implements ObjectCache {
  readonly #cached: Cached;
  readonly #later: (callback: () => void) => void;
  #waiting: Waiting = { objects: new Map(), notes: new Map() };
  #writing: Promise<boolean> | null = null;
  #ended = false;

  constructor(cached: Cached, later: (callback: () => void) => void) {
    this.#cached = cached;
    this.#later = later;
  }

  async get(oids: readonly string[]): Promise<StoredObject[]> {
    return oids.flatMap((oid) => this.#waiting.objects.get(oid) ?? this.#cached.objects.get(oid) ?? []);
  }

  put(objects: readonly StoredObject[]): void {
    for (const object of objects) this.#waiting.objects.set(object.oid, { ...object, bytes: object.bytes.slice() });
    void this.flush();
  }

  async retain(): Promise<boolean> {
    return true;
  }

  async lacking(oids: readonly string[]): Promise<string[]> {
    return oids.filter((oid) => !this.#cached.objects.has(oid));
  }

  async retained(): Promise<string[]> {
    return [];
  }

  async recover(): Promise<void> {}

  note(key: string, over: (stored: unknown) => unknown): void {
    const before = this.#waiting.notes.get(key);
    this.#waiting.notes.set(key, before === undefined ? over : (stored) => over(before(stored)));
    void this.flush();
  }

  async noted(key: string): Promise<unknown> {
    const stored = structuredClone(this.#cached.notes.get(key));
    const over = this.#waiting.notes.get(key);
    return over === undefined ? stored : structuredClone(over(stored));
  }

  flush(): Promise<boolean> {
    this.#writing ??= new Promise((resolve) => {
      this.#later(() => {
        if (this.#ended) return;
        this.#writing = null;
        for (const [oid, object] of this.#waiting.objects) this.#cached.objects.set(oid, object);
        for (const [key, over] of this.#waiting.notes) this.#cached.notes.set(key, structuredClone(over(structuredClone(this.#cached.notes.get(key)))));
        this.#waiting = { objects: new Map(), notes: new Map() };
        resolve(true);
      });
    });
    return this.#writing;
  }

  crash(): void {
    this.#ended = true;
  }

  async shrink(): Promise<void> {
    const { objects } = this.#cached;
    for (const oid of [...objects.keys()].slice(0, objects.size >> 1)) objects.delete(oid);
  }

  async clear(): Promise<void> {
    this.#waiting = { objects: new Map(), notes: new Map() };
    this.#cached.objects.clear();
    this.#cached.notes.clear();
  }

  async close(): Promise<void> {
    await this.flush();
  }
}
