import type { Core } from '../../src/core/load.ts';
import type { StoredObject } from '../../src/core/resolve.ts';
import { Actor } from './actor.ts';
import { check } from './checker.ts';
import { idle, VirtualClock } from './clock.ts';
import { SimDevice, SOUND } from './device.ts';
import { Ledger } from './ledger.ts';
import { CALM, Link, Network } from './network.ts';
import { takeStrays } from './platform.ts';
import { Random } from './random.ts';
import { checkRefusals, rescue } from './refusals.ts';
import { RestWriter } from './rest-writer.ts';
import type { Script, Step } from './script.ts';
import { SimServer } from './server.ts';
import { Tally, Trace } from './trace.ts';

/** What came of a run. */
export interface Outcome {
  seed: number;
  hash: string;
  violations: string[];
  counts: Record<string, number>;
  trace: string[];
  /** Milliseconds of the run's own time. */
  took: number;
}

/** Milliseconds within which everything has to come to rest once the faults are over. */
const REST_LIMIT = 400_000;
/** Requests it may take for that, for each mount. */
const REST_REQUESTS = 400;
const REST_STEP = 500;
/** Milliseconds within which an event arrives when nothing is wrong. */
const ARRIVAL = 60;
/** Milliseconds within which a call is answered then, about. */
const ANSWER_LIMIT = 200_000;

/** Everything of one run. */
export interface Parts {
  core: Core;
  clock: VirtualClock;
  server: SimServer;
  network: Network;
  ledger: Ledger;
  trace: Trace;
  tally: Tally;
  actors: Actor[];
  links: Link[];
  devices: SimDevice[];
  /** Whose engine made each journal, by client. */
  owners: Map<string, string>;
  rest: RestWriter;
  /** Objects that engines made for themselves. */
  made: Map<string, StoredObject>;
  /** Waits for an answer that may take some of the run's time. */
  settle<T>(asking: Promise<T>): Promise<T>;
}

/** Runs a script to its end and checks what came of it. */
export async function run(core: Core, script: Script, keepTrace = false): Promise<Outcome> {
  const world = await World.make(core, script, keepTrace);
  return world.run();
}

class World {
  readonly #script: Script;
  readonly #parts: Parts;
  /** When the last tab that was frozen goes on. */
  #thawedAt = 0;

  private constructor(script: Script, parts: Parts) {
    this.#script = script;
    this.#parts = parts;
  }

  static async make(core: Core, script: Script, keepTrace: boolean): Promise<World> {
    const { seed } = script;
    const clock = new VirtualClock();
    const trace = new Trace(clock, keepTrace);
    const tally = new Tally();
    const ledger = new Ledger();
    const committed = (batch: Parameters<Ledger['committed']>[1]): void => ledger.committed(clock.now(), batch);
    const server = await SimServer.start({ core, clock, random: new Random(seed, 'server'), trace, tally, committed });
    const sent = (by: string, body: Uint8Array): void => void ledger.sent.push({ by, at: clock.now(), body });
    const network = new Network({ clock, random: new Random(seed, 'network'), trace, tally, server, sent });
    const links = script.mounts.map((_, index) => new Link(network, `m${index}`));
    const through = script.steps.some((step) => step.do === 'symlink');
    const made = new Map<string, StoredObject>();
    const owners = new Map<string, string>();
    const devices = script.mounts.map((_, index) => new SimDevice(clock, new Random(seed, `device ${index}`), tally, owners));
    const storageFails = script.steps.some(({ do: what }) => what === 'device' || what === 'evict' || what === 'destroy');
    const isAlone = (device: number): boolean => device < 0 || script.mounts.filter((other) => other.device === device).length === 1;
    const actors = script.mounts.map(
      ({ device, ...spec }, index) =>
        new Actor({
          name: `m${index}`,
          core,
          clock,
          seed,
          link: links[index] as Link,
          server,
          ledger,
          trace,
          tally,
          spec,
          links: through,
          made,
          device: devices[device] ?? null,
          isAlone: isAlone(device),
          // Who forks begins at the bookmark again.
          keeps: device >= 0 && !storageFails && spec.writes !== 'fork',
          steps: script.steps,
        }),
    );
    const rest = new RestWriter({ clock, seed, core, server, link: new Link(network, 'rest'), ledger, trace });
    const settle = async <T>(asking: Promise<T>): Promise<T> => {
      let settled = false;
      const watch = async (): Promise<void> => {
        await asking.catch(() => undefined);
        settled = true;
      };
      void watch();
      await idle();
      for (let wait = 25; wait < ANSWER_LIMIT && !settled; wait *= 2) await clock.run(clock.now() + wait, idle);
      if (!settled) throw new Error('P7: a call is not answered, without any fault');
      return asking;
    };
    return new World(script, { core, clock, server, network, ledger, trace, tally, actors, links, rest, made, devices, owners, settle });
  }

  async run(): Promise<Outcome> {
    const { clock, ledger, trace, tally, server, actors } = this.#parts;
    const began = clock.now();
    tally.add('runs');
    const opening = Promise.all(actors.map((actor) => actor.open()));
    await clock.run(clock.now() + 60, idle);
    await opening;
    for (const step of this.#script.steps) {
      tally.add('steps');
      tally.add(`step: ${step.do}`);
      trace.add('script', `#${step.id} ${JSON.stringify(step)}`);
      await this.#take(step);
      await clock.run(clock.now() + step.wait, idle);
    }
    const violations = ledger.violations;
    await this.#comeToRest();
    violations.push(...(await check(this.#parts, this.#script)));
    for (const error of server.logged) violations.push(`server: an error nobody expected: ${describe(error)}`);
    const closing = actors.map((actor) => actor.close());
    await clock.run(clock.now() + 1_000, idle);
    await Promise.race([Promise.all(closing), idle()]);
    await server.down('stop');
    for (const error of takeStrays()) violations.push(`engine or server: a rejection that nobody handled: ${describe(error)}`);
    return {
      seed: this.#script.seed,
      hash: trace.hash,
      violations: [...new Set(violations)],
      counts: tally.counts,
      trace: trace.lines ?? [],
      took: clock.now() - began,
    };
  }

  async #take(step: Step): Promise<void> {
    const { network, server, tally, clock, rest } = this.#parts;
    switch (step.do) {
      case 'weather':
        network.weather = step.weather;
        return;
      case 'offline':
      case 'online':
        tally.add(`fault: ${step.do}`);
        this.#link(step.m).online = step.do === 'online';
        if (step.told) this.#actor(step.m).network(step.do === 'online');
        return;
      case 'interrupt':
        tally.add(`fault: stream ${step.how}`, this.#link(step.m).interrupt(step.how));
        return;
      case 'server': {
        await server.down(step.how);
        if (step.lose !== null) await server.compact(step.lose);
        clock.set(() => void server.up(), step.downFor);
        return;
      }
      case 'storage':
        server.storageDelay = step.delay;
        server.storageFaults = step.faults;
        return;
      case 'expire':
        this.#actor(step.m).askFails = step.askFails;
        this.#actor(step.m).expire();
        // The backend ends the streams of a token with it.
        this.#link(step.m).interrupt('cut');
        return;
      case 'renew':
        this.#actor(step.m).askFails = false;
        return;
      case 'rights':
        this.#link(step.m).forbidden = !step.may;
        return;
      case 'close':
        tally.add('mounts closed');
        void this.#actor(step.m).close();
        return;
      case 'open':
        void this.#actor(step.m).open();
        return;
      case 'crash':
        this.#actor(step.m).crash(step.landed);
        return;
      case 'freeze':
        this.#actor(step.m).freeze(step.for);
        this.#thawedAt = Math.max(this.#thawedAt, clock.now() + step.for);
        return;
      case 'device':
        this.#device(step.d).weather = step.weather;
        return;
      case 'evict':
        this.#device(step.d).evict();
        return;
      case 'destroy':
        this.#device(step.d).destroy(clock.now());
        return;
      case 'rest':
        void rest.write(step.id, step.paths, step.r);
        return;
      default:
        void this.#actor(step.m).perform(step);
    }
  }

  /** Ends all faults, and waits until nothing is left to do. */
  async #comeToRest(): Promise<void> {
    const { network, server, clock, links, actors, devices, trace, settle } = this.#parts;
    trace.add('script', 'the faults are over');
    network.weather = CALM;
    server.storageDelay = 0;
    server.storageFaults = 0;
    for (const device of devices) device.weather = SOUND;
    await server.up();
    for (const [index, link] of links.entries()) {
      const actor = this.#actor(index);
      actor.askFails = false;
      link.online = true;
      link.forbidden = false;
      actor.network(true);
    }
    await clock.run(this.#thawedAt, idle);
    for (const actor of actors) if (!actor.isOpen) void actor.open();
    // What was told in the last moment arrives: of a mount that forks it does not show that it is to follow its bookmark elsewhere.
    await clock.run(clock.now() + ARRIVAL, idle);
    await this.#calm();
    const taken = this.#script.steps.some((step) => step.do === 'rights');
    for (const actor of actors) await settle(taken ? rescue(actor) : checkRefusals(actor));
    if (!taken) return;
    await this.#calm();
  }

  /** Waits until nothing is left to do. */
  async #calm(): Promise<void> {
    const { clock, actors, links, ledger } = this.#parts;
    const from = clock.now();
    const requests = links.map((link) => link.requests);
    let wait = 20;
    while (!(await this.#rests())) {
      if (clock.now() - from > REST_LIMIT) {
        ledger.violations.push(`P7: ${await this.#restless()} ${REST_LIMIT / 1000} s after the last fault`);
        break;
      }
      for (const actor of actors) if (!actor.isOpen && actor.busy === 0) void actor.open();
      await clock.run(clock.now() + wait, idle);
      wait = Math.min(REST_STEP, wait * 2);
    }
    for (const [index, link] of links.entries()) {
      const made = link.requests - (requests[index] ?? 0);
      if (made > REST_REQUESTS) ledger.violations.push(`P7: m${index} took ${made} requests to come to rest`);
    }
  }

  async #rests(): Promise<boolean> {
    const { actors, rest, links } = this.#parts;
    if (rest.busy > 0 || links.some(({ active }) => active > 0)) return false;
    if (actors.some((actor) => !actor.isOpen || actor.busy > 0 || actor.status?.pending !== 0 || actor.status.state !== 'live' || actor.shadow?.idle !== true))
      return false;
    const roots = await this.#roots();
    return roots.every(({ shown, stored }) => shown === stored) && links.every(({ active }) => active === 0);
  }

  async #restless(): Promise<string> {
    const { actors, links, rest } = this.#parts;
    const found: string[] = rest.busy > 0 ? ['a REST write'] : [];
    for (const [index, { active }] of links.entries()) if (active > 0) found.push(`m${index} has ${active} requests under way`);
    for (const { name, isOpen, busy, status, shadow } of actors) {
      if (!isOpen) found.push(`${name} is not open`);
      else if (busy > 0) found.push(`${name} has ${busy} calls unanswered`);
      else if (status?.pending !== 0) found.push(`${name} has ${status?.pending ?? '?'} operations pending`);
      else if (status.state !== 'live') found.push(`${name} is ${status.state}`);
      else if (shadow?.idle !== true) found.push(`${name} gets no answer to reads`);
    }
    if (found.length > 0) return found.join(', ');
    const roots = await this.#roots();
    return roots
      .filter(({ shown, stored }) => shown !== stored)
      .map(({ name, shown, stored }) => `(P5) ${name} shows ${shown}, the backend has ${stored}`)
      .join(', ');
  }

  /** The root trees that each mount shows, beside what the backend has for the change it looks at. */
  async #roots(): Promise<{ name: string; shown: string; stored: string }[]> {
    const { actors, settle } = this.#parts;
    const found: { name: string; shown: string; stored: string }[] = [];
    for (const actor of actors) {
      const asking = Promise.all([actor.root(), actor.call('changeCurrent', [{ repo: 'app' }])]);
      const [shown, { changeId }] = await settle(asking).catch((error: unknown) => [String(error), { changeId: '' }] as const);
      found.push({ name: actor.name, shown: `${shown} of ${changeId}`, stored: await this.#expected(actor, changeId) });
    }
    return found;
  }

  /** What a mount has to show: the change its bookmark stands for, unless it has left that. */
  async #expected(actor: Actor, changeId: string): Promise<string> {
    const { server } = this.#parts;
    const follows = !actor.strayed && actor.parts.spec.writes === 'direct';
    const change = follows ? ((await server.storage.bookmark('repo_app', 'main'))?.change ?? '') : changeId;
    return `${await server.rootOf(change)} of ${change}`;
  }

  #actor(index: number): Actor {
    const actor = this.#parts.actors[index];
    if (actor === undefined) throw new Error(`there is no mount ${index}`);
    return actor;
  }

  #device(index: number): SimDevice {
    const device = this.#parts.devices[index];
    if (device === undefined) throw new Error(`there is no device ${index}`);
    return device;
  }

  #link(index: number): Link {
    const link = this.#parts.links[index];
    if (link === undefined) throw new Error(`there is no mount ${index}`);
    return link;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
