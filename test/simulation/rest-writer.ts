import { VIRTUAL_ROOT_CHANGE_ID } from '../../src/base/ids.ts';
import type { Core } from '../../src/core/load.ts';
import type { VirtualClock } from './clock.ts';
import { Content } from './content.ts';
import type { Ledger, Write } from './ledger.ts';
import type { Link } from './network.ts';
import { Random } from './random.ts';
import type { SimServer } from './server.ts';
import { TOKEN_LIFE } from './server.ts';
import { editedText, marksIn } from './texts.ts';
import type { Trace } from './trace.ts';

/** What a {@link RestWriter} is made of. */
export interface RestWriterParts {
  clock: VirtualClock;
  seed: number;
  core: Core;
  server: SimServer;
  link: Link;
  ledger: Ledger;
  trace: Trace;
}

/** Somebody who writes over the REST API: several files at once, and only if nobody wrote meanwhile. */
export class RestWriter {
  readonly #parts: RestWriterParts;
  busy = 0;

  constructor(parts: RestWriterParts) {
    this.#parts = parts;
  }

  async write(token: number, paths: readonly string[], r: number): Promise<void> {
    const { server, seed, clock, ledger, trace, link, core } = this.#parts;
    const head = await server.storage.head('repo_app', { bookmark: 'main' });
    const change = head?.change ?? null;
    if (change === null || change.id === VIRTUAL_ROOT_CHANGE_ID) return;
    const random = new Random(seed, `rest ${token} ${r}`);
    const content = new Content(core, server.objects);
    const removed = new Set<number>();
    const files: { path: string; content: string }[] = [];
    let marked = false;
    try {
      const here = content.files(change);
      for (const path of paths) {
        const { terms } = here.get(path) ?? { terms: [null] };
        const [term] = terms;
        const before = term === null || term === undefined ? '' : text(server, term.oid);
        const after = editedText(before, random, token);
        for (const seen of marksIn(before)) if (!marksIn(after).includes(seen)) removed.add(seen);
        marked ||= marksIn(after).includes(token);
        files.push({ path, content: Buffer.from(after).toString('base64') });
      }
    } finally {
      content.free();
    }
    const write: Write = {
      token: marked ? token : -token,
      by: 'rest',
      what: paths.join(' '),
      at: clock.now(),
      status: 'waiting',
      settledAt: 0,
      error: '',
      removed,
    };
    ledger.writes.set(write.token, write);
    this.busy += 1;
    const giveUp = new AbortController();
    clock.set(() => giveUp.abort(new Error('no answer came')), 5_000);
    try {
      const response = await link.fetch(
        new Request(`http://backend.test/v1/acme/app/changes/${change.id}`, {
          method: 'PATCH',
          headers: { Authorization: `Bearer ${server.token(TOKEN_LIFE).token}`, 'Content-Type': 'application/json' },
          body: JSON.stringify({ base_commit_oid: change.commit, files }),
          signal: giveUp.signal,
        }),
      );
      const body = await response.text();
      // A page says nothing.
      const isAnswer = response.headers.get('content-type')?.includes('json') === true && response.status < 500;
      write.status = !isAnswer ? 'unsure' : response.ok ? 'acked' : 'refused';
      write.error = write.status === 'acked' ? '' : `${response.status} ${body.slice(0, 100)}`;
    } catch (error) {
      write.status = 'unsure';
      write.error = String(error);
    } finally {
      this.busy -= 1;
    }
    write.settledAt = clock.now();
    trace.add('rest', `<${token}> ${write.status} ${write.error}`);
  }
}

function text(server: SimServer, oid: string): string {
  return new TextDecoder().decode(server.objects.get(oid)?.bytes ?? new Uint8Array(0));
}
