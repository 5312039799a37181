import { NO_LIMIT, SOUND } from './device.ts';
import type { DeviceWeather } from './device.ts';
import { CALM } from './network.ts';
import type { Weather } from './network.ts';
import { Random } from './random.ts';
import { PATHS } from './texts.ts';

/** What somebody does, or what befalls them. `id` names the step in the trace and is the token of what it writes. */
export type Step = { id: number; /** Milliseconds until the next step. */ wait: number } & Deed;

/** `r` decides what is left open, such as which line is edited; `m` is a mount. */
export type Deed =
  | { do: 'put' | 'edit' | 'append' | 'stale' | 'edit-base'; m: number; path: string; r: number }
  | { do: 'read' | 'list'; m: number; path: string }
  | { do: 'rm'; m: number; path: string; recursive: boolean }
  | { do: 'mv' | 'cp'; m: number; path: string; to: string }
  | { do: 'mkdir'; m: number; path: string }
  | { do: 'symlink'; m: number; path: string; to: string }
  | { do: 'chmod'; m: number; path: string; executable: boolean }
  | { do: 'utimes'; m: number; path: string }
  | { do: 'metadata'; m: number; path: string }
  | { do: 'resolve'; m: number; r: number }
  | { do: 'change.new' | 'change.edit' | 'checkpoint' | 'describe'; m: number; r: number }
  | { do: 'bookmark.create' | 'bookmark.move'; m: number; name: string }
  | { do: 'rest'; paths: string[]; r: number; optimistic: boolean }
  | { do: 'weather'; weather: Weather }
  | { do: 'offline'; m: number; told: boolean }
  | { do: 'online'; m: number; told: boolean }
  | { do: 'interrupt'; m: number; how: 'cut' | 'silence' }
  | { do: 'server'; how: 'stop' | 'kill'; downFor: number; lose: 'log' | 'epoch' | null }
  | { do: 'storage'; delay: number; faults: number }
  | { do: 'expire'; m: number; askFails: boolean }
  | { do: 'renew'; m: number }
  | { do: 'rights'; m: number; may: boolean }
  | { do: 'close' | 'open'; m: number }
  | { do: 'crash'; m: number; landed: boolean }
  | { do: 'freeze'; m: number; for: number }
  | { do: 'device'; d: number; weather: DeviceWeather }
  | { do: 'evict' | 'destroy'; d: number };

/** A mount of a run. `device`: where its tabs keep what is not sent; -1 where nothing outlives them. */
export interface MountScript {
  raceWindow: number;
  writes: 'direct' | 'fork';
  durability: 'journal' | 'remote';
  device: number;
}

/** A whole run: steps, and what it begins with. `seed` decides what the steps leave open. */
export interface Script {
  seed: number;
  mounts: MountScript[];
  steps: Step[];
}

/** What a run may hold; each seed has some of it, so that rare things meet often. */
const FEATURES = [
  'weather',
  'offline',
  'streams',
  'server',
  'storage',
  'tokens',
  'reopen',
  'changes',
  'rest',
  'tree',
  'pause',
  'journal',
  'device',
  'freeze',
  'rights',
] as const;
type Feature = (typeof FEATURES)[number];

/** Paths in the directory `d`. */
const INSIDE = PATHS.filter((path) => path.startsWith('d/'));

/** The script of a seed. */
export function scriptOf(seed: number): Script {
  const random = new Random(seed, 'script');
  const share = [SHARE, AIMED, SWARM][seed % 3] ?? SHARE;
  const features = new Set(FEATURES.filter((feature) => random.chance(share[feature])));
  const count = 2 + random.span(2.99);
  const mounts = Array.from({ length: count }, () => ({
    raceWindow: random.pick([0, 1_000, 1_000, 1_000, NO_LIMIT]),
    writes: features.has('changes') && random.chance(0.15) ? ('fork' as const) : ('direct' as const),
    durability: random.chance(0.85) ? ('journal' as const) : ('remote' as const),
    device: features.has('journal') && random.chance(0.9) ? random.below(random.pick(share === SHARE ? [1, 2, count] : [1, 1, 2])) : -1,
  }));
  const paths = shuffled(random, PATHS).slice(0, 1 + random.below(features.has('tree') ? 6 : 3));
  const steps: Step[] = [];
  const add = (deed: Deed, wait: number): void => void steps.push({ ...deed, id: steps.length + 1, wait });
  // Bad weather comes early or on the way: late, little is left that could meet it.
  if (features.has('weather') && random.chance(0.6)) add({ do: 'weather', weather: weatherOf(random) }, 0);
  // Half of the runs begin with something there, the others with a race for the first write.
  if (random.chance(0.5)) add({ do: 'put', m: 0, path: random.pick(paths), r: random.next() }, 100);
  const length = 4 + random.span(26);
  while (steps.length < length) {
    const deed = draw(random, features, mounts.length, paths);
    const bursts = deed.do === 'open' && random.chance(0.5);
    add(deed, bursts ? random.span(12) : waitOf(random, features));
    // A tab opens while others write: what they do meanwhile is on its way to it by several ways.
    for (let edits = bursts ? 2 + random.below(4) : 0; edits > 0; edits -= 1) {
      add({ do: 'edit', m: random.below(mounts.length), path: random.pick(paths), r: random.next() }, random.span(10));
    }
    // A directory is copied, moved or removed by who wrote in it offline, while others write in it, too.
    if (deed.do !== 'offline' || !features.has('tree') || random.chance(0.5)) continue;
    const { m } = deed;
    add({ do: 'put', m, path: random.pick(INSIDE), r: random.next() }, random.span(10));
    const what = random.pick(['cp', 'cp', 'mv', 'rm', 'rm'] as const);
    add(what === 'rm' ? { do: what, m, path: 'd', recursive: true } : { do: what, m, path: 'd', to: random.pick(PATHS) }, random.span(10));
    add({ do: 'put', m: random.below(mounts.length), path: random.pick(INSIDE), r: random.next() }, waitOf(random, features));
  }
  return { seed, mounts, steps: random.chance(SOLO) ? steps.flatMap((step) => alone(step)) : steps };
}

/** The share of runs in which one mount alone writes: whatever is in conflict there is in conflict with itself. */
const SOLO = 0.1;

/** A step of such a run; none where somebody else would write. */
function alone(step: Step): Step[] {
  if (step.do === 'rest') return [];
  if (step.do === 'stale' || step.do === 'edit-base') return [{ ...step, do: 'edit', m: 0 }];
  return 'm' in step && WRITES.has(step.do) ? [{ ...step, m: 0 }] : [step];
}

const WRITES: ReadonlySet<Deed['do']> = new Set(['put', 'edit', 'append', 'rm', 'mv', 'cp', 'mkdir', 'symlink', 'chmod', 'utimes', 'metadata', 'resolve']);

const SHARE: Record<Feature, number> = {
  weather: 0.45,
  offline: 0.25,
  streams: 0.3,
  server: 0.2,
  storage: 0.2,
  tokens: 0.12,
  reopen: 0.2,
  changes: 0.15,
  rest: 0.2,
  tree: 0.4,
  pause: 0.5,
  journal: 0.6,
  device: 0.3,
  freeze: 0.1,
  rights: 0.08,
};

/** One seed in three: half of all there is. */
const SWARM = Object.fromEntries(FEATURES.map((feature) => [feature, feature === 'rights' ? 0.2 : 0.5])) as Record<Feature, number>;

/** One seed in three: tabs of one device that come and go, are offline and make changes. What befalls them all at once is rare by the shares above. */
const AIMED: Record<Feature, number> = { ...SHARE, offline: 0.7, changes: 1, journal: 1, reopen: 0.4 };

function waitOf(random: Random, features: ReadonlySet<Feature>): number {
  if (random.chance(0.35)) return 0;
  // Long enough for a frozen leader to lose its lead while others go on.
  if (features.has('freeze') && random.chance(0.12)) return 8_000 + random.below(10_000);
  if (features.has('pause') && random.chance(0.15)) return 500 + random.below(1_500);
  return random.span(60);
}

function draw(random: Random, features: ReadonlySet<Feature>, mounts: number, paths: readonly string[]): Deed {
  const has = (feature: Feature, weight: number): number => (features.has(feature) ? weight : 0);
  const m = random.below(mounts);
  const path = random.pick(paths);
  const r = random.next();
  const kind = random.weighted({
    edit: 14,
    put: 6,
    append: 4,
    stale: 2,
    'edit-base': 5,
    read: 5,
    list: 1,
    rm: 2 + has('tree', 2),
    mv: 1 + has('tree', 4),
    cp: has('tree', 3),
    mkdir: has('tree', 3),
    symlink: has('tree', 1),
    chmod: 1 + has('tree', 1),
    utimes: has('tree', 1),
    metadata: has('tree', 1),
    resolve: 3,
    change: has('changes', 7),
    bookmark: has('changes', 3),
    rest: has('rest', 5),
    weather: has('weather', 5),
    link: has('offline', 5),
    interrupt: has('streams', 4),
    server: has('server', 3),
    storage: has('storage', 4),
    token: has('tokens', 4),
    reopen: has('reopen', 4),
    crash: features.has('journal') ? has('reopen', 4) + has('device', 2) : 0,
    device: features.has('journal') ? has('device', 6) : 0,
    freeze: has('freeze', 3),
    rights: has('rights', 4),
  });
  const devices = Math.max(1, mounts);
  switch (kind) {
    case 'edit':
    case 'put':
    case 'append':
    case 'stale':
    case 'edit-base':
      return { do: kind, m, path, r };
    case 'read':
    case 'list':
      return { do: kind, m, path };
    case 'rm':
      return { do: 'rm', m, path, recursive: random.chance(0.8) };
    case 'mv':
    case 'cp':
      return { do: kind, m, path: random.chance(0.3) ? 'd' : path, to: random.pick(PATHS) };
    case 'symlink':
      return { do: 'symlink', m, path, to: random.pick(['a', 'd', '../a', 'nowhere']) };
    case 'mkdir':
    case 'utimes':
    case 'metadata':
      return { do: kind, m, path };
    case 'chmod':
      return { do: 'chmod', m, path, executable: random.chance(0.5) };
    case 'resolve':
      return { do: 'resolve', m, r };
    case 'change':
      return { do: random.pick(['change.new', 'change.edit', 'change.edit', 'checkpoint', 'checkpoint', 'describe'] as const), m, r };
    case 'bookmark':
      return { do: random.pick(['bookmark.create', 'bookmark.move'] as const), m, name: random.pick(['main', 'other']) };
    case 'rest':
      return { do: 'rest', paths: shuffled(random, paths).slice(0, 1 + random.below(2)), r, optimistic: random.chance(0.7) };
    case 'weather':
      return { do: 'weather', weather: random.chance(0.3) ? CALM : weatherOf(random) };
    case 'link':
      return { do: random.pick(['offline', 'online', 'online'] as const), m, told: random.chance(0.5) };
    case 'interrupt':
      return { do: 'interrupt', m, how: random.pick(['cut', 'silence'] as const) };
    case 'server':
      return {
        do: 'server',
        how: random.pick(['stop', 'kill'] as const),
        downFor: random.span(3_000),
        lose: random.pick([null, null, 'log', 'epoch'] as const),
      };
    case 'storage':
      return random.chance(0.3) ? { do: 'storage', delay: 0, faults: 0 } : { do: 'storage', delay: random.span(120), faults: random.pick([0, 0, 0.3]) };
    case 'token':
      return random.chance(0.6) ? { do: 'expire', m, askFails: random.chance(0.4) } : { do: 'renew', m };
    case 'crash':
      return { do: 'crash', m, landed: random.chance(0.5) };
    case 'freeze':
      return { do: 'freeze', m, for: random.pick([500, 5_000, 20_000, 40_000]) };
    case 'rights':
      return { do: 'rights', m, may: random.chance(0.5) };
    case 'device':
      return deviceDeed(random, random.below(devices));
    case 'reopen':
      return { do: random.pick(['close', 'open', 'open'] as const), m };
  }
}

function deviceDeed(random: Random, d: number): Deed {
  if (random.chance(0.2)) return { do: 'evict', d };
  if (random.chance(0.05)) return { do: 'destroy', d };
  if (random.chance(0.3)) return { do: 'device', d, weather: SOUND };
  const weather = {
    quota: random.chance(0.3) ? random.below(3_000) : NO_LIMIT,
    failing: random.chance(0.4) ? random.fraction() * 0.6 : 0,
    delay: random.pick([0, 0.2, 5, 60]),
    deaf: random.chance(0.3) ? random.fraction() : 0,
  };
  return { do: 'device', d, weather };
}

function weatherOf(random: Random): Weather {
  const share = (): number => (random.chance(0.5) ? random.fraction() * 0.3 : 0);
  return {
    drop: share(),
    lose: share(),
    duplicate: share(),
    busy: share(),
    cut: share() / 2,
    stranger: share() / 2,
    stall: share() / 2,
    slow: share(),
    latency: random.pick([2, 8, 40, 200]),
  };
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const left = [...list];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random.below(left.length), 1));
  return out;
}
