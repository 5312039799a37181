import { VIRTUAL_ROOT_CHANGE_ID } from '../../src/base/ids.ts';
import { isWithin } from '../../src/base/paths.ts';
import type { Terms } from '../../src/core/generated/mesa_core.js';
import { sameTerms, termsOf, versionOf } from '../../src/engine/mount/version.ts';
import type { ChangeEvent } from '../../src/wire/events.ts';
import type { WireEdit } from '../../src/wire/operations.ts';
import type { Actor } from './actor.ts';
import { ROOT } from './actor.ts';
import { BEGINNING, idle } from './clock.ts';
import { Content, TREE } from './content.ts';
import type { Held, Version } from './content.ts';
import { checkReads } from './history.ts';
import type { Write } from './ledger.ts';
import { brings, carries, operationsOf, replacementsOf } from './operations.ts';
import type { Replacement, Sent } from './operations.ts';
import type { SimDevice } from './device.ts';
import { atOddsWithItself } from './at-odds.ts';
import { annihilated } from './settlements.ts';
import type { Script } from './script.ts';
import type { Parts } from './world.ts';

/** Checks what came of a run, once it has come to rest. Each finding begins with the promise it breaks. */
export async function check(parts: Parts, script: Script): Promise<string[]> {
  const content = new Content(parts.core, new Map([...parts.made, ...parts.server.objects]));
  try {
    const checker = new Checker(parts, script, content);
    return await checker.check();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('P7')) return [error.message];
    return [`checker: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  } finally {
    content.free();
  }
}

/** Operations say in whole milliseconds when they were made. */
const ROUNDING = 1;

/** An operation that does away with something, and when it was made. */
interface Removal {
  sent: Sent;
  at: number;
  /** It names a file that was made not long before: whoever does that knows of it, read or not. */
  isNamed: boolean;
  /** In the conflict that it replaces the sides cancel: an earlier one, which is looked at by itself, had done away with it. */
  isCancelled: boolean;
}

/** Versions of a file that are looked back at most. */
const MAX_STEPS = 10;

/** How many times 5 s an event may still be on its way. */
const PATIENCE = 12;

class Checker {
  readonly #parts: Parts;
  readonly #content: Content;
  readonly #script: Script;
  readonly #found: string[] = [];
  /** What each change holds at the end, and the tokens in it. */
  readonly #ends = new Map<string, { files: Map<string, Held>; marks: Set<number> }>();
  #operations: Sent[] | null = null;

  constructor(parts: Parts, script: Script, content: Content) {
    this.#parts = parts;
    this.#script = script;
    this.#content = content;
  }

  async check(): Promise<string[]> {
    await this.#readEnds();
    for (const write of this.#parts.ledger.writes.values()) if (write.token > 0) this.#checkWrite(write);
    for (const { token, by, at, version, what } of this.#parts.ledger.claims) {
      const status = this.#parts.ledger.writes.get(token)?.status;
      if (status === 'refused' || status === 'unsure') continue;
      const shown = this.#content.holds(termsOf(version) ?? [null], token);
      if (!shown && !this.#onlyInBase(this.#originOf(token, by), token) && !this.#excused(token, at + ROUNDING, null)) this.#found.push(what);
    }
    // What was refused is saved to another change by others than who made it.
    const elsewhere = this.#ends.size > 1 && !this.#refuses;
    if (elsewhere) for (const write of this.#parts.ledger.writes.values()) if (write.token > 0) this.#checkElsewhere(write);
    this.#checkDeletions();
    this.#found.push(...atOddsWithItself(this.#script, this.#sent, this.#ends));
    this.#found.push(...annihilated(this.#sent, this.#parts.ledger, this.#content));
    for (const actor of this.#parts.actors) await this.#checkActor(actor);
    let left = await this.#leftInJournals();
    // Where it failed to be written that they are answered, it is tried again after a while.
    if (left.length > 0) await this.#parts.clock.run(this.#parts.clock.now() + 6_000, idle);
    if (left.length > 0) left = await this.#leftInJournals();
    this.#found.push(...left);
    this.#found.push(...checkReads(this.#parts, this.#content));
    if (this.#found.length + this.#parts.ledger.violations.length > 0) this.#explain();
    return this.#found;
  }

  /** P7: what is still in a journal and was never answered. */
  async #leftInJournals(): Promise<string[]> {
    const { devices, settle, ledger, owners } = this.#parts;
    // What a tab that closes puts back where all was cleared away is for the next tab that opens.
    const left = (await Promise.all(devices.filter(({ destroyedAt }) => destroyedAt < 0).map((device) => device.left(settle)))).flat();
    return left
      .filter(({ client, operation }) => !ledger.answered.has(`${client}/${operation.seq}`))
      .map(({ client, operation }) => `P7: operation ${operation.seq} of ${owners.get(client) ?? client} is still in its journal`);
  }

  async #readEnds(): Promise<void> {
    const { server, tally, ledger } = this.#parts;
    for (const change of await server.storage.changes('repo_app', server.changes)) {
      const files = this.#content.files(change);
      const marks = new Set<number>();
      for (const [path, { terms }] of files) {
        if (terms.length > 1) tally.add('conflicts at the end');
        for (const [index, term] of terms.entries()) {
          if (term === null) continue;
          if (!server.objects.has(term.oid) && term.mode !== 0o160000)
            this.#found.push(`P4: a term of ${path}, ${term.oid}, is not stored: nobody can read it`);
          const held = this.#content.marksOf(term.oid, term.mode) ?? [];
          if (index % 2 === 0) for (const token of held) marks.add(token);
          const twice = held.find((token, at) => held.indexOf(token) !== at && term.mode !== 0o040000 && !ledger.doubled.has(token));
          if (twice !== undefined && !this.#editsConflicts) this.#found.push(`P3: <${twice}> is twice in one text of ${path}`);
        }
      }
      this.#ends.set(change.id, { files, marks });
    }
  }

  /** Somebody wrote over a conflict: what its sides share may have moved in one of them, and a merge keeps both places. */
  get #editsConflicts(): boolean {
    return this.#sent.some(({ operation }) => operation.kind === 'files' && operation.edits.some((edit) => edit.type === 'write' && edit.was.length > 1));
  }

  /** P2 for deletions: what was deleted, and is not in conflict, is gone from the state that the answer names. */
  #checkDeletions(): void {
    const { ledger } = this.#parts;
    if (!this.#script.steps.some((step) => step.do === 'rm')) return;
    const states = new Map<number, ChangeEvent>();
    for (const { event } of ledger.events) if (event.kind === 'change') states.set(event.seq, JSON.parse(event.data) as ChangeEvent);
    const accepted = this.#sent.filter(({ result }) => result?.ok === true);
    for (const { by, client, operation, result } of accepted) {
      if (operation.kind !== 'files' || result?.ok !== true) continue;
      const state = states.get(result.repoSeq);
      for (const edit of operation.edits) {
        if (state === undefined || edit.type !== 'write' || edit.entry.length !== 1 || edit.entry[0] !== null || edit.was.every((term) => term === null))
          continue;
        // Two who settle a conflict, one by the text and one by its end, are in conflict anew.
        if (edit.was.length > 1 && result.outcome === 'conflicted') continue;
        // What else goes into the same state may put it back, but for what the same client made before.
        const others = accepted.filter(
          (sent) => sent.result?.ok === true && sent.result.repoSeq === result.repoSeq && !(sent.client === client && sent.operation.seq <= operation.seq),
        );
        if (others.length > 0 || operation.edits.length > 1) continue;
        for (const path of this.#stillThere(state, edit.path, edit.was))
          this.#found.push(`P2: ${by} was told that ${path} is deleted, but it is still there at ${result.repoSeq}`);
      }
    }
  }

  /** What of `was`, which stood at a path, is there in a later state as it was; of a directory that only others have written in since, nothing may be. */
  #stillThere(state: Version, path: string, was: Terms): string[] {
    if (this.#content.versionAt(state, path) === versionOf(was)) return [path];
    const [term] = was;
    if (was.length > 1 || term?.mode !== TREE) return [];
    // Texts without tokens may have been written anew.
    const files = [...this.#content.files({ trees: [term.oid], side: null })].filter(([, { terms }]) => this.#content.marks(terms).size > 0);
    return files
      .map(([inner, { version }]) => ({ at: `${path}/${inner}`, version }))
      .flatMap(({ at, version }) => (this.#content.versionAt(state, at) === version ? [at] : []));
  }

  /** P1 to P4: what was acknowledged is there, or somebody who had seen it took it away. */
  #checkWrite(write: Write): void {
    const { token, status, by } = write;
    // Most writes are simply there.
    if (status === 'acked' && this.#ends.size === 1 && [...this.#ends.values()][0]?.marks.has(token) === true) return;
    if (by === 'rest') {
      if (status === 'acked' && !this.#isThere(token, null) && !this.#excused(token, Infinity, null)) this.#lost(write);
      return;
    }
    const origin = this.#originOf(token, by);
    const accepted = origin?.result?.ok === true;
    if (status === 'acked' && !accepted && (this.#deviceOf(by)?.destroyedAt ?? -1) >= write.at) return;
    const actor = this.#parts.actors.find(({ name }) => name === by);
    const device = actor?.parts.device ?? null;
    const early = device !== null && actor?.parts.spec.durability === 'journal';
    if (status === 'acked' && !accepted && early && device.destroyedAt >= write.at) return;
    if (status === 'acked' && !accepted) return void this.#found.push(`P1: ${by} was told that <${token}> is saved, but the backend never accepted it`);
    if (status === 'acked' && !early && origin !== null && origin.answeredAt > write.settledAt)
      this.#found.push(`P1: ${by} was told that <${token}> is saved before it was`);
    if (status === 'refused' && accepted) this.#found.push(`P2: ${by} was told that <${token}> failed (${write.error}), but it took effect`);
    if (!accepted || origin === null) return;
    if (this.#onlyInBase(origin, token)) return;
    const change = origin.result?.ok === true ? origin.result.change : null;
    if (!this.#isThere(token, change) && !this.#excused(token, Infinity, origin)) this.#lost(write);
  }

  /** P4 where a change was begun on what was written: it stays there too, until somebody who had seen it takes it away. */
  #checkElsewhere({ token, by, status }: Write): void {
    const origin = this.#originOf(token, by);
    if (status !== 'acked' || origin?.result?.ok !== true) return;
    const { change } = origin.result;
    for (const { sent, at, isNamed, isCancelled } of this.#removals(token, Infinity, origin)) {
      if (sent.result?.ok !== true || sent.result.change === change || isNamed || isCancelled || this.#hadSeen(sent, token, at)) continue;
      this.#found.push(
        `P4: <${token}> of ${by} was done away with in another change by ${sent.by}'s operation ${sent.operation.seq}, made at ${at - BEGINNING} without having seen it`,
      );
    }
  }

  /** Adds what was sent and what came of it to the trace. */
  #explain(): void {
    const { trace, ledger } = this.#parts;
    if (trace.lines === null) return;
    const show = (terms: Terms): string =>
      terms.map((term) => (term === null ? '0' : `${term.oid.slice(0, 6)}<${this.#content.marksOf(term.oid, term.mode)?.join(' ') ?? '?'}>`)).join(' . ');
    for (const { by, at, operation, result, answeredAt } of this.#sent) {
      const edits = operation.kind === 'files' ? operation.edits : [];
      const shown = edits.map((edit) => {
        if (edit.type === 'write') return `${edit.path}: ${show(edit.was)} → ${show(edit.entry)}`;
        return edit.type === 'rename' ? `${edit.from} → ${edit.to}: ${show(edit.was)}, over ${show(edit.toWas)}` : JSON.stringify(edit);
      });
      const came = result === null ? 'unanswered' : result.ok ? `${result.outcome} as ${result.repoSeq}` : result.error.code;
      trace.lines.push(`op ${by} ${operation.seq} sent ${at - BEGINNING}, at ${answeredAt - BEGINNING} ${came}: ${operation.kind} ${shown.join('; ')}`);
    }
    for (const { at, event } of ledger.events) {
      if (event.kind !== 'change') continue;
      const { trees, side, change } = JSON.parse(event.data) as { trees: string[]; side: string | null; change: string };
      const files = [...this.#content.files({ trees, side })].map(([path, { terms }]) => `${path}: ${show(terms)}`);
      trace.lines.push(`state ${event.seq} at ${at - BEGINNING} of ${change.slice(0, 4)}: ${files.join('; ')}`);
    }
  }

  /** Whether it was written into the base of a conflict only: it goes when that is settled. */
  #onlyInBase(origin: Sent | null, token: number): boolean {
    if (origin?.operation.kind !== 'files') return false;
    return !origin.operation.edits.some((edit) => edit.type === 'write' && this.#content.marks(edit.entry).has(token));
  }

  #lost({ token, by, status }: Write): void {
    const origin = this.#originOf(token, by);
    const removals = this.#removals(token, Infinity, origin).map(
      ({ sent, at }) => `${sent.by}'s operation ${sent.operation.seq}, made at ${at - BEGINNING} without having seen it, did away with it`,
    );
    const accepted = origin === null ? '' : `, accepted at ${origin.answeredAt - BEGINNING},`;
    this.#found.push(
      `P2/P4: <${token}> of ${by} (${status})${accepted} is lost: ${removals.join('; ') || 'it is nowhere at the end, and nobody took it away'}`,
    );
  }

  get #refuses(): boolean {
    return this.#script.steps.some((step) => step.do === 'rights');
  }

  #isThere(token: number, change: string | null): boolean {
    if (change !== null && this.#ends.has(change)) return this.#ends.get(change)?.marks.has(token) === true;
    return [...this.#ends.values()].some(({ marks }) => marks.has(token));
  }

  get #sent(): Sent[] {
    this.#operations ??= operationsOf(this.#parts.ledger, this.#parts.owners, this.#content.objects);
    return this.#operations;
  }

  /** The operation that brought a token in. */
  #originOf(token: number, by: string): Sent | null {
    const brought = this.#sent.filter((sent) => brings(sent, token, this.#content));
    const isAccepted = ({ result }: Sent): boolean => result?.ok === true;
    const own = brought.filter((sent) => sent.by === by);
    // What was refused is saved by whoever has its journal then.
    return own.find(isAccepted) ?? (this.#refuses ? brought.find(isAccepted) : undefined) ?? own[0] ?? null;
  }

  /** Whether somebody who had seen a token took it away before `until`. */
  #excused(token: number, until: number, origin: Sent | null): boolean {
    for (const { removed, status, at } of this.#parts.ledger.writes.values()) {
      if (removed.has(token) && at <= until && (status === 'acked' || status === 'unsure')) return true;
    }
    const seen = ({ sent, at, isNamed }: Removal): boolean => isNamed || this.#hadSeen(sent, token, at);
    // What stands on several sides of a conflict goes when each is done away with: by one who edits a side, and one who takes another.
    return this.#removals(token, until, origin).some(seen) || this.#removals(token, until, origin, true).filter(seen).length > 1;
  }

  /** The operations that did away with a token, or `partly`: of a conflict, on some of its sides. */
  #removals(token: number, until: number, origin: Sent | null, partly = false): Removal[] {
    const isGone = ({ was, entry }: Replacement): boolean => {
      const left = this.#content.weight(entry, token);
      return left <= 0 || (partly && was.length > 1 && left < this.#content.weight(was, token));
    };
    return this.#sent.flatMap((sent) => {
      if (sent === origin || sent.result?.ok === false) return [];
      return replacementsOf(sent)
        .filter((replacement) => replacement.at <= until && this.#content.marks(replacement.was).has(token) && isGone(replacement))
        .map(({ path, was, removed, at }) => ({
          sent,
          at,
          isNamed: removed && was.length === 1 && (this.#isNew(path, was) || this.#removedBefore(sent, path)),
          isCancelled: this.#content.weight(was, token) <= 0,
        }));
    });
  }

  /** Whether who removes a path has removed it before, or moved it away: it came back. */
  #removedBefore({ client, operation }: Sent, path: string): boolean {
    const earlier = this.#sent.filter((sent) => sent.client === client && sent.operation.seq < operation.seq);
    const gone = earlier.flatMap(({ operation: each }) => (each.kind === 'files' ? each.edits.map(goneBy) : []));
    return gone.some((each) => each !== null && isWithin(each, path));
  }

  /** Whether a file as it stands at a path came there by operations that began with nothing. */
  #isNew(path: string, terms: Terms, steps = 0): boolean {
    if (steps > MAX_STEPS) return false;
    // Who writes what is there already makes nothing.
    const changes = this.#sent.flatMap(replacementsOf).filter(({ was, entry }) => !sameTerms(was, entry));
    const made = changes.filter((each) => each.path === path && sameTerms(each.entry, terms));
    // What the backend has merged, or a plain client written, nobody has sent.
    return made.length === 0 || made.some(({ was }) => isNone(was) || this.#isNew(path, was, steps + 1));
  }

  /** Whether who made an operation may take a token for seen: it is its own, it read it or moved it itself, or it had been there for longer than a race lasts. */
  #hadSeen(remover: Sent, token: number, at: number): boolean {
    const { by } = remover;
    const actor = this.#parts.actors.find(({ name }) => name === by);
    if (actor === undefined) return true;
    const write = this.#parts.ledger.writes.get(token);
    if (write === undefined || write.by === by) return true;
    const { raceWindow } = actor.parts.spec;
    if (raceWindow === 0) return true;
    for (const [version, readAt] of actor.read) if (readAt <= at + ROUNDING && this.#content.marks(termsOf(version) ?? [null]).has(token)) return true;
    if (this.#sent.some((sent) => sent.by === by && carries(sent, token, at, remover, this.#content))) return true;
    const near = this.#deviceOf(write.by);
    const shared = write.by === 'rest' || (near !== null && near === this.#deviceOf(by));
    const since = shared ? write.at : (this.#originOf(token, write.by)?.answeredAt ?? write.at);
    if (actor.entered.some((entered) => entered >= since && entered <= at + ROUNDING)) return true;
    return since + raceWindow <= at + ROUNDING;
  }

  #deviceOf(name: string): SimDevice | null {
    return this.#parts.actors.find((actor) => actor.name === name)?.parts.device ?? null;
  }

  /** P5, P6 and P8: a mount shows what the backend has, its bytes too, and its events told of all of it. */
  async #checkActor(actor: Actor): Promise<void> {
    const { clock } = this.#parts;
    if (!actor.isOpen || this.#parts.ledger.violations.some((text) => text.startsWith('P7'))) return;
    let truth = await this.#truthOf(actor);
    const wrong = async (): Promise<string[]> => [...(await this.#toldOtherwise(actor, truth)), ...(await this.#leftBehind(actor))];
    let told = await wrong();
    // What an event is made from may have to be fetched once more: its bookmark may have been followed elsewhere only then.
    for (let round = 0; round < PATIENCE && told.length > 0; round += 1) {
      await clock.run(clock.now() + 5_000, idle);
      truth = await this.#truthOf(actor);
      told = await wrong();
    }
    this.#found.push(...told);
    if (this.#script.seed % 4 === 0) await this.#compareBytes(actor, truth);
  }

  /** What the change holds that a mount looks at. */
  async #truthOf(actor: Actor): Promise<Map<string, Held>> {
    const changeId = await this.#answer(actor.change());
    if (changeId !== VIRTUAL_ROOT_CHANGE_ID && !this.#ends.has(changeId)) this.#found.push(`P5: ${actor.name} looks at ${changeId}, which is not there`);
    return this.#ends.get(changeId)?.files ?? new Map<string, Held>();
  }

  /** Where the copy kept by a mount's events differs from what is there. */
  async #toldOtherwise({ name, shadow }: Actor, truth: Map<string, Held>): Promise<string[]> {
    if (shadow === null) return [];
    await this.#answer(shadow.settled());
    const paths = new Set([...[...truth.keys()].map((inner) => `${ROOT}/${inner}`), ...shadow.files.keys()]);
    return [...paths].flatMap((path) => {
      const told = shadow.files.get(path) ?? 'nothing';
      const held = truth.get(path.slice(ROOT.length + 1))?.version ?? 'nothing';
      return told === held ? [] : [`P8: by the events of ${name} ${path} is ${told}, but it is ${held}`];
    });
  }

  /** Whether a mount that follows a bookmark is elsewhere. */
  async #leftBehind(actor: Actor): Promise<string[]> {
    const { bookmark } = actor.whereabouts;
    if (bookmark === null) return [];
    const change = await this.#answer(actor.change());
    const stands = (await this.#parts.server.storage.bookmark('repo_app', bookmark))?.change;
    return stands === change ? [] : [`P5: ${actor.name} follows ${bookmark}, which stands at ${stands}, and is in ${change}`];
  }

  async #compareBytes(actor: Actor, truth: Map<string, Held>): Promise<void> {
    for (const [inner, { terms, version }] of truth) {
      const [term] = terms;
      if (terms.length > 1 || term === null || term === undefined || (term.mode & 0o170000) !== 0o100000) continue;
      const read = await this.#answer(actor.call('readVersioned', [`${ROOT}/${inner}`]));
      const stored = this.#parts.server.objects.get(term.oid)?.bytes;
      if (read.version !== version || stored === undefined || !Buffer.from(read.bytes).equals(stored)) {
        this.#found.push(`P5: ${actor.name} reads other bytes of ${inner} than the backend has`);
      }
    }
  }

  /** The answer to a call that may need the network. */
  async #answer<T>(asking: Promise<T>): Promise<T> {
    return this.#parts.settle(asking);
  }
}

function isNone(terms: Terms): boolean {
  return terms.length === 1 && terms[0] === null;
}

/** The path at which an edit leaves nothing. */
function goneBy(edit: WireEdit): string | null {
  if (edit.type === 'rename') return edit.from;
  return edit.type === 'write' && isNone(edit.entry) ? edit.path : null;
}
