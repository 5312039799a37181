import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, fails, ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld, watch } from './world.ts';
import type { World } from './world.ts';

/** A file with both sides kept, in jj's snapshot style. */
export function markers(sides: string[], bases: string[]): string {
  const parts = sides.map((side, index) => {
    const number = bases.length === 1 ? 'base' : `base #${index}`;
    return `${index === 0 ? '' : `------- ${number}\n${bases[index - 1] ?? ''}`}+++++++ side #${index + 1}\n${side}`;
  });
  return `<<<<<<< conflict 1 of 1\n${parts.join('')}>>>>>>> conflict 1 of 1 ends\n`;
}

/** What counts as a race, how both sides are kept, and how a conflict is settled. */
export function conflictsSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);
  races(run);
  resolving(run);
}

/** Two mounts that have read one file. */
async function pair(world: World, text = 'base\n'): Promise<{ a: MesaFileSystem; b: MesaFileSystem; path: string }> {
  const path = world.at('f');
  await world.fs.writeFile(path, text);
  const b = await world.peer();
  equal(await b.readFile(path), text);
  // What was written so far is long ago.
  world.backend.clock.advance(10_000);
  return { a: world.fs, b, path };
}

/** A file in conflict between two mounts, which both know of it, for so many milliseconds. */
async function conflicted(world: World, age = 10_000): Promise<{ a: MesaFileSystem; b: MesaFileSystem; path: string }> {
  const { a, b, path } = await pair(world);
  await a.writeFile(path, 'from a\n');
  await world.seen(b, path, 'from a\n');
  await b.writeFile(path, 'from b\n');
  await world.same(a, b, path);
  world.backend.clock.advance(age);
  return { a, b, path };
}

function races(run: ReturnType<typeof inWorld>): void {
  run('keeps both sides of edits 300 ms apart when the second writer has not read', async (world) => {
    const { a, b, path } = await pair(world);
    await a.writeFile(path, 'from a\n');
    await world.seen(b, path, 'from a\n');
    world.backend.clock.advance(300);
    await b.writeFile(path, 'from b\n');
    const text = markers(['from a\n', 'from b\n'], ['base\n']);
    equal(await b.readFile(path), text);
    await world.same(a, b, path);
    equal(await a.readFile(path), text);
    equal(await a.conflicts({ repo: 'app' }), [path]);
  });

  run('lets the later win when the edits are two seconds apart', async (world) => {
    const { a, b, path } = await pair(world);
    await a.writeFile(path, 'from a\n');
    await world.seen(b, path, 'from a\n');
    world.backend.clock.advance(2_000);
    await b.writeFile(path, 'from b\n');
    equal(await b.readFile(path), 'from b\n');
    await world.seen(a, path, 'from b\n');
    equal(await a.conflicts({ repo: 'app' }), []);
  });

  run('lets the later win when its writer has read the earlier', async (world) => {
    const { a, b, path } = await pair(world);
    await a.writeFile(path, 'from a\n');
    await world.seen(b, path, 'from a\n');
    equal(await b.readFile(path), 'from a\n');
    await b.writeFile(path, 'from b\n');
    equal(await b.readFile(path), 'from b\n');
  });

  run('lets a file be written again by who has seen that it is gone', async (world) => {
    const { fs } = world;
    const at = (path: string): string => world.at(path);
    await fs.writeFile(at('a'), 'text\n');
    const peer = await world.peer();
    await world.seen(peer, at('a'), 'text\n');
    await fs.rm(at('a'));
    await until(async () => !(await peer.exists(at('a'))), 'the peer sees that it is gone');
    await fails(peer.readFile(at('a')), { code: 'ENOENT' });
    await peer.writeFile(at('a'), 'text\n');
    equal(await peer.readFile(at('a')), 'text\n');
    await world.seen(fs, at('a'), 'text\n');
  });

  run('keeps both sides of edits made at the same moment', async (world) => {
    const { a, b, path } = await pair(world);
    await Promise.all([a.writeFile(path, 'from a\n'), b.writeFile(path, 'from b\n')]);
    await world.same(a, b, path);
    const text = await a.readFile(path);
    ok(text.includes('from a\n') && text.includes('from b\n') && text.startsWith('<<<<<<< conflict 1 of 1\n'), text);
    equal(await b.readFile(path), text);
  });

  run('removes what came just now, read or not: whoever names it knows of it', async (world) => {
    const { a, b, path } = await pair(world);
    const fresh = `${path}.fresh`;
    await a.writeFile(fresh, 'a job\n');
    await world.seen(b, fresh, 'a job\n');
    await b.rm(fresh);
    equal(await b.exists(fresh), false);
    await world.same(a, b, fresh);
    equal(await a.exists(fresh), false);
  });

  run('merges edits of different lines without a conflict', async (world) => {
    const { a, b, path } = await pair(world, '1\n2\n3\n4\n5\n');
    await a.writeFile(path, 'one\n2\n3\n4\n5\n');
    await world.seen(b, path, 'one\n2\n3\n4\n5\n');
    await b.writeFile(path, '1\n2\n3\n4\nfive\n');
    equal(await b.readFile(path), 'one\n2\n3\n4\nfive\n');
    await world.seen(a, path, 'one\n2\n3\n4\nfive\n');
  });

  run('keeps three sides of three racers', async (world) => {
    const { a, b, path } = await pair(world);
    const c = await world.peer();
    await a.writeFile(path, 'from a\n');
    await world.seen(b, path, 'from a\n');
    await world.seen(c, path, 'from a\n');
    await b.writeFile(path, 'from b\n');
    await world.same(b, c, path);
    await c.writeFile(path, 'from c\n');
    equal(await c.readFile(path), markers(['from a\n', 'from b\n', 'from c\n'], ['base\n', 'base\n']));
    await world.same(a, c, path);
    const conflict = await a.readConflict(path);
    equal(
      conflict?.sides.map(({ content }) => new TextDecoder().decode(content ?? undefined)),
      ['from a\n', 'from b\n', 'from c\n'],
    );
    equal(
      conflict?.sides.map(({ label }) => label),
      ['side #1', 'side #2', 'side #3'],
    );
  });

  run('takes the window from the mount: never, and always', async (world) => {
    const { a, path } = await pair(world);
    const never = await world.peer({ raceWindow: 0 });
    const always = await world.peer({ raceWindow: Infinity });
    await a.writeFile(path, 'from a\n');
    await world.seen(never, path, 'from a\n');
    await never.writeFile(path, 'later\n');
    equal(await never.readFile(path), 'later\n');
    await world.seen(always, path, 'later\n');
    world.backend.clock.advance(3_600_000);
    await always.writeFile(path, 'from always\n');
    equal(await always.readFile(path), markers(['later\n', 'from always\n'], ['base\n']));
  });

  run('keeps both sides for an editor that says what it showed, however old', async (world) => {
    const { a, b, path } = await pair(world);
    const { version } = await b.readVersioned(path);
    await a.writeFile(path, 'from a\n');
    await world.seen(b, path, 'from a\n');
    equal(await b.readFile(path), 'from a\n');
    world.backend.clock.advance(3_600_000);
    await b.writeFile(path, 'from the editor\n', { base: version });
    equal(await b.readFile(path), markers(['from a\n', 'from the editor\n'], ['base\n']));
  });

  run('takes what an editor wrote next, made from what it wrote before, as the same side', async (world) => {
    const { a, b, path } = await pair(world);
    const { version } = await b.readVersioned(path);
    await a.writeFile(path, 'from a\n');
    await world.seen(b, path, 'from a\n');
    await b.writeFile(path, 'foo\n', { base: version });
    equal(await b.readFile(path), markers(['from a\n', 'foo\n'], ['base\n']));
    // What git calls the blob of `foo`.
    await b.writeFile(path, 'fooba\n', { base: '100644-257cc5642cb1a054f08cc83f2d943e56fd3ebe99' });
    equal(await b.readFile(path), markers(['from a\n', 'fooba\n'], ['base\n']));
  });

  run('keeps an edit that raced with the removal of its file', async (world) => {
    const { a, b, path } = await pair(world);
    await a.writeFile(path, 'from a\n');
    await world.seen(b, path, 'from a\n');
    await b.rm(path);
    const conflict = await b.readConflict(path);
    equal(
      conflict?.sides.map(({ kind }) => kind),
      ['file', 'absent'],
    );
    equal(await b.readFile(path), markers(['from a\n', ''], ['base\n']));
    await b.rm(path);
    equal(await b.exists(path), false, 'removed again, having read it');
  });

  run('lets an edit follow a file that another moves', async (world) => {
    const { a, b, path } = await pair(world);
    await Promise.all([a.mv(path, world.at('moved')), b.writeFile(path, 'edited\n')]);
    await world.same(a, b, world.at('moved'));
    await world.same(a, b, path);
    const texts = await Promise.all([world.at('moved'), path].map(async (at) => ((await a.exists(at)) ? a.readFile(at) : '')));
    ok(
      texts.some((text) => text.includes('edited\n')),
      `the edit is kept somewhere: ${JSON.stringify(texts)}`,
    );
  });

  run('keeps the bytes of binary sides, without markers in them', async (world) => {
    const path = world.at('f');
    const bytes = (last: number): Uint8Array => Uint8Array.of(0, 1, 2, last);
    await world.fs.writeFile(path, bytes(0));
    const b = await world.peer();
    world.backend.clock.advance(10_000);
    await Promise.all([world.fs.writeFile(path, bytes(1)), b.writeFile(path, bytes(2))]);
    await world.same(world.fs, b, path);
    const conflict = await b.readConflict(path);
    equal(conflict?.kind, 'binary');
    equal(await b.readFileBuffer(path), conflict?.sides[0]?.content ?? new Uint8Array(0));
    equal(conflict?.sides.map(({ content }) => content?.[3]).toSorted(), [1, 2]);
  });
}

function resolving(run: ReturnType<typeof inWorld>): void {
  run('that two settle at once, each by their own side, is one still', async (world) => {
    const { a, b, path } = await conflicted(world);
    for (const fs of [a, b]) ok(await fs.readConflict(path));
    await Promise.all([a.resolveConflict(path, { take: 0 }), b.resolveConflict(path, { take: 1 })]);
    await world.same(a, b, path);
    const sides = (await a.readConflict(path))?.sides.map(({ content }) => new TextDecoder().decode(content ?? new Uint8Array(0)));
    ok(sides?.length === 2 && sides.some((text) => text.includes('from a')) && sides.some((text) => text.includes('from b')), JSON.stringify(sides));
  });

  run('that two settle by writing the file, within the window, keeps both texts', async (world) => {
    const { a, b, path } = await conflicted(world);
    for (const fs of [a, b]) await fs.readFile(path);
    await a.writeFile(path, 'from a\n');
    await world.seen(b, path, 'from a\n');
    await b.writeFile(path, 'from b\n');
    await world.same(a, b, path);
    const text = await a.readFile(path);
    ok(text.includes('from a') && text.includes('from b'), JSON.stringify(text));
  });

  run('settles a conflict as its reader saw it: what a racing edit has added since stays', async (world) => {
    const { a, b, path } = await conflicted(world, 0);
    ok(await a.readConflict(path));
    const { version } = await a.stat(path);
    await b.appendFile(path, 'more\n');
    await until(async () => (await a.stat(path)).version !== version, 'the addition arrives');
    await a.resolveConflict(path, { take: 0 });
    const text = await a.readFile(path);
    ok(text.includes('from a') && text.includes('more'), text);
  });

  run('settles the conflict that was read, however long ago: what was added to it since stays', async (world) => {
    const { a, b, path } = await conflicted(world, 0);
    const conflict = await a.readConflict(path);
    const { version } = await a.stat(path);
    equal(conflict?.version, version);
    await b.appendFile(path, 'more\n');
    await until(async () => (await a.stat(path)).version !== version, 'the addition arrives');
    world.backend.clock.advance(60_000);
    await fails(a.resolveConflict(path, { take: 0, base: '100644-zz' }), { code: 'EINVAL', path, message: 'readConflict(path) answered' });
    await a.resolveConflict(path, { take: 0, base: version });
    const text = await a.readFile(path);
    ok(text.includes('from a') && text.includes('more'), text);
    await world.same(a, b, path);
  });

  run('refuses to settle a conflict whose sides were not seen, and settles it once they were', async (world) => {
    const { a, b, path } = await pair(world);
    await a.writeFile(path, 'from a\n');
    await world.seen(b, path, 'from a\n');
    await b.writeFile(path, 'from b\n');
    await until(async () => (await a.conflicts({ repo: 'app' })).length > 0, 'the conflict arrives');
    for (const resolution of [{ take: 0 }, { take: 1 }, { content: 'both\n' }, { delete: true } as const]) {
      await fails(a.resolveConflict(path, resolution), { code: 'EINVAL', path, message: 'readConflict' });
    }
    const conflict = await a.readConflict(path);
    equal(conflict?.sides.length, 2);
    await a.resolveConflict(path, { take: 1 });
    equal(await a.readFile(path), 'from b\n');
    await world.same(a, b, path);
  });

  run('refuses to append where a conflict is with what is no file', async (world) => {
    const path = world.at('f');
    const b = await world.peer();
    await Promise.all([world.fs.writeFile(path, 'a file\n'), b.mkdir(path), b.writeFile(`${path}/inside`, 'a directory\n')]);
    await until(async () => (await world.fs.conflicts({ repo: 'app' })).length > 0, 'file and directory are in conflict');
    await fails(world.fs.appendFile(path, 'more\n'), { code: 'EINVAL', path });
    equal((await world.fs.readConflict(path))?.sides.map(({ kind }) => kind).toSorted(), ['dir', 'file']);
  });

  run('keeps what is appended to a conflict whose sides do not end in a newline', async (world) => {
    const { a, b, path } = await pair(world, 'base');
    await a.writeFile(path, 'from a');
    await world.seen(b, path, 'from a');
    await b.writeFile(path, 'from b');
    equal(await b.conflicts({ repo: 'app' }), [path]);
    await b.appendFile(path, 'more\n');
    const text = await b.readFile(path);
    ok(text.includes('from a') && text.includes('from b') && text.endsWith('more\n'), text);
  });

  run('shows the sides of a conflict', async (world) => {
    const { a, path } = await conflicted(world);
    const conflict = await a.readConflict(path);
    equal([conflict?.path, conflict?.kind, conflict?.version], [path, 'text', (await a.stat(path)).version]);
    const text = (content: Uint8Array | null | undefined): string => new TextDecoder().decode(content ?? undefined);
    equal(
      conflict?.sides.map((side) => [side.label, side.kind, text(side.content)]),
      [
        ['side #1', 'file', 'from a\n'],
        ['side #2', 'file', 'from b\n'],
      ],
    );
    equal(
      conflict?.bases.map((side) => [side.label, text(side.content)]),
      [['base', 'base\n']],
    );
    const { bytes, conflicted: is } = await a.readVersioned(path);
    equal([text(bytes), is], [markers(['from a\n', 'from b\n'], ['base\n']), true]);
    equal((await a.stat(path)).size, bytes.length);
    await a.writeFile(world.at('calm'), 'x');
    equal(await a.readConflict(world.at('calm')), null);
    await fails(a.readConflict(world.at('none')), { code: 'ENOENT' });
  });

  run('is settled by writing the file', async (world) => {
    const { a, b, path } = await conflicted(world);
    await a.writeFile(path, 'settled\n');
    equal(await a.readFile(path), 'settled\n');
    equal(await a.conflicts({ repo: 'app' }), []);
    await world.seen(b, path, 'settled\n');
    equal(await b.conflicts({ repo: 'app' }), []);
  });

  run('goes on where markers are left', async (world) => {
    const { a, b, path } = await conflicted(world);
    await a.writeFile(path, `before\n${await a.readFile(path)}after\n`);
    equal(await a.readFile(path), `before\n${markers(['from a\n', 'from b\n'], ['base\n'])}after\n`);
    const conflict = await a.readConflict(path);
    equal(new TextDecoder().decode(conflict?.sides[1]?.content ?? undefined), 'before\nfrom b\nafter\n');
    await world.same(a, b, path);
  });

  run('is settled by taking a side, by other content, by deleting', async (world) => {
    for (const [resolution, result] of [
      [{ take: 0 }, 'from a\n'],
      [{ take: 1 }, 'from b\n'],
      [{ content: 'mine\n' }, 'mine\n'],
    ] as const) {
      const again = await conflictAt(world, `f-${result.trim().replace(' ', '-')}`);
      await fails(again.a.resolveConflict(again.path, { take: 7 }), { code: 'EINVAL' });
      await again.a.resolveConflict(again.path, resolution);
      equal(await again.a.readFile(again.path), result);
      equal(await again.a.readConflict(again.path), null);
      await fails(again.a.resolveConflict(again.path, resolution), { code: 'EINVAL' });
    }
    const last = await conflictAt(world, 'gone');
    await last.a.resolveConflict(last.path, { delete: true });
    equal(await last.a.exists(last.path), false);
    equal(await last.a.conflicts({ repo: 'app' }), []);
  });

  run('is left as it is by what says of no side, content or deletion which', async (world) => {
    const { a, path } = await conflicted(world);
    const wrong = [
      {},
      null,
      'delete',
      { side: 0 },
      { takes: 1 },
      { take: -1 },
      { take: '0' },
      { take: null },
      { delete: false },
      { take: 0, delete: true },
      { content: 'a secret', delete: true },
      { take: 0, bsae: 'x' },
    ];
    for (const resolution of wrong) {
      await fails(a.resolveConflict(path, resolution as { take: number }), {
        code: 'EINVAL',
        path,
        message: '{ take: side }, { content } and { delete: true }',
      });
    }
    await fails(a.resolveConflict(path, { takes: 1 } as unknown as { take: number }), { code: 'EINVAL', message: 'not with { takes: 1 }' });
    equal((await a.readConflict(path))?.sides.length, 2);
    await a.resolveConflict(path, { take: 0, content: undefined } as { take: number });
    equal(await a.readFile(path), 'from a\n');
  });

  run('tells others that it is settled', async (world) => {
    const { a, b, path } = await conflicted(world);
    const { next } = watch(b);
    await a.resolveConflict(path, { take: 0 });
    equal(await next(1), [{ path, recursive: false }]);
    equal(await b.readFile(path), 'from a\n');
  });

  run('keeps working beside a conflict', async (world) => {
    const { a, path } = await conflicted(world);
    await a.mkdir(world.at('d'));
    await a.writeFile(world.at('d/x'), 'x');
    await a.cp(world.at('d'), world.at('e'), { recursive: true });
    await a.mv(path, world.at('d/moved'));
    equal(await a.readFile(world.at('d/moved')), markers(['from a\n', 'from b\n'], ['base\n']));
    equal(await a.conflicts({ repo: 'app' }), [world.at('d/moved')]);
    equal((await a.readdir(world.root)).toSorted(), ['d', 'e']);
    equal(await a.readFile(world.at('e/x')), 'x');
  });
}

async function conflictAt(world: World, name: string): Promise<{ a: MesaFileSystem; path: string }> {
  const path = world.at(name);
  const a = world.fs;
  await a.writeFile(path, 'base\n');
  const { version } = await a.readVersioned(path);
  await a.writeFile(path, 'from a\n');
  await a.writeFile(path, 'from b\n', { base: version });
  return { a, path };
}
