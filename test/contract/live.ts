import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { equal, ok, until } from './assert.ts';
import type { TestFunction } from './assert.ts';
import type { InProcess } from './in-process.ts';
import { inWorld, live, watch } from './world.ts';

/** What one mount sees of another's edits, and what it does while the backend is out of reach. */
export function liveSuite(test: TestFunction, start: () => Promise<InProcess>): void {
  const run = inWorld(test, start);

  run('runs the guide’s flow as it is written', async ({ fs, root, backend }) => {
    await fs.writeFile(`${root}/README.md`, '# app');
    const other = await backend.client().fs.mount({ repos: [{ name: 'app', bookmark: 'main' }], mode: 'rw' });
    await other.change.edit({ repo: 'app', bookmark: 'main' });
    equal(await other.readFile('/acme/app/README.md', 'utf8'), '# app');
    const seen: string[] = [];
    const subscription = other.subscribe(async (event) => {
      seen.push(`${event.path} ${String(event.recursive)} ${await other.readFile(event.path)}`);
    });
    await fs.writeFile(`${root}/README.md`, '# changed');
    await until(() => seen.length === 1, 'the event has come');
    equal(seen, ['/acme/app/README.md false # changed'], 'the new state can be read in the handler');
    subscription.unsubscribe();
    await fs.writeFile(`${root}/README.md`, '# again');
    await until(async () => (await other.readFile('/acme/app/README.md')) === '# again', 'reads go on without a subscription');
    equal(seen.length, 1);
    await other.close();
  });

  run('tells of every kind of edit, with the paths it touched', async (world) => {
    const { fs, root } = world;
    const peer = await world.peer();
    const { next } = watch(peer);
    await fs.writeFile(`${root}/a`, 'x');
    equal(await next(1), [{ path: `${root}/a`, recursive: false }]);
    await fs.mkdir(`${root}/d`);
    equal(await next(1), [{ path: `${root}/d`, recursive: false }]);
    await fs.writeFile(`${root}/d/b`, 'x');
    equal(await next(1), [{ path: `${root}/d/b`, recursive: false }]);
    await fs.mv(`${root}/d`, `${root}/e`);
    equal(
      (await next(2)).toSorted((x, y) => (x.path < y.path ? -1 : 1)),
      [
        { path: `${root}/d`, recursive: true },
        { path: `${root}/e`, recursive: true },
      ],
    );
    await fs.rm(`${root}/e`, { recursive: true });
    equal(await next(1), [{ path: `${root}/e`, recursive: true }]);
  });

  run('tells a mount nothing of its own writes', async (world) => {
    const { fs, root } = world;
    await live(fs);
    const { events } = watch(fs);
    const peer = await world.peer();
    await fs.writeFile(`${root}/a`, 'x');
    await fs.mkdir(`${root}/d`);
    await fs.mv(`${root}/a`, `${root}/d/a`);
    await peer.writeFile(`${root}/from-peer`, 'x');
    await until(() => events.length > 0, 'the peer’s write was heard of');
    equal(events, [{ path: `${root}/from-peer`, recursive: false }]);
  });

  run('tells a mount of its own write when the result is another', async (world) => {
    const { fs, root } = world;
    await fs.writeFile(`${root}/a`, '1\n2\n3\n4\n5\n');
    const peer = await world.peer();
    equal(await peer.readFile(`${root}/a`), '1\n2\n3\n4\n5\n');
    const { next } = watch(peer);
    // Both write before either hears of the other.
    const [mine, theirs] = [fs.writeFile(`${root}/a`, 'one\n2\n3\n4\n5\n'), peer.writeFile(`${root}/a`, '1\n2\n3\n4\nfive\n')];
    await Promise.all([mine, theirs]);
    await world.seen(peer, `${root}/a`, 'one\n2\n3\n4\nfive\n');
    await world.seen(fs, `${root}/a`, 'one\n2\n3\n4\nfive\n');
    const events = await next(1);
    equal(events[0], { path: `${root}/a`, recursive: false });
  });

  run('follows a bookmark that others move', async (world) => {
    const { fs, root } = world;
    await fs.writeFile(`${root}/a`, 'one');
    await fs.writeFile(`${root}/b`, 'same');
    const peer = await world.peer();
    const { next } = watch(peer);
    const { changeOid } = await fs.change.new({ repo: 'app', bookmark: 'main' });
    await fs.writeFile(`${root}/a`, 'two');
    await fs.bookmark.move({ repo: 'app', name: 'main', changeId: changeOid });
    equal(await next(1), [{ path: `${root}/a`, recursive: false }]);
    equal(await peer.readFile(`${root}/a`), 'two');
    equal((await peer.change.current({ repo: 'app' })).changeId, changeOid);
    await fs.writeFile(`${root}/b`, 'and in its change');
    await world.seen(peer, `${root}/b`, 'and in its change');
  });

  run('keeps what is not accepted yet on top of what others write', async (world) => {
    const { fs, root, backend } = world;
    const peer = await world.peer();
    await fs.writeFile(`${root}/a`, 'a');
    await world.seen(peer, `${root}/a`, 'a');
    const { promise, resolve } = Promise.withResolvers<null>();
    let held = false;
    backend.intercept = (request) => {
      if (held || !backend.isWrite(request)) return null;
      held = true;
      return promise.then(() => backend.handler(request));
    };
    const slow = fs.writeFile(`${root}/mine`, 'not accepted');
    await until(() => held, 'the write is under way');
    await peer.writeFile(`${root}/theirs`, 'x');
    await world.seen(fs, `${root}/theirs`, 'x');
    equal(await fs.readFile(`${root}/mine`), 'not accepted');
    equal(fs.sync.status.pending, 1);
    resolve(null);
    await slow;
    // From a worker the status comes by another way than the answer.
    await until(() => fs.sync.status.pending === 0, 'nothing is pending');
    equal((await fs.readdir(root)).toSorted(), ['a', 'mine', 'theirs']);
  });

  run('loses no acknowledgement when the network fails while a new head is taken in', async (world) => {
    const { fs, root, backend } = world;
    // So large a directory that it does not come along with events.
    const others = Array.from({ length: 150 }, (_, index) => String(index).padEnd(120, '-'));
    const names = async (of: MesaFileSystem): Promise<string[]> => (await of.readdir(`${root}/d`)).filter((name) => !others.includes(name));
    await fs.mkdir(`${root}/d`);
    await Promise.all([...others, 'a'].map((name) => fs.writeFile(`${root}/d/${name}`, 'a')));
    const peer = await world.peer();
    equal(await names(peer), ['a']);
    let failures = 10;
    let sent = 0;
    backend.intercept = async (request): Promise<Response | null> => {
      if (backend.isWrite(request) && sent < 1) {
        sent += 1;
        // A peer's edit comes first, so that this one has to be laid on top of trees that are not at hand.
        await peer.writeFile(`${root}/d/theirs`, 'x');
        return null;
      }
      if (sent === 0 || failures === 0 || !/objects|trees|open|content/.test(request.url)) return null;
      failures -= 1;
      throw new TypeError('fetch failed');
    };
    await Promise.all([fs.writeFile(`${root}/d/mine`, '1'), fs.writeFile(`${root}/d/more`, '2')]);
    await until(async () => (await names(fs)).length === 4, 'all are there');
    equal((await names(fs)).toSorted(), ['a', 'mine', 'more', 'theirs']);
    equal([fs.sync.status.pending, failures], [0, 0]);
  });

  run('sends again what got no answer, and it is done once', async (world) => {
    const { fs, root, backend } = world;
    await fs.writeFile(`${root}/log`, '');
    let dropped = 0;
    backend.intercept = async (request): Promise<Response | null> => {
      if (!backend.isWrite(request) || dropped >= 2) return null;
      dropped += 1;
      // The first is lost on its way, the answer to the second on its way back.
      if (dropped === 2) await backend.handler(request);
      throw new TypeError('fetch failed');
    };
    const writes = [fs.appendFile(`${root}/log`, 'one\n'), fs.appendFile(`${root}/log`, 'two\n')];
    await Promise.all(writes);
    equal(dropped, 2);
    equal(await fs.readFile(`${root}/log`), 'one\ntwo\n');
    const other = await world.peer();
    equal(await other.readFile(`${root}/log`), 'one\ntwo\n');
  });

  run('goes on after the stream of events was cut, missing nothing', async (world) => {
    const { fs, root, backend } = world;
    await fs.writeFile(`${root}/a`, 'one');
    let streams = 0;
    backend.intercept = (request) => {
      if (!request.url.includes('/-/events')) return null;
      streams += 1;
      return streams === 1 ? new Response('id: \nevent: ready\ndata: {"cursor":""}\n\n', { headers: { 'Content-Type': 'text/event-stream' } }) : null;
    };
    const peer = await backend.client().fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
    const { next } = watch(peer);
    await fs.writeFile(`${root}/a`, 'two');
    equal(await next(1), [{ path: `${root}/a`, recursive: false }]);
    equal(await peer.readFile(`${root}/a`), 'two');
    await until(() => streams >= 2, 'the stream is open again');
    await peer.close();
  });

  run('opens again when the history of events is gone', async (world) => {
    const { fs, root, backend } = world;
    await fs.writeFile(`${root}/a`, 'one');
    let streams = 0;
    backend.intercept = async (request): Promise<Response | null> => {
      // The first mount may open a stream of its own now, for the change its write has made.
      if (!request.url.includes('/-/events') || request.headers.get('X-Mesa-User-Agent')?.includes('peer') !== true) return null;
      streams += 1;
      if (streams > 1) return null;
      await fs.writeFile(`${root}/a`, 'two');
      return new Response('id: x\nevent: ready\ndata: {"cursor":"x"}\n\nid: x\nevent: reset\ndata: {}\n\n', {
        headers: { 'Content-Type': 'text/event-stream' },
      });
    };
    const peer = await backend.client({ userAgent: 'peer' }).fs.mount({ repos: [{ name: 'app', bookmark: 'main' }] });
    const { next } = watch(peer);
    equal(await next(1), [{ path: `${root}/a`, recursive: false }]);
    equal(await peer.readFile(`${root}/a`), 'two');
    await peer.close();
  });

  run('renews a token that has ended', async (world) => {
    const { backend, root, fs } = world;
    await fs.writeFile(`${root}/a`, 'x');
    const signer = backend.client();
    let asked = 0;
    const accessToken = async (): Promise<string> => {
      asked += 1;
      return (await signer.tokens.create({ ttl_seconds: 120 })).token;
    };
    const mount = await backend.client({ accessToken }).fs.mount({ repos: ['app'] });
    const before = asked;
    await mount.writeFile(`${root}/b`, 'x');
    equal(asked, before);
    backend.clock.advance(200_000);
    await mount.writeFile(`${root}/c`, 'x');
    ok(asked > before);
    await mount.close();
  });

  run('fails closed when no other token is to be had', async (world) => {
    const { backend, root } = world;
    const signer = backend.client();
    const { token } = await signer.tokens.create({ ttl_seconds: 120 });
    const mount = await backend.client({ accessToken: token }).fs.mount({ repos: ['app'] });
    await mount.writeFile(`${root}/a`, 'x');
    backend.clock.advance(200_000);
    const error = (await mount.writeFile(`${root}/b`, 'x').catch((caught: unknown) => caught)) as { code?: string; message?: string };
    equal(error.code, 'EACCES', error.message);
    ok(error.message?.includes('TOKEN_EXPIRED'), error.message);
    equal(await mount.readFile(`${root}/a`), 'x', 'what is at hand can be read');
    equal(await mount.exists(`${root}/b`), false);
    equal(mount.sync.status.state, 'expired');
    await mount.close();
  });

  run('says what a mount still had to send when it is closed', async (world) => {
    const { backend, root } = world;
    const mount = await backend.client().fs.mount({ repos: ['app'] });
    await mount.writeFile(`${root}/a`, 'x');
    const unanswered = mount.writeFile(`${root}/b`, 'x');
    equal(await mount.close(), { pending: 0 }, 'a write under way is waited for');
    await unanswered;
    equal(await mount.close(), { pending: 0 });
    const failed = (await mount.readFile(`${root}/a`).catch((caught: unknown) => caught)) as { code?: string };
    equal(failed.code, 'ECANCELED');
  });
}
