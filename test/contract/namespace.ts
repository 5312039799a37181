import { equal, fails, ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld } from './world.ts';

/** Where repos stand, what can't be written, paths that can't be, metadata, and what else Mesa adds to a filesystem. */
export function namespaceSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);

  run('leads from the root to the org to the repo', async ({ fs }) => {
    equal(await fs.readdir('/'), ['acme']);
    equal(await fs.readdir('/acme'), ['app']);
    equal(await fs.readdir('/acme/app'), []);
    for (const path of ['/', '/acme', '/acme/app']) equal((await fs.stat(path)).isDirectory, true, path);
    equal(await fs.exists('/other'), false);
    await fails(fs.readdir('/acme/none'), { code: 'ENOENT', path: '/acme/none' });
  });

  run('says what is mounted where a path leads to nothing that is', async ({ fs }) => {
    const hint = 'plan.md is not mounted; paths begin with /acme/app';
    for (const path of ['plan.md', '/plan.md']) await fails(fs.readFile(path), { code: 'ENOENT', path, message: `/${hint}` });
    await fails(fs.stat('/acme/other'), { code: 'ENOENT', message: '/acme/other is not mounted' });
    await fails(fs.writeFile('/acme/other/plan.md', 'x'), { code: 'EROFS', message: `/acme/other/${hint}` });
    await fails(fs.mkdir('/other'), { code: 'EROFS', message: '/other is not mounted' });
    await fails(fs.rm('/acme/other'), { code: 'ENOENT', message: '/acme/other is not mounted' });
    await fails(fs.mv('/acme/other/a', '/acme/app/a'), { code: 'ENOENT', message: '/acme/other/a is not mounted' });
  });

  run('says EROFS for what lies outside a repo', async ({ fs }) => {
    await fails(fs.writeFile('/acme/file', 'x'), { code: 'EROFS', path: '/acme/file' });
    await fails(fs.mkdir('/acme/none'), { code: 'EROFS' });
    await fails(fs.mkdir('/other'), { code: 'EROFS' });
    await fails(fs.rm('/acme', { recursive: true }), { code: 'EROFS' });
    await fails(fs.rm('/acme/app', { recursive: true }), { code: 'EROFS' });
    await fails(fs.mv('/acme/app', '/acme/b'), { code: 'EROFS' });
    await fails(fs.writeFile('/acme', 'x'), { code: 'EISDIR' });
    await fails(fs.mkdir('/acme'), { code: 'EEXIST' });
    await fs.mkdir('/acme/app', { recursive: true });
  });

  run('writes nothing when mounted read-only', async ({ fs, mesa, root }) => {
    await fs.writeFile(`${root}/a`, 'x');
    await using reader = await mesa.fs.mount({ repos: [{ name: 'app', readOnly: true }] });
    equal(await reader.readFile(`${root}/a`), 'x');
    await fails(reader.writeFile(`${root}/a`, 'y'), { code: 'EROFS' });
    await fails(reader.rm(`${root}/a`), { code: 'EROFS' });
    await fails(reader.mkdir(`${root}/d`), { code: 'EROFS' });
    await fails(reader.change.new({ repo: 'app', bookmark: 'main' }), { code: 'EROFS' });
    await using second = await mesa.fs.mount({ repos: ['app'], mode: 'ro' });
    await fails(second.writeFile(`${root}/a`, 'y'), { code: 'EROFS' });
  });

  run('keeps what is moved to another repo until that has it', async ({ fs, mesa, backend }) => {
    await mesa.repos.create({ name: 'docs' });
    await fs.writeFile('/acme/app/a', 'from app');
    await using both = await mesa.fs.mount({ repos: ['app', 'docs'] });
    backend.intercept = (request) =>
      backend.isWrite(request) && request.url.includes('/docs/')
        ? Response.json({ error: { code: 'FORBIDDEN', message: 'Not there.' } }, { status: 403 })
        : null;
    const error = await both.mv('/acme/app/a', '/acme/docs/a').catch((reason: unknown) => reason);
    ok(error instanceof Error && error.message.includes('Not there'), String(error));
    equal([await both.readFile('/acme/app/a'), await both.exists('/acme/docs/a')], ['from app', false]);
    backend.intercept = null;
    await both.mv('/acme/app/a', '/acme/docs/a');
    equal([await both.exists('/acme/app/a'), await both.readFile('/acme/docs/a')], [false, 'from app']);
  });

  run('leaves what is moved to another repo where it was if it was written meanwhile', async ({ fs, mesa, backend }) => {
    await mesa.repos.create({ name: 'docs' });
    await fs.writeFile('/acme/app/a', 'before');
    await fs.mkdir('/acme/app/d');
    await fs.writeFile('/acme/app/d/a', 'before');
    await using both = await mesa.fs.mount({ repos: ['app', 'docs'] });
    for (const name of ['a', 'd']) {
      const { promise, resolve } = Promise.withResolvers<null>();
      let isHeld = false;
      backend.intercept = (request) => {
        if (!backend.isWrite(request) || !request.url.includes('/docs/')) return null;
        isHeld = true;
        return promise;
      };
      const moved = both.mv(`/acme/app/${name}`, `/acme/docs/${name}`).catch((error: { code?: unknown }) => error.code);
      await until(() => isHeld, 'the copy is on its way');
      await both.writeFile(name === 'a' ? '/acme/app/a' : '/acme/app/d/a', 'after');
      resolve(null);
      equal(await moved, name === 'a' ? undefined : 'EBUSY');
    }
    equal([await both.readFile('/acme/app/a'), await both.readFile('/acme/docs/a')], ['after', 'before']);
    equal([await both.readFile('/acme/app/d/a'), await both.readFile('/acme/docs/d/a')], ['after', 'before']);
    equal(await both.conflicts({ repo: 'app' }), []);
  });

  run('moves to another repo what a bookmark’s first write has taken to a new change', async ({ mesa, backend }) => {
    await mesa.repos.create({ name: 'docs' });
    await using both = await mesa.fs.mount({ repos: ['app', 'docs'] });
    const written = both.writeFile('/acme/app/a', 'from app');
    backend.intercept = async (request): Promise<null> => {
      if (backend.isWrite(request) && request.url.includes('/docs/')) await written;
      return null;
    };
    await both.mv('/acme/app/a', '/acme/docs/a');
    equal([await both.exists('/acme/app/a'), await both.readFile('/acme/docs/a')], [false, 'from app']);
  });

  run('mounts a repo elsewhere, and several side by side', async ({ fs, mesa }) => {
    await mesa.repos.create({ name: 'docs' });
    await fs.writeFile('/acme/app/a', 'from app');
    await using both = await mesa.fs.mount({ repos: [{ name: 'app', path: '/space/app' }, 'docs'] });
    equal(await both.readdir('/'), ['acme', 'space']);
    equal(await both.readFile('/space/app/a'), 'from app');
    await both.cp('/space/app/a', '/acme/docs/a');
    await both.mv('/space/app/a', '/acme/docs/b');
    equal(await both.readdir('/space/app'), []);
    equal([await both.readFile('/acme/docs/a'), await both.readFile('/acme/docs/b')], ['from app', 'from app']);
    await both.mkdir('/space/app/d/e', { recursive: true });
    await both.writeFile('/space/app/d/e/f', 'deep');
    await both.cp('/space/app/d', '/acme/docs/d', { recursive: true });
    equal(await both.readFile('/acme/docs/d/e/f'), 'deep');
    await both.symlink('/space/app/d', '/acme/docs/over');
    equal(await both.readFile('/acme/docs/over/e/f'), 'deep');
  });

  run('refuses more repos than one stream of events has room for', async ({ mesa }) => {
    const many = Array.from({ length: 51 }, (_, index) => `r${index}`);
    const error = await mesa.fs.mount({ repos: many }).then(
      () => null,
      (refused: unknown) => refused as Error,
    );
    equal([error?.name, error?.message], ['InvalidOptionsError', 'repos are 50 at most, not 51; mount the others on their own']);
  });

  run('tells the files of a repo apart that is mounted at two changes', async ({ fs, root, mesa }) => {
    await fs.writeFile(`${root}/f`, 'before');
    await fs.change.new({ repo: 'app', bookmark: 'main' });
    await fs.writeFile(`${root}/f`, 'since');
    await fs.bookmark.create({ repo: 'app', name: 'dev' });
    await using both = await mesa.fs.mount({
      repos: [
        { name: 'app', bookmark: 'main' },
        { name: 'app', bookmark: 'dev', path: '/dev-app' },
        { name: 'app', bookmark: 'dev', path: '/again' },
      ],
    });
    const names = await Promise.all([`${root}/f`, '/dev-app/f', '/again/f'].map(async (path) => (await both.stat(path)).identity));
    equal([names[0] === names[1], names[1] === names[2]], [false, true]);
    equal([await both.readFile(`${root}/f`), await both.readFile('/dev-app/f')], ['before', 'since']);
    await using bash = both.bash({ cwd: '/' });
    const { stderr, exitCode } = await bash.exec(`cp /dev-app/f ${root}/f && cat ${root}/f`);
    equal([stderr, exitCode], ['', 0]);
    equal(await both.readFile(`${root}/f`), 'since');
  });

  run('shows a repo that is mounted inside another, and what leads to it', async ({ fs, mesa }) => {
    for (const name of ['lib', 'docs']) await mesa.repos.create({ name });
    await fs.writeFile('/acme/app/a', 'from app');
    await fs.mkdir('/acme/app/z');
    await fs.writeFile('/acme/app/z/f', 'x');
    await fs.writeFile('/acme/app/docs', 'covered');
    await using both = await mesa.fs.mount({
      repos: [
        { name: 'app', path: '/' },
        { name: 'lib', path: '/vendor/deep/lib' },
        { name: 'docs', path: '/docs' },
      ],
    });
    await both.writeFile('/vendor/deep/lib/b', 'from lib');
    equal(await both.readdir('/'), ['a', 'docs', 'vendor', 'z']);
    equal(
      (await both.readdirWithFileTypes('/')).map(({ isDirectory }) => isDirectory),
      [false, true, true, true],
    );
    equal([await both.readdir('/vendor'), await both.readdir('/vendor/deep'), await both.readdir('/vendor/deep/lib')], [['deep'], ['lib'], ['b']]);
    equal([(await both.stat('/vendor/deep')).isDirectory, await both.exists('/vendor'), await both.exists('/vendor/none')], [true, true, false]);
    equal((await both.bash({ cwd: '/' }).exec('find vendor -type f | xargs cat')).stdout, 'from lib');
    await fails(both.rm('/vendor', { recursive: true }), { code: 'EROFS' });
    await fails(both.mkdir('/vendor/deep'), { code: 'EEXIST' });
    await fails(both.readFile('/vendor'), { code: 'EISDIR' });
    await both.mkdir('/vendor/own');
    await both.writeFile('/vendor/deep/c', 'beside');
    equal(
      [await both.readdir('/vendor'), await both.readdir('/vendor/deep')],
      [
        ['deep', 'own'],
        ['c', 'lib'],
      ],
    );
    equal([await both.readFile('/vendor/deep/c'), await both.readFile('/vendor/deep/lib/b')], ['beside', 'from lib']);
    await fails(both.rm('/vendor', { recursive: true }), { code: 'EROFS' });
  });

  run('has names for its errors as Node does', async ({ fs, root }) => {
    await fails(fs.readFile(`${root}/none`), {
      code: 'ENOENT',
      syscall: 'open',
      path: `${root}/none`,
      message: `no such file or directory, open '${root}/none'`,
    });
    await fails(fs.readdir(`${root}/none`), { code: 'ENOENT', syscall: 'scandir' });
    await fails(fs.stat(`${root}/none`), { code: 'ENOENT', syscall: 'stat' });
    await fails(fs.mv(`${root}/none`, `${root}/b`), { code: 'ENOENT', syscall: 'rename', message: `'${root}/none' -> '${root}/b'` });
  });

  run('refuses paths that cannot be', async ({ fs, root }) => {
    await fails(fs.readFile(`${root}/a\0b`), { code: 'EINVAL' });
    await fails(fs.writeFile(`${root}/.git/config`, 'x'), { code: 'EINVAL' });
    await fails(fs.mkdir(`${root}/.GIT`), { code: 'EINVAL' });
    await fails(fs.writeFile(`${root}/${'x'.repeat(256)}`, 'x'), { code: 'ENAMETOOLONG' });
    await fails(fs.readFile(''), { code: 'ENOENT' });
    await fs.writeFile(`${root}/../../acme/app/a`, 'x');
    equal(await fs.readFile(`/../..${root}/a`), 'x', 'dots stop at the root');
  });

  run('says EPERM for hard links and EFBIG for what is too long', async ({ fs, root }) => {
    await fs.writeFile(`${root}/a`, 'x');
    await fails(fs.link(`${root}/a`, `${root}/b`), { code: 'EPERM', syscall: 'link' });
    await fails(fs.writeFile(`${root}/big`, new Uint8Array(32 * 1024 * 1024 + 1)), { code: 'EFBIG' });
  });

  run('moves as rename(2) does', async ({ fs, root }) => {
    await fs.mkdir(`${root}/d/e`, { recursive: true });
    await fs.mkdir(`${root}/full`);
    await fs.mkdir(`${root}/empty`);
    await fs.writeFile(`${root}/full/a`, 'x');
    await fs.writeFile(`${root}/f`, 'x');
    await fails(fs.mv(`${root}/d`, `${root}/d/e/in`), { code: 'EINVAL' });
    await fails(fs.mv(`${root}/f`, `${root}/d`), { code: 'EISDIR' });
    await fails(fs.mv(`${root}/d`, `${root}/f`), { code: 'ENOTDIR' });
    await fails(fs.mv(`${root}/d`, `${root}/full`), { code: 'ENOTEMPTY' });
    await fs.mv(`${root}/f`, `${root}/f`);
    await fs.mv(`${root}/full`, `${root}/empty`);
    equal(await fs.readFile(`${root}/empty/a`), 'x');
    await fails(fs.cp(`${root}/d`, `${root}/d/e/in`, { recursive: true }), { code: 'EINVAL' });
  });

  run('takes calls in the order they are made, awaited or not', async ({ fs, root }) => {
    const path = `${root}/a`;
    const writes = Array.from({ length: 50 }, (_, index) => fs.writeFile(path, `text ${index}`));
    const made = fs.mkdir(`${root}/d`);
    const inside = fs.writeFile(`${root}/d/x`, 'x');
    equal(await fs.readFile(path), 'text 49', 'a read sees every write called before it');
    equal(await fs.readFile(`${root}/d/x`), 'x');
    await Promise.all([...writes, made, inside]);
    const appends = Array.from({ length: 20 }, (_, index) => fs.appendFile(`${root}/log`, `${index},`));
    await Promise.all(appends);
    equal(await fs.readFile(`${root}/log`), Array.from({ length: 20 }, (_, index) => `${index},`).join(''));
  });

  run('tells one file from another', async ({ fs, root }) => {
    await fs.writeFile(`${root}/a`, 'x');
    await fs.writeFile(`${root}/b`, 'x');
    await fs.symlink('a', `${root}/l`);
    const [a, b, l] = await Promise.all(['a', 'b', 'l'].map((name) => fs.stat(`${root}/${name}`)));
    ok(a?.ino !== b?.ino && a?.identity !== b?.identity);
    equal(l?.ino, a?.ino);
    equal(l?.identity, a?.identity);
  });

  run('names versions: the same content has the same, other content another', async ({ fs, root }) => {
    await fs.writeFile(`${root}/a`, 'one');
    const { version, bytes, conflicted } = await fs.readVersioned(`${root}/a`);
    equal([version, new TextDecoder().decode(bytes), conflicted], [(await fs.stat(`${root}/a`)).version, 'one', false]);
    await fs.writeFile(`${root}/a`, 'two');
    ok((await fs.stat(`${root}/a`)).version !== version);
    await fs.writeFile(`${root}/a`, 'one');
    equal((await fs.stat(`${root}/a`)).version, version);
    await fails(fs.writeFile(`${root}/a`, 'x', { base: 'nonsense' }), { code: 'EINVAL' });
  });

  metadata(run);
}

function metadata(run: ReturnType<typeof inWorld>): void {
  run('keeps metadata beside a path', async ({ fs, root }) => {
    await fs.writeFile(`${root}/a`, 'x');
    equal(await fs.getMetadata(`${root}/a`), { org: 'acme', repo: 'app' });
    await fs.setMetadata(`${root}/a`, { lang: 'en', tag: 'draft' });
    await fs.setMetadata(`${root}/a`, { tag: null, owner: 'x' });
    equal(await fs.getMetadata(`${root}/a`), { org: 'acme', repo: 'app', lang: 'en', owner: 'x' });
    await fs.setMetadata(`${root}/a`, { lang: '' });
    equal(await fs.getMetadata(`${root}/a`), { org: 'acme', repo: 'app', owner: 'x' });
    await fs.clearMetadata(`${root}/a`);
    await fs.clearMetadata(`${root}/a`);
    equal(await fs.getMetadata(`${root}/a`), { org: 'acme', repo: 'app' });
    await fails(fs.setMetadata(`${root}/a`, { org: 'x' }), { code: 'EINVAL' });
    await fails(fs.setMetadata(`${root}/none`, { a: 'x' }), { code: 'ENOENT' });
  });

  run('moves metadata with a path, does not copy it, and removes it', async ({ fs, root }) => {
    await fs.mkdir(`${root}/d`);
    await fs.writeFile(`${root}/d/a`, 'x');
    await fs.setMetadata(`${root}/d/a`, { k: 'v' });
    await fs.cp(`${root}/d/a`, `${root}/copy`);
    equal(await fs.getMetadata(`${root}/copy`), { org: 'acme', repo: 'app' });
    await fs.mv(`${root}/d`, `${root}/e`);
    equal(await fs.getMetadata(`${root}/e/a`), { org: 'acme', repo: 'app', k: 'v' });
    await fs.rm(`${root}/e/a`);
    await fs.writeFile(`${root}/e/a`, 'again');
    equal(await fs.getMetadata(`${root}/e/a`), { org: 'acme', repo: 'app' });
  });
}
