// `npm run corpus -- [--repos FOLDER]`: real three-way merges by the core, by jj-lib and by git, every answer compared (crates/oracle/src/corpus.rs), and the files
// renamed on the way (renames.rs).
// The merges are those of merge commits of public repositories and of versions of npm packages, as crates/oracle/corpus lists them. A repository is
// taken from FOLDER, where it may be called owner/name or owner+name, else it is cloned into the cache folder, like the packages.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compiled, oracle, show } from './lib/oracle.mjs';
import { cache, root } from './lib/places.mjs';

/** What is larger is no text anybody merges. */
const MAX_BYTES = 1 << 20;

/** Comparisons in which more files came or went are left out. */
const MAX_FILES = 300;

const { values } = parseArgs({ options: { repos: { type: 'string' } } });
const home = join(cache, 'corpus');
const listed = (name) =>
  readFileSync(join(root, 'crates/oracle/corpus', name), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

if (!(await compiled())) process.exit(1);
const codes = [await show(oracle, ['corpus'], feed), await show(oracle, ['renames'], feedRenames)];
process.exitCode = Math.max(...codes);

/** Writes every merge of a file: a line with its name and the lengths of left, base and right, then the three texts. */
async function feed(out) {
  const seen = new Set();
  for (const merge of merges()) {
    const texts = merge.read();
    const key = texts.map((text) => text.toString('latin1')).join('\0');
    if (texts.some((text) => text.length > MAX_BYTES) || seen.has(key)) continue;
    seen.add(key);
    out.write(`${merge.name.replaceAll('\n', ' ')} ${texts.map((text) => text.length).join(' ')}\n`);
    for (const text of texts) if (!out.write(text)) await new Promise((resolve) => out.once('drain', resolve));
  }
}

/** The merge commits listed, with the folder of their repository. */
function* commits() {
  let repo = '';
  for (const line of listed('merges.txt')) {
    if (line.startsWith(' ')) for (const commit of line.trim().split(' ')) yield { repo, folder: clone(repo), commit };
    else repo = line;
  }
}

function* merges() {
  for (const { repo, folder, commit } of commits()) yield* ofCommit(repo, folder, commit);
  for (const line of listed('packages.txt')) {
    const [name, ...versions] = line.split(' ');
    for (let at = 0; at + 2 < versions.length; at += 1) yield* ofVersions(name, versions.slice(at, at + 3));
  }
}

/** Writes what went and what came between a merge's base and each of its parents, and which of that git takes for renamed. */
async function feedRenames(out) {
  const seen = new Set();
  for (const { repo, folder, commit } of commits()) {
    const git = (...args) => execFileSync('git', ['-C', folder, ...args], { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
    const parents = git('rev-parse', `${commit}^1`, `${commit}^2`).toString().trim().split('\n');
    const base = git('merge-base', ...parents)
      .toString()
      .trim();
    for (const side of parents) {
      if (seen.has(`${base} ${side}`)) continue;
      seen.add(`${base} ${side}`);
      const { files, pairs } = renamesOf(git('diff-tree', '-r', '-z', '-M', '--raw', '--no-abbrev', base, side).toString());
      const [gone, come] = ['-', '+'].map((sign) => files.filter((file) => file.sign === sign).length);
      if (gone === 0 || come === 0 || files.length > MAX_FILES) continue;
      const blobs = files.map(({ mode, oid }) => (mode === '160000' ? Buffer.alloc(0) : git('cat-file', 'blob', oid)));
      const parts = [[files.length, pairs.length, repo, `${base}..${side}\n`].join(' ')];
      for (const [index, { sign, mode, oid, path }] of files.entries()) parts.push(`${sign} ${mode} ${oid} ${blobs[index].length} ${path}\n`, blobs[index]);
      for (const pair of pairs) parts.push(`${pair}\n`);
      for (const part of parts) if (!out.write(part)) await new Promise((resolve) => out.once('drain', resolve));
    }
  }
}

/** Reads `git diff-tree -z -M --raw`. */
function renamesOf(text) {
  const words = text.split('\0').filter(Boolean);
  /** @type {{ sign: string, mode: string, oid: string, path: string }[]} */
  const files = [];
  /** @type {string[]} */
  const pairs = [];
  for (let at = 0; at < words.length;) {
    const [before, after, old, now, kind] = words[at].slice(1).split(' ');
    const [path, to] = words.slice(at + 1, at + 3);
    if (kind === 'D' || kind.startsWith('R')) files.push({ sign: '-', mode: before, oid: old, path });
    if (kind === 'A') files.push({ sign: '+', mode: after, oid: now, path });
    if (kind.startsWith('R')) {
      files.push({ sign: '+', mode: after, oid: now, path: to });
      pairs.push(`${Number(kind.slice(1))} ${path}\t${to}`);
    }
    at += kind.startsWith('R') ? 3 : 2;
  }
  return { files, pairs };
}

/** The files both parents of a merge commit changed. */
function* ofCommit(repo, folder, commit) {
  const git = (...args) => execFileSync('git', ['-C', folder, ...args], { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
  const [left, right] = git('rev-parse', `${commit}^1`, `${commit}^2`).toString().trim().split('\n');
  const base = git('merge-base', left, right).toString().trim();
  const changed = (side) => {
    const lines = git('diff-tree', '-r', '-z', '--no-renames', '--no-abbrev', base, side).toString().split('\0');
    const files = new Map();
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const [, , before, after, kind] = lines[at].split(' ');
      if (kind === 'M' && /^:100\d{3} 100/.test(lines[at])) files.set(lines[at + 1], { before, after });
    }
    return files;
  };
  const [lefts, rights] = [changed(left), changed(right)];
  for (const [path, { before, after }] of lefts) {
    const other = rights.get(path)?.after;
    if (other === undefined || new Set([before, after, other]).size < 3) continue;
    yield { name: `${repo} ${commit} ${path}`, read: () => [after, before, other].map((oid) => git('cat-file', 'blob', oid)) };
  }
}

/** The files that differ between each two of three versions of a package. */
function* ofVersions(name, versions) {
  const folders = versions.map((version) => unpacked(name, version));
  const files = readdirSync(folders[1], { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  for (const file of files) {
    const path = join(file.parentPath, file.name).slice(folders[1].length + 1);
    const places = folders.map((folder) => join(folder, path));
    if (!places.every((place) => existsSync(place))) continue;
    const texts = places.map((place) => readFileSync(place));
    if (texts[0].equals(texts[1]) || texts[1].equals(texts[2]) || texts[0].equals(texts[2])) continue;
    yield { name: `${name}@${versions.join('…')} ${path}`, read: () => texts };
  }
}

/** A repository's folder. */
function clone(repo) {
  const given = values.repos === undefined ? [] : [repo, repo.replace('/', '+')].map((name) => join(values.repos, name));
  for (const folder of given.flatMap((path) => [join(path, 'repo'), path])) if (existsSync(folder)) return folder;
  const folder = join(home, `${repo.replace('/', '+')}.git`);
  if (existsSync(folder)) return folder;
  console.error(`cloning ${repo}`);
  mkdirSync(home, { recursive: true });
  execFileSync('git', ['clone', '--quiet', '--bare', `https://github.com/${repo}.git`, folder], { stdio: 'inherit' });
  return folder;
}

/** The folder of a version of a package, with what it is made of. */
function unpacked(name, version) {
  const folder = join(home, 'packages', `${name}-${version}`);
  if (existsSync(join(folder, 'package'))) return join(folder, 'package');
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('tar', ['-xzf', join(folder, `${name}-${version}.tgz`), '-C', folder]);
  return join(folder, 'package');
}
