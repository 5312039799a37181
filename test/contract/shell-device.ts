import type { MesaBashOptions } from '../../src/client/bash.ts';
import { equal, fails, ok } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld } from './world.ts';

/** Where a shell runs: beside the data, or in the page. */
const PLACES: [string, MesaBashOptions][] = [
  ['beside the data', {}],
  ['in the page', { customCommands: [] }],
];

/** What shells do alike wherever they run: `/dev/null`, and what they refuse to begin with. */
export function shellDeviceSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);

  for (const [place, options] of PLACES) {
    run(`/dev/null takes all and gives nothing, ${place}`, async ({ fs, root }) => {
      const bash = fs.bash({ cwd: root, ...options });
      const script = [
        'echo gone > /dev/null',
        'echo gone >> /dev/null',
        'cat none 2>/dev/null',
        'cat none &>/dev/null',
        '(set -C; echo gone > /dev/null) && echo clobbered',
        'echo gone | tee /dev/null',
        'cat /dev/null',
        'cat < /dev/null',
        'wc -c < /dev/null',
        'grep -c x /dev/null',
        'source /dev/null && echo sourced',
        'touch /dev/null && echo touched',
        'test -e /dev/null && test -c /dev/null && test ! -f /dev/null && test ! -s /dev/null && echo special',
        'echo x > f; cp /dev/null f && wc -c < f',
        'cp f /dev/null && echo copied',
        'echo gone > /dev/../dev/null; cat /dev/null',
        'echo end',
      ];
      const result = await bash.exec(script.join('\n'));
      equal([result.stdout, result.stderr], ['clobbered\ngone\n0\n0\nsourced\ntouched\nspecial\n0\ncopied\nend\n', '']);
    });

    run(`/dev/null stays where it is, ${place}`, async ({ fs, root }) => {
      const bash = fs.bash({ cwd: root, ...options });
      await fs.writeFile(`${root}/f`, 'kept');
      for (const line of ['rm /dev/null', 'mv /dev/null g', 'mv f /dev/null', 'ln -s f /dev/null', 'mkdir /dev/null']) {
        const { exitCode, stderr } = await bash.exec(line);
        ok(exitCode !== 0 && stderr !== '', `${line}: ${exitCode} ${stderr}`);
      }
      equal((await bash.exec('rm -rf /dev/null; cat f; echo gone > /dev/null; ls')).stdout, 'keptf\n');
    });

    run(`what is no command line is refused, ${place}`, async ({ fs, root }) => {
      const bash = fs.bash({ cwd: root, ...options });
      for (const [given, named] of [
        [42, "'42'"],
        [undefined, "'undefined'"],
        [['ls'], `'["ls"]'`],
      ] as const) {
        await fails(bash.exec(given as unknown as string), { code: 'EINVAL', syscall: 'exec', message: `${named} (a command line is a string` });
      }
      equal((await bash.exec('')).exitCode, 0);
    });

    run(`a directory that is not there is told before anything runs, and used once it is there, ${place}`, async ({ fs, root }) => {
      const bash = fs.bash({ cwd: `${root}/nope`, ...options });
      await fails(bash.exec('pwd'), { code: 'ENOENT', syscall: 'chdir', path: `${root}/nope` });
      await fs.mkdir(`${root}/nope`);
      equal((await bash.exec('pwd')).stdout, `${root}/nope\n`);
      await fs.rm(`${root}/nope`);
      equal((await bash.exec(`cd ${root}; pwd`)).stdout, `${root}\n`);
      await fs.writeFile(`${root}/file`, '');
      await fails(fs.bash({ cwd: `${root}/file`, ...options }).exec('pwd'), { code: 'ENOTDIR', syscall: 'chdir', path: `${root}/file` });
    });

    run(`an option that there is not is named, ${place}`, async ({ fs, root }) => {
      const bash = fs.bash({ cdw: root, ...options } as object);
      await fails(bash.exec('pwd'), { code: 'EINVAL', syscall: 'bash', path: 'cdw', message: 'there are cwd, env' });
      const line = fs.bash({ cwd: root, ...options }).exec('pwd', { cwdd: '/' } as object);
      await fails(line, { code: 'EINVAL', syscall: 'exec', path: 'cwdd', message: 'there are cwd, env, stdin' });
    });
  }
}
