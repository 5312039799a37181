import { equal, fails, ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld } from './world.ts';

/** Bash over a mount. */
export function shellSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);

  run('runs pipelines over the mount’s files', async ({ fs, root }) => {
    await fs.mkdir(`${root}/src`);
    await fs.writeFile(`${root}/src/a.ts`, '// TODO one\n// TODO two\n');
    await fs.writeFile(`${root}/src/b.ts`, 'done\n');
    const bash = fs.bash({ cwd: root, env: { CI: 'true' } });
    equal((await bash.exec('grep -r TODO src | wc -l; echo $CI; pwd')).stdout, `2\ntrue\n${root}\n`);
    equal((await bash.exec('find . -name "*.ts" | sort | xargs cat | head -1')).stdout, '// TODO one\n');
  });

  run('writes what can be read at once and is accepted when the command line ends', async ({ fs, root, backend }) => {
    const bash = fs.bash({ cwd: root });
    await fs.writeFile(`${root}/first`, '');
    backend.takeRequests();
    const result = await bash.exec(
      'for i in 1 2 3 4 5 6 7 8 9 10; do echo $i > f$i; done; cat f1 f10; mkdir d && mv f1 d/ && cp -r d e && rm f2 && ls | tr "\\n" " "',
    );
    equal([result.stdout, result.stderr, result.exitCode], ['1\n10\nd e f10 f3 f4 f5 f6 f7 f8 f9 first ', '', 0]);
    await until(() => fs.sync.status.pending === 0, 'nothing is pending');
    const other = await backend.client().fs.mount({ repos: ['app'] });
    equal(await other.readFile(`${root}/e/f1`), '1\n');
    equal(await other.exists(`${root}/f2`), false);
    await other.close();
  });

  run('copies, moves and links as a shell does', async ({ fs, root }) => {
    const bash = fs.bash({ cwd: root });
    const script = [
      'echo x > a',
      'cp a b',
      'mv a c',
      'cp b c',
      'mv b c',
      'ln -s c l',
      'cat l',
      'mkdir -p d/e',
      'mv c d',
      'cp -r d d2',
      'ls -R d2',
      'rm -r d',
      'test -e d || echo gone',
    ];
    const result = await bash.exec(script.join(' && '));
    equal([result.stdout, result.stderr, result.exitCode], ['x\nd2:\nc\ne\n\nd2/e:\ngone\n', '', 0]);
    equal((await bash.exec('chmod +x d2/c && test -x d2/c && echo can')).stdout, 'can\n');
  });

  run('refuses what would be written where nothing is kept, and loses nothing', async ({ fs, root }) => {
    const bash = fs.bash({ cwd: root });
    await fs.writeFile(`${root}/a`, 'kept\n');
    await fs.mkdir(`${root}/d`);
    await fs.writeFile(`${root}/d/b`, 'kept too\n');
    const lines = [
      'mv a ../a',
      'mv a /elsewhere',
      'mv d /tmpd',
      'cp a /bar',
      'cp -r d ~/d',
      'echo x > /acme/other',
      'echo x >> /foo',
      'mkdir /x',
      'mkdir -p /x/y',
    ];
    for (const line of [...lines, 'touch /t', 'ln -s a /l', 'tee /etc/f < a']) {
      const { exitCode, stderr } = await bash.exec(line);
      ok(exitCode !== 0 && stderr !== '', `${line}: ${exitCode} ${stderr}`);
    }
    equal((await bash.exec('cat a d/b; ls / ..')).stdout, 'kept\nkept too\n/:\nacme\n\n..:\napp\n');
    equal((await bash.exec('mv d /tmp/d && mv /tmp/d e && cat e/b')).stdout, 'kept too\n');
  });

  run('ends what takes too long, in the page as beside the data', async ({ fs, root }) => {
    for (const options of [{}, { customCommands: [] }]) {
      const bash = fs.bash({ cwd: root, timeoutMs: 60_000, ...options });
      const { exitCode, stderr } = await bash.exec('sleep 20', { timeoutMs: 50 });
      equal([exitCode, stderr], [124, 'bash: timed out after 50 ms\n']);
      equal((await bash.exec('echo on')).stdout, 'on\n');
      await bash.close();
    }
    const stuck = { name: 'stuck', execute: () => new Promise<never>(() => {}) };
    const bash = fs.bash({ cwd: root, timeoutMs: 50, customCommands: [stuck] });
    equal((await bash.exec('stuck')).exitCode, 124);
    await bash.close();
  });

  run('moves and links nothing between the mount and its scratch that would be lost on the way', async ({ fs, root, backend }) => {
    const bash = fs.bash({ cwd: root });
    await fs.mkdir(`${root}/d`);
    await fs.writeFile(`${root}/d/a`, 'in the mount\n');
    const linked = await bash.exec('ln -s /acme/app/d /tmp/d && echo x > /tmp/d/new');
    ok(linked.exitCode !== 0 && linked.stderr.includes('make it in the repo'), linked.stderr);
    equal((await bash.exec('cd /tmp; echo y > there; ln -s there here; cat here')).stdout, 'y\n');
    await bash.exec('echo mine > /tmp/x');
    backend.intercept = (request) =>
      backend.isWrite(request) ? Response.json({ error: { code: 'FORBIDDEN', message: 'You may not.' } }, { status: 403 }) : null;
    const refused = await bash.exec('mv /tmp/x x');
    ok(refused.exitCode !== 0, 'it is refused');
    backend.intercept = null;
    equal((await bash.exec('cat /tmp/x')).stdout, 'mine\n');
    equal((await bash.exec('mv d /tmp/moved && cat /tmp/moved/a && ls')).stdout, 'in the mount\n');
  });

  run('has a scratch of its own beside the mount', async ({ fs, root }) => {
    const bash = fs.bash({ cwd: root });
    const result = await bash.exec('echo x > /tmp/a && cat /tmp/a > b && cp b /tmp/c && cat /tmp/c; echo gone > /dev/null; ls /');
    equal([result.stdout, result.stderr], ['x\nacme\n', '']);
    equal(await fs.exists('/tmp'), false);
  });

  run('answers failures as exit codes', async ({ fs, root }) => {
    const bash = fs.bash({ cwd: root });
    const missing = await bash.exec('cat none');
    equal(missing.exitCode, 1);
    ok(missing.stderr.includes('none: No such file or directory'), missing.stderr);
    const redirect = await bash.exec('echo x > none/file');
    equal(redirect.exitCode, 1);
    ok(redirect.stderr.includes('ENOENT'), redirect.stderr);
    equal((await bash.exec('no-such-command')).exitCode, 127);
    equal((await bash.exec('exit 3')).exitCode, 3);
  });

  run('says what a read-only mount refuses', async ({ fs, mesa, root }) => {
    await fs.writeFile(`${root}/a`, 'x');
    await using reader = await mesa.fs.mount({ repos: ['app'], mode: 'ro' });
    const result = await reader.bash({ cwd: root }).exec('cat a; rm a');
    equal([result.stdout, result.exitCode], ['x', 1]);
    ok(result.stderr.includes('read-only'), result.stderr);
    equal(await fs.readFile(`${root}/a`), 'x');
  });

  run('stops at its time limit and when it is cancelled', async ({ fs, root }) => {
    const late = await fs.bash({ cwd: root, timeoutMs: 30 }).exec('sleep 60');
    equal([late.exitCode, late.stderr], [124, 'bash: timed out after 30 ms\n']);
    const controller = new AbortController();
    const running = fs.bash({ cwd: root }).exec('sleep 60', { signal: controller.signal });
    controller.abort();
    equal((await running).exitCode, 130);
  });

  run('tells the command line of a refusal that wrote what is refused, and keeps what it said', async ({ backend, root }) => {
    const fs = await backend.client().fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
    const bash = fs.bash({ cwd: root });
    await bash.exec('true');
    let wait = 0;
    backend.intercept = async (request) => {
      if (!backend.isWrite(request)) return null;
      await new Promise((resolve) => setTimeout(resolve, wait));
      return Response.json({ error: { code: 'FORBIDDEN', message: 'Not here.' } }, { status: 403 });
    };
    const [writer, other] = await Promise.all([bash.exec('echo x > a; sleep 0.4; echo said'), bash.exec('sleep 0.2; echo fine')]);
    equal([other.stdout, other.stderr, other.exitCode], ['fine\n', '', 0]);
    equal([writer.stdout, writer.exitCode], ['said\n', 1]);
    ok(writer.stderr.includes('Not here.'), writer.stderr);
    wait = 200;
    equal((await bash.exec('echo x > b; sleep 60', { timeoutMs: 50 })).exitCode, 124);
    const next = await bash.exec('sleep 0.4; echo fine');
    equal([next.stdout, next.stderr, next.exitCode], ['fine\n', '', 0]);
    backend.intercept = null;
    await fs.close();
  });

  run('takes as long as it is given, however long that is', async ({ fs, root }) => {
    const bash = fs.bash({ cwd: root, timeoutMs: 2 ** 31 });
    equal((await bash.exec('sleep 0.1; echo x')).stdout, 'x\n');
    equal((await bash.exec('sleep 0.1; echo x', { timeoutMs: Infinity })).stdout, 'x\n');
  });

  run('ends what is under way when its mount is closed, and then runs nothing more', async ({ backend, fs, root }) => {
    const mount = await backend.client().fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
    const bash = mount.bash({ cwd: root });
    const page = mount.bash({ cwd: root, customCommands: [] });
    await Promise.all([bash.exec('true'), page.exec('true')]);
    const [short, long] = [bash.exec('sleep 0.3; echo x > f; cat f'), bash.exec('sleep 60')];
    const began = performance.now();
    const closed = mount.close();
    await fails(bash.exec('echo late'), { code: 'ECANCELED' });
    await closed;
    ok(performance.now() - began < 8_000, `closing took ${Math.round(performance.now() - began)} ms`);
    equal([(await short).stdout, (await short).exitCode, (await long).exitCode], ['x\n', 0, 130]);
    for (const shell of [bash, page]) await fails(shell.exec('echo late'), { code: 'ECANCELED', syscall: 'exec' });
    await until(() => fs.exists(`${root}/f`), 'what was written has arrived');
  });

  run('keeps what can be executed executable between the mount and the scratch', async ({ fs, root }) => {
    const script = [
      'mkdir /tmp/d',
      'echo x > /tmp/d/run',
      'chmod +x /tmp/d/run',
      'cp /tmp/d/run run',
      'cp -r /tmp/d d',
      'test -x run',
      'test -x d/run',
      'mv run /tmp/back',
      'test -x /tmp/back',
      'echo y > /tmp/plain',
      'mv /tmp/plain plain',
      'test ! -x plain',
      'echo all',
    ];
    const result = await fs.bash({ cwd: root }).exec(script.join(' && '));
    equal([result.stdout, result.stderr, result.exitCode], ['all\n', '', 0]);
  });

  run('begins each command line anew, unless it is given the last one’s variables', async ({ fs, root }) => {
    await fs.mkdir(`${root}/d`);
    const bash = fs.bash({ cwd: root });
    const first = await bash.exec('cd d; export X=1');
    equal((await bash.exec('pwd; echo $X')).stdout, `${root}\n\n`);
    equal((await bash.exec('pwd; echo $X', { cwd: first.env['PWD'] ?? '', env: first.env })).stdout, `${root}/d\n1\n`);
  });

  run('ends what is under way when it is closed, and runs nothing more', async ({ fs, root }) => {
    const [bash, other] = [fs.bash({ cwd: root }), fs.bash({ cwd: root })];
    const running = bash.exec('echo x > f; cat f');
    await Promise.all([bash.close(), bash.close()]);
    equal((await running).stdout, 'x\n');
    await fails(bash.exec('ls'), { code: 'ECANCELED', syscall: 'exec', message: 'fs.bash() makes another' });
    equal((await other.exec('ls')).stdout, 'f\n');
    await fs.close();
    await other.close();
  });

  run('runs in the page when it is given commands of the page’s own', async ({ fs, root }) => {
    const hello = { name: 'hello', execute: async (args: string[]) => ({ stdout: `hello ${args[0] ?? ''}\n`, stderr: '', exitCode: 0 }) };
    const bash = fs.bash({ cwd: root, customCommands: [hello] });
    equal((await bash.exec('hello you > f; cat f')).stdout, 'hello you\n');
    equal(await fs.readFile(`${root}/f`), 'hello you\n');
  });
}
