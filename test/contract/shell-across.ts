import { equal, ok } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld } from './world.ts';

/** What a shell copies and moves between the mount and its `/tmp`. */
export function shellAcrossSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);
  /** A file with a link to it, in the repo as in the scratch. */
  const BOTH = 'cd /acme/app; for d in . /tmp; do echo kept > $d/target; ln -s target $d/link; done';
  const SHOW = 'for f in link target; do test -L $f && echo "$f -> $(readlink $f)" || echo "$f: $(cat $f)"; done';

  run('cp copies what a link leads to, and writes through one', async ({ fs, root }) => {
    const bash = fs.bash({ cwd: root });
    await bash.exec(BOTH);
    const out = await bash.exec('cp link /tmp/x && test ! -L /tmp/x && cat /tmp/x; cp /tmp/link y && test ! -L y && cat y');
    equal([out.stdout, out.stderr], ['kept\nkept\n', '']);
    const within = await bash.exec('cd /tmp; cp link copy && test ! -L copy && cat copy; rm x copy');
    equal([within.stdout, within.stderr], ['kept\n', '']);
    const through = await bash.exec(`echo new > /tmp/new; cp /tmp/new link; ${SHOW}; echo newer > newer; cp newer /tmp/link; cd /tmp; ${SHOW}`);
    equal([through.stdout, through.stderr], ['link -> target\ntarget: new\nlink -> target\ntarget: newer\n', '']);
    await bash.exec('mkdir -p d/in; ln -s in d/l; ln -s d dl; cp -r dl /tmp/copied; cp -r /tmp/copied back');
    equal(await fs.readlink(`${root}/back/l`), 'in', 'a link inside stays one');
    equal((await fs.lstat(`${root}/back`)).isDirectory, true);
  });

  run('mv replaces a link, and not what it leads to', async ({ fs, root, backend }) => {
    const bash = fs.bash({ cwd: root });
    await bash.exec(BOTH);
    const into = await bash.exec(
      `echo new > /tmp/new; chmod +x /tmp/new; mv /tmp/new link; test -x link && echo can; test -e /tmp/new || echo gone; ${SHOW}; ls`,
    );
    equal([into.stdout, into.stderr], ['can\ngone\nlink: new\ntarget: kept\nlink\ntarget\n', '']);
    const out = await bash.exec(`mv link /tmp/link; cd /tmp; ${SHOW}; ls; ls /acme/app`);
    equal([out.stdout, out.stderr], ['link: new\ntarget: kept\nlink\ntarget\ntarget\n', '']);
    const link = await bash.exec(`ln -s target /tmp/other; mv /tmp/other target; readlink target; ls -A`);
    equal([link.stdout, link.stderr], ['target\ntarget\n', ''], 'a link that is moved stays one');
    const other = await backend.client().fs.mount({ repos: ['app'] });
    equal((await other.lstat(`${root}/target`)).isSymbolicLink, true);
    await other.close();
  });

  run('mv gives what it replaces the bit of what is moved, and keeps the one that is refused', async ({ fs, root }) => {
    const bash = fs.bash({ cwd: root });
    const bit = await bash.exec('echo old > f; chmod +x f; echo new > /tmp/f; mv /tmp/f f; test -x f || echo plain; cat f');
    equal([bit.stdout, bit.stderr], ['plain\nnew\n', '']);
    await bash.exec('mkdir -p full/d empty /tmp/d; echo kept > full/d/k; echo moved > /tmp/d/m; echo file > /tmp/x; mkdir -p /tmp/t/x; echo in > /tmp/t/x/in');
    const full = await bash.exec('mv /tmp/d full');
    ok(full.exitCode !== 0 && full.stderr.includes('ENOTEMPTY'), full.stderr);
    const over = await bash.exec('echo file > x; mv x /tmp/t');
    ok(over.exitCode !== 0 && over.stderr.includes('EISDIR'), over.stderr);
    const copied = await bash.exec('cp x /tmp/t');
    ok(copied.exitCode !== 0 && copied.stderr.includes('EISDIR'), copied.stderr);
    equal((await bash.exec('cat full/d/k /tmp/d/m x /tmp/t/x/in')).stdout, 'kept\nmoved\nfile\nin\n');
    equal((await bash.exec('mkdir empty/d; mv /tmp/d empty && cat empty/d/m; ls /tmp/d 2>/dev/null || echo gone')).stdout, 'moved\ngone\n');
  });

  run('mv loses nothing where a step fails', async ({ fs, root, backend }) => {
    const bash = fs.bash({ cwd: root });
    await bash.exec(`${BOTH}; ln -s /acme/app/target out; echo there > /tmp/out`);
    const refused = await bash.exec('mv out /tmp/out');
    ok(refused.exitCode !== 0 && refused.stderr.includes('make it in the repo'), refused.stderr);
    equal((await bash.exec('cat /tmp/out; ls /tmp; readlink out')).stdout, 'there\nlink\nout\ntarget\n/acme/app/target\n');
    backend.intercept = (request) =>
      backend.isWrite(request) ? Response.json({ error: { code: 'FORBIDDEN', message: 'You may not.' } }, { status: 403 }) : null;
    const forbidden = await bash.exec('mv /tmp/target link');
    backend.intercept = null;
    ok(forbidden.exitCode !== 0, forbidden.stderr);
    equal((await bash.exec(`cat /tmp/target; ${SHOW}; ls -A`)).stdout, 'kept\nlink -> target\ntarget: kept\nlink\nout\ntarget\n');
  });
}
