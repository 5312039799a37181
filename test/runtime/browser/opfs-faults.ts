import type { Log } from '../../../src/engine/journal/medium.ts';
import { JournalError } from '../../../src/engine/journal/medium.ts';
import { encodeGroup } from '../../../src/engine/journal/opfs-groups.ts';
import { openSync } from '../../../src/engine/journal/opfs-handle.ts';
import { OpfsMedium } from '../../../src/engine/journal/opfs.ts';
import type { TestFunction } from '../../contract/assert.ts';
import { equal, ok } from '../../contract/assert.ts';
import { bytes, failsWith, text } from '../../contract/log-medium.ts';
import type { FileFate } from '../../simulation/faulty-opfs.ts';
import { FaultyDirectory } from '../../simulation/faulty-opfs.ts';

/** What of a log in the origin's private file system survives what: cut-off files, half-done rewrites, calls that fail, tabs that end. */
export function opfsFaultSuite(test: TestFunction): void {
  fileTests(test);
  faultTests(test);
}

function fileTests(test: TestFunction): void {
  test('a file that was cut off anywhere is read up to its last whole group, and goes on from there', async () => {
    const directory = await newDirectory();
    const groups = [['a'], ['b1', 'b2'], ['c1', '', 'c3']];
    const encoded = groups.map((group, index) => encodeGroup(0, index, group.map(bytes)));
    const [first = 0, second = 0, whole = 0] = encoded.map((_, index) => encoded.slice(0, index + 1).reduce((sum, each) => sum + each.length, 0));
    const file = await new Blob(encoded).bytes();
    for (let length = 0; length <= whole; length += 1) {
      await put(directory, 'one.0', file.subarray(0, length));
      const medium = new OpfsMedium(async () => directory);
      const left = groups.slice(0, [first, second, whole].filter((end) => end <= length).length).flat();
      equal(text(await medium.read('one')), left, `read, cut off at ${length}`);
      const log = await medium.open('one');
      await log.append([bytes('more')]);
      await log.close();
      equal(text(await medium.read('one')), [...left, 'more'], `appended to, cut off at ${length}`);
    }
  });

  test('a rewrite that was cut off anywhere leaves the old or the new, and nothing else', async () => {
    const old = encodeGroup(1, 0, [bytes('old')]);
    const next = encodeGroup(2, 0, [bytes('n1'), bytes('n2')]);
    const states: { files: Record<string, Uint8Array<ArrayBuffer>>; left: string[] }[] = Array.from({ length: next.length }, (_, length) => ({
      files: { 'one.1': old, 'one.2': next.subarray(0, length) },
      left: ['old'],
    }));
    states.push({ files: { 'one.1': old, 'one.2': next }, left: ['n1', 'n2'] }, { files: { 'one.2': next }, left: ['n1', 'n2'] });
    for (const [index, { files, left }] of states.entries()) {
      const directory = await newDirectory();
      const fill = async (): Promise<void> => {
        for (const [name, content] of Object.entries(files)) await put(directory, name, content);
      };
      await fill();
      const medium = new OpfsMedium(async () => directory);
      equal([await medium.names(), text(await medium.read('one'))], [['one'], left], `state ${index}`);
      await (await medium.open('one')).close();
      equal((await namesOf(directory)).length, 1, `state ${index}: what a crash left is cleared out`);
      equal(text(await medium.read('one')), left, `state ${index}, opened`);
      const log = await medium.open('one');
      await log.rewrite([bytes('again')]);
      await log.close();
      equal(text(await medium.read('one')), ['again'], `state ${index}, rewritten`);
      await fill();
      await medium.remove('one');
      equal(await namesOf(directory), [], `state ${index}, removed`);
    }
  });

  test('what was whole once and is not is told, and not thrown away', async () => {
    const directory = await newDirectory();
    const [a, b] = [encodeGroup(0, 0, [bytes('a')]), encodeGroup(0, 1, [bytes('b')])];
    const changed = a.slice();
    changed[changed.length - 1] = 0;
    const cases: Record<string, Uint8Array<ArrayBuffer>> = { 'one.0': await new Blob([changed, b]).bytes(), 'one.1': b };
    for (const [file, content] of Object.entries(cases)) {
      await put(directory, file, content);
      const medium = new OpfsMedium(async () => directory);
      await failsWith(medium.read('one'), 'DAMAGED');
      await failsWith(medium.open('one'), 'DAMAGED');
      equal(await namesOf(directory), [file]);
      await directory.removeEntry(file);
    }
  });
}

function faultTests(test: TestFunction): void {
  test('a tab that ends at any call leaves what was acknowledged, and nothing torn', async () => {
    const calls = await callsOf();
    for (const fate of ['die', 'die-in'] as const) {
      for (let index = 0; index < calls; index += 1) {
        const under = await newDirectory();
        const told = await use(new FaultyDirectory(under, (call) => (call === index ? fate : 'done')));
        await check(told, under, `${fate} at call ${index}`);
      }
    }
  });

  test('a call that fails once costs nothing that was acknowledged, and what was refused is not there', async () => {
    const calls = await callsOf();
    for (let index = 0; index < calls; index += 1) {
      const under = await newDirectory();
      const seen: string[] = [];
      const told = await use(
        new FaultyDirectory(under, (call, name) => {
          seen[call] = name;
          return call === index ? 'fail' : 'done';
        }),
      );
      await check(told, under, `failing ${seen[index]} at call ${index}`);
      equal(told.open, [], `call ${index}`);
      const appends = told.refused.filter((group) => group !== 'R');
      if (['write', 'flush'].includes(seen[index] ?? '')) equal(appends, [], `${seen[index]} at call ${index} is tried again`);
    }
  });

  test('no room, or nothing that works, from any call on: nothing torn, and what was acknowledged is there', async () => {
    const calls = await callsOf();
    for (const fate of ['full', 'fail'] as const) {
      for (let from = 0; from < calls; from += 1) {
        const under = await newDirectory();
        const fates = (call: number, name: string): FileFate =>
          call >= from && (fate === 'fail' || ['write', 'createSyncAccessHandle'].includes(name)) ? fate : 'done';
        const told = await use(new FaultyDirectory(under, fates));
        equal(told.open, [], `${fate} from call ${from}`);
        // Where nothing works any more what was written before it failed can't be taken back.
        if (fate === 'fail') told.refused = [];
        await check(told, under, `${fate} from call ${from}`);
      }
    }
  });

  test('after no room it goes on, without what was refused', async () => {
    const under = await newDirectory();
    let full = false;
    const medium = new OpfsMedium(async () => new FaultyDirectory(under, (_, call) => (full && call === 'write' ? 'full' : 'done')).directory);
    const log = await medium.open('one');
    await log.append([bytes('a')]);
    const { size } = log;
    full = true;
    const outcomes = await Promise.allSettled([log.append([bytes('b'.repeat(100))]), log.append([bytes('c')]), log.rewrite([bytes('d')])]);
    equal(
      outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as JournalError).code),
      ['QUOTA', 'QUOTA', 'QUOTA'],
    );
    await failsWith(log.rewrite([bytes('d')]), 'QUOTA');
    equal([log.size, (await (await under.getFileHandle('one.0')).getFile()).size, await namesOf(under)], [size, size, ['one.0']]);
    full = false;
    await log.append([bytes('e')]);
    await log.close();
    equal(text(await new OpfsMedium(async () => under).read('one')), ['a', 'e']);
  });
}

interface Told {
  kept: string[];
  refused: string[];
  open: string[];
}

const GROUPS = ['a', 'b', 'R', 'c', 'd'];

/** Appends, rewrites and appends again, as far as answers come. `R` is a rewrite. */
async function use(tab: FaultyDirectory): Promise<Told> {
  const told: Told = { kept: [], refused: [], open: [] };
  const medium = new OpfsMedium(async () => tab.directory);
  const step = async (log: Log, group: string): Promise<void> => {
    told.open.push(group);
    const records = [bytes(group), bytes(`${group}'`)];
    try {
      await (group === 'R' ? log.rewrite(records) : log.append(records));
      if (tab.dead) return;
      told.kept.push(group);
    } catch (error) {
      ok(error instanceof JournalError, String(error));
      told.refused.push(group);
    }
    told.open.splice(told.open.indexOf(group), 1);
  };
  const run = async (): Promise<void> => {
    const log = await medium.open('one').catch(() => medium.open('one'));
    for (const group of GROUPS) await step(log, group);
    await log.close();
  };
  const ended = async (): Promise<void> => {
    while (!tab.dead) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await Promise.race([run().catch(() => undefined), ended()]);
  if (tab.dead) told.refused = [];
  return told;
}

async function check(told: Told, under: FileSystemDirectoryHandle, hint: string): Promise<void> {
  const medium = new OpfsMedium(async () => under);
  for (const when of ['read', 'opened']) {
    const found = text(await medium.read('one'));
    const groups = found.filter((record) => !record.endsWith("'"));
    equal(
      found,
      groups.flatMap((group) => [group, `${group}'`]),
      `${hint}, ${when}: groups are whole`,
    );
    equal(
      groups,
      GROUPS.filter((group) => groups.includes(group)),
      `${hint}, ${when}: in order, once`,
    );
    const rewritten = groups.includes('R');
    const expected = told.kept.filter((group) => !rewritten || !['a', 'b'].includes(group));
    for (const group of expected) ok(groups.includes(group), `${hint}, ${when}: ${group} was acknowledged and is gone`);
    for (const group of told.refused) ok(!groups.includes(group), `${hint}, ${when}: ${group} was refused and is there`);
    await (await medium.open('one')).close();
  }
}

async function callsOf(): Promise<number> {
  const tab = new FaultyDirectory(await newDirectory(), () => 'done');
  equal((await use(tab)).kept, GROUPS);
  ok(tab.calls > 15, `${tab.calls} calls`);
  return tab.calls;
}

async function newDirectory(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(crypto.randomUUID(), { create: true });
}

async function namesOf(directory: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of directory.keys()) names.push(name);
  return names;
}

async function put(directory: FileSystemDirectoryHandle, name: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
  const handle = await openSync(await directory.getFileHandle(name, { create: true }));
  handle.truncate(0);
  handle.write(content, { at: 0 });
  handle.flush();
  handle.close();
}
