import { KeptPool } from '../../../src/core/kept-pool.ts';
import type { Core } from '../../../src/core/load.ts';
import type { StoredObject } from '../../../src/core/resolve.ts';
import { loadBenchCore } from '../core.ts';
import { factsOf, ratioOf } from '../harness.ts';
import type { Bench, Contender } from '../harness.ts';
import { isomorphicGit } from './isomorphic.ts';
import { makeVersions } from './versions.ts';
import type { Versions } from './versions.ts';

const NAME = '100,000 files, 100 edits a side';
const PEER = 'isomorphic-git';
const READ = 'trees read';
const CHANGED = 'trees that differ in all three';

export const bench: Bench = {
  about:
    'Merges of two versions of a repo, 100,000 files in 10,101 directories, with a third one as base; each side has 100 edits, 10 of them to other lines of the same files. A pool that knows nothing yet asks for what it needs, as a mount and the server do, and makes the new trees. isomorphic-git has one pack in memory and keeps what it knows of it; it writes nothing. git is started for each merge, in a repo on disk. All come to the same root tree.',
  runtimes: ['node', 'chromium'],
  async *cases(host) {
    const core = await loadBenchCore(host);
    const versions = makeVersions(core);
    const merged = await merge(core, versions);
    const mergedBy = (name: string, run: () => Promise<string>): Contender['run'] => {
      return async () => {
        const tree = await run();
        if (tree !== merged.tree) throw new Error(`${name} merged to tree ${tree}, we to ${merged.tree}`);
      };
    };
    const peer = await isomorphicGit(versions);
    const contenders: Contender[] = [
      { name: 'mesafs', run: mergedBy('A new pool', async () => (await merge(core, versions)).tree) },
      { name: PEER, run: mergedBy(PEER, () => peer.merge()), rounds: 2 },
    ];
    const git = host.runtime === 'node' ? await (await import('./git.ts')).gitRepo(peer) : null;
    if (git !== null) {
      contenders.push({ name: 'git merge-tree', run: mergedBy('git', () => git.merge()) });
      contenders.push({ name: 'git, started for nothing', run: () => git.start() });
    }
    const { read } = merged;
    const facts = {
      [READ]: read.filter(({ kind }) => kind === 'tree').length,
      [CHANGED]: changedTrees(core, versions),
      'blobs read': read.filter(({ kind }) => kind === 'blob').length,
      'objects made': merged.made.length,
      ...(git === null ? {} : { 'git, version': git.version }),
    };
    try {
      yield { name: NAME, rounds: 20, contenders, facts: () => facts };
    } finally {
      await git?.close();
    }
  },
  targets(results, runtime) {
    const ratio = ratioOf(results, NAME, PEER);
    const { [READ]: read, [CHANGED]: changed } = factsOf(results, NAME);
    return [
      { target: `trees, ${runtime}, ${NAME}: ≥ 10× as fast as ${PEER}`, measured: `${ratio.toFixed(0)}×`, met: ratio >= 10 },
      {
        target: `trees, ${runtime}, ${NAME}: only trees are read that differ in all three`,
        measured: `${String(read)} read, ${String(changed)} differ`,
        met: read === changed,
      },
    ];
  },
};

interface MergedTrees {
  tree: string;
  read: StoredObject[];
  made: StoredObject[];
}

/** A merge by a pool that has nothing yet. */
async function merge(core: Core, { ours, base, theirs, objects }: Versions): Promise<MergedTrees> {
  const [read, made]: [StoredObject[], StoredObject[]] = [[], []];
  const fetch = async (oids: string[]): Promise<StoredObject[]> => {
    const found = oids.flatMap((oid) => objects.get(oid) ?? []);
    read.push(...found);
    return found;
  };
  const pool = new KeptPool({ core, fetch, made: (created) => void made.push(...created), limit: Number.POSITIVE_INFINITY });
  try {
    const { trees } = await pool.make((asked) => asked.mergeTrees([[ours], [base], [theirs]]));
    const [tree = ''] = trees;
    if (trees.length !== 1) throw new Error('The versions conflict');
    return { tree, read, made };
  } finally {
    pool.close();
  }
}

/** How many trees stand where all three versions have another one: a directory only one side changed is taken by its id. */
function changedTrees(core: Core, { ours, base, theirs, objects }: Versions): number {
  const entries = (oid: string): Map<string, string> =>
    new Map(core.decodeTree(objects.get(oid)?.bytes ?? new Uint8Array(0)).map((entry) => [entry.name, entry.oid]));
  const open = [[ours, base, theirs]];
  let count = 0;
  for (let roots = open.pop(); roots !== undefined; roots = open.pop()) {
    if (new Set(roots).size < 3 || roots.some((oid) => objects.get(oid)?.kind !== 'tree')) continue;
    count += 3;
    const [one, ...others] = roots.map(entries);
    for (const [name, oid] of one ?? []) open.push([oid, ...others.map((other) => other.get(name) ?? '')]);
  }
  return count;
}
