import { basename, resolve } from 'node:path';
import { existsSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemEnv } from '../../src/base/env.ts';
import { loadNodeCore } from '../../src/runtime/node-core.ts';
import { ApiError } from '../../src/wire/errors.ts';
import { createKey } from '../../src/server/bootstrap.ts';
import { Api } from './api.ts';
import { openBackend } from './backend.ts';
import { dataFolder, openThere, requireOrg } from './data.ts';
import { exportRepo } from './export.ts';
import { importSource } from './import.ts';
import { count, formatBytes, progress } from './progress.ts';
import { readSource } from './read-source.ts';
import { serveUntilStopped } from './serve.ts';
import type { Unreached } from './unreached.ts';
import { findUnreached } from './unreached.ts';
import { UsageError } from './usage-error.ts';
import { packageVersion } from './version.ts';
import { StartError } from '../node/start-error.ts';

const HELP = `mesafs: a versioned filesystem's backend, and the ways in and out of it

  mesafs serve [--port 4870] [--data .mesafs] [--org acme] [--rest-only]
      Serves the API on 127.0.0.1. The first start prints an admin key, once. With --rest-only it is Mesa's REST API and
      nothing else, without the endpoints for live sync.

  mesafs key --data .mesafs [--org acme]
      Makes another admin key, for data that no server has open.

  mesafs import <folder | git repository> [--repo name] [--bookmark main] [--message text] [--rev revision]
      Imports files, exec bits, symlinks and empty folders into a new or empty repo, as one change; what is written next
      begins another on top. Of a git checkout the files on disk that are not ignored; of a bare repository, or with --rev, the
      files of a commit.

  mesafs export <repo> <folder>
      Writes a git repository with a branch for each bookmark and the history of their changes. Empty folders, which git
      does not hold, are left out, and so are changes that no bookmark reaches: with --data it is said which.

  import and export work on a running server, --api or MESA_API_URL (else http://127.0.0.1:4870/v1) with --key or
  MESA_API_KEY, or on a data directory that no server has open (--data .mesafs); --org names another org than acme.

  mesafs --version, mesafs --help`;

const OPTIONS = {
  api: { type: 'string' },
  bookmark: { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  key: { type: 'string' },
  message: { type: 'string' },
  org: { type: 'string' },
  port: { type: 'string' },
  repo: { type: 'string' },
  'rest-only': { type: 'boolean' },
  rev: { type: 'string' },
} as const;

const BACKEND = ['api', 'key', 'data', 'org'] as const;
/** The commands, and which options each takes. */
const COMMANDS = new Map<string, readonly (keyof typeof OPTIONS)[]>([
  ['serve', ['port', 'data', 'org', 'rest-only']],
  ['key', ['data', 'org']],
  ['import', ['repo', 'bookmark', 'message', 'rev', ...BACKEND]],
  ['export', BACKEND],
]);

/** Ids that are told of changes that an export leaves out. */
const TIPS_TOLD = 10;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>['values'];

/** Runs the `mesafs` command: serve, key, import, export. What goes wrong for a reason a person can mend is one sentence, and the exit code 1. */
export async function main(args: string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    const isPlain = error instanceof UsageError || error instanceof StartError || error instanceof ApiError;
    console.error(isPlain ? `mesafs: ${error.message}` : error);
    process.exitCode = 1;
  }
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  const [command, ...rest] = positionals;
  if (values.version) return console.log(packageVersion());
  if (values.help) return console.log(HELP);
  if (command === undefined) {
    console.error(HELP);
    process.exitCode = 1;
    return;
  }
  refuseOptions(command, values);
  if (command === 'serve' || command === 'key') refuseArguments(command, rest);
  if (command === 'serve') {
    const { port = '4870', org = 'acme', 'rest-only': restOnly = false } = values;
    return serveUntilStopped({ port: portNumber(port), dataDir: dataFolder(values.data ?? '.mesafs'), org, restOnly });
  }
  if (command === 'key') return makeKey(values);
  if (command === 'import') return runImport(rest, values);
  return runExport(rest, values);
}

/** What another command takes would do nothing here, and somebody counts on it. */
function refuseOptions(command: string, values: Values): void {
  const taken = COMMANDS.get(command);
  if (taken === undefined) throw new UsageError(`There is no command "${command}"; there are serve, key, import and export (mesafs --help)`);
  const stray = (Object.keys(values) as (keyof Values)[]).find((name) => !taken.includes(name));
  if (stray !== undefined) throw new UsageError(`mesafs ${command} does not take --${stray}; it takes ${taken.map((name) => `--${name}`).join(', ')}`);
}

function readArguments(args: string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // What else is said there is how to give something of that name that is no option.
    throw new UsageError(`${message.replace(/\. To specify a positional argument.*$/s, '')}; mesafs --help lists the options`);
  }
}

async function makeKey({ data, org = 'acme' }: Values): Promise<void> {
  if (data === undefined) throw new UsageError('mesafs key needs the data directory: --data .mesafs');
  const env = systemEnv();
  const folder = dataFolder(data);
  const storage = openThere(folder);
  try {
    const { id } = await requireOrg(storage, folder, org);
    console.log((await createKey(storage, env, id, { name: 'admin', scopes: ['admin'] })).key);
  } finally {
    await storage.close();
  }
}

/** For commands that are told all by options. */
function refuseArguments(command: string, [first]: string[]): void {
  if (first !== undefined) throw new UsageError(`mesafs ${command} takes options only, and "${first}" is none; a data directory is named with --data ${first}`);
}

function portNumber(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(port) || port > 65_535) throw new UsageError(`--port ${text === '' ? '""' : text} is not a port; give a number from 0 to 65535`);
  return port;
}

async function runImport([from, ...extra]: string[], { bookmark = 'main', ...values }: Values): Promise<void> {
  if (from === undefined || extra.length > 0) throw new UsageError('mesafs import takes one folder or git repository');
  const folder = resolve(from);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new UsageError(`${folder} is not a folder`);
  const began = performance.now();
  const repo = values.repo ?? repoName(folder);
  const source = await readSource(folder, values.rev);
  const core = await loadNodeCore();
  const backend = await openBackend(values, 'begin');
  try {
    const report = progress(`Importing ${repo}`, 'files');
    const message = values.message ?? `Import ${basename(folder)}`;
    const done = await importSource(new Api(backend, core), core, source, { org: backend.org, repo, bookmark, message }, report);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const empty = source.emptyDirectories.length;
    const folders = empty === 0 ? '' : ` and ${count(empty, 'empty folder')}`;
    report.end(
      `Imported ${count(done.files, 'file')}${folders}, ${formatBytes(done.bytes)} (${count(done.blobs, 'different content')}) in ${seconds} s and ${count(done.requests, 'request')}`,
    );
    for (const { path, reason } of source.skipped) console.error(`  left out ${path}: ${reason}`);
    console.log(`${backend.org}/${repo} ${bookmark} holds them since change ${done.change}, commit ${done.commit}`);
  } finally {
    source.close?.();
    await backend.close();
  }
}

/** A repo name out of a folder's name: what the server does not allow becomes `-`. */
function repoName(folder: string): string {
  const name = basename(folder)
    .replace(/\.git$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  if (name === '') throw new UsageError(`No repo name can be made of ${folder}; give one with --repo`);
  return name;
}

async function runExport([repo, folder, ...extra]: string[], values: Values): Promise<void> {
  if (repo === undefined || folder === undefined || extra.length > 0) throw new UsageError('mesafs export takes a repo and a folder');
  const began = performance.now();
  const core = await loadNodeCore();
  const backend = await openBackend(values, 'find');
  try {
    const report = progress(`Exporting ${repo}`, 'objects');
    const done = await exportRepo(new Api(backend, core), core, backend.org, repo, resolve(folder), report);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    report.end(`Exported ${count(done.commits, 'commit')}, ${count(done.objects, 'object')}, ${formatBytes(done.packBytes)} in ${seconds} s`);
    const none = done.commits === 0 ? 'no branch yet: the repo is empty' : 'no branch';
    console.log(`${resolve(folder)} has ${done.bookmarks.length === 0 ? none : `branches ${done.bookmarks.join(', ')}`}`);
    if (done.skipped.length > 0) console.error(`  left out ${done.skipped.join(', ')}: no commit yet, or not a valid branch name in git beside the others`);
    for (const complaint of done.complaints) console.error(`  git objects: ${complaint}`);
    if (backend.storage !== null) tellUnreached(await findUnreached(backend.storage, backend.org, repo));
  } finally {
    await backend.close();
  }
}

function tellUnreached({ count: changes, tips }: Unreached): void {
  if (changes === 0) return;
  const others = tips.length > TIPS_TOLD ? `, and ${tips.length - TIPS_TOLD} more` : '';
  console.error(
    `  left out ${count(changes, 'change')} that no bookmark reaches; to export them, put a bookmark at ${tips.slice(0, TIPS_TOLD).join(', ')}${others}`,
  );
}
