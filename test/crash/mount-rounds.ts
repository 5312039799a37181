import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MesaFileSystem } from '../../src/client/file-system.ts';
import { Mesa } from '../../src/runtime/node.ts';
import { serve } from '../../worker/node.ts';
import { Line } from '../e2e/line.ts';
import { bodyOf, idsOf } from './page/scenarios/mount-texts.ts';
import type { Killable, Outcome, RoundOptions } from './rounds.ts';
import { findOnce, killRounds } from './rounds.ts';
import type { Site } from './site.ts';

const ORG = 'acme';
const REPO = 'crash';
const ROOT = `/${ORG}/${REPO}`;

/**
 * Rounds on whole mounts: in two of three the page that writes has no network, in two of three the one that looks has none. At the end there is one, and
 * the server has to have each acknowledged write, once.
 */
export async function mountRounds(site: Site, browser: Killable, options: Omit<RoundOptions, 'scenario' | 'query' | 'before'>): Promise<Outcome> {
  const dataDir = mkdtempSync(join(tmpdir(), 'mesafs-crash-data-'));
  const server = await serve({ port: 0, dataDir, org: ORG });
  const line = await Line.to(server.url);
  let connected = true;
  const connect = async (wanted: boolean): Promise<void> => {
    if (wanted !== connected) await (wanted ? line.restore() : line.cut());
    connected = wanted;
  };
  try {
    const mesa = new Mesa({ apiUrl: `${server.url}/v1`, apiKey: server.adminKey ?? '', org: ORG });
    await mesa.repos.create({ name: REPO });
    const mount = (): Promise<MesaFileSystem> => mesa.fs.mount({ repos: [{ name: REPO, bookmark: 'main' }] });
    const first = await mount();
    for (const folder of ['writes', 'logs']) await first.mkdir(`${ROOT}/${folder}`);
    await first.close();
    const query = { api: `${line.url}v1`, key: server.adminKey ?? '', org: ORG, repo: REPO };
    // The first look brings in what can be read later without a network.
    await findOnce(site, browser, 'mount', query);
    const acknowledged = new Set<number>();
    const before = (round: number, phase: 'write' | 'find'): Promise<void> => connect((round + (phase === 'find' ? 1 : 0)) % 3 === 0);
    const outcome = await killRounds(site, browser, { ...options, scenario: 'mount', query, before, acknowledged });
    await connect(true);
    await findOnce(site, browser, 'mount', query);
    const peer = await mount();
    const files = await numbers(peer, 'writes');
    const lines = new Set<number>();
    for (const log of await numbers(peer, 'logs')) for (const id of idsOf(await peer.readFile(`${ROOT}/logs/${log}.txt`))) lines.add(id);
    const gone = [...acknowledged].filter((id) => !(id % 2 === 0 ? files : lines).has(id));
    if (gone.length > 0) throw new Error(`the server lacks ${gone.length} acknowledged writes, ${gone[0]} first`);
    for (const id of files) if ((await peer.readFile(`${ROOT}/writes/${id}.txt`)) !== bodyOf(id)) throw new Error(`the server has other text in file ${id}`);
    const conflicts = await peer.conflicts({ repo: REPO });
    if (conflicts.length > 0) throw new Error(`one browser is in conflict with itself: ${conflicts.join(', ')}`);
    await peer.close();
    return outcome;
  } finally {
    await connect(false);
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The numbers that name the files of a folder. */
async function numbers(fs: MesaFileSystem, folder: string): Promise<Set<number>> {
  return new Set((await fs.readdir(`${ROOT}/${folder}`)).map((name) => Number.parseInt(name, 10)));
}
