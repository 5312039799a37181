import type { WorkspaceFs } from '../workspace/client.ts';
import { joinPath } from '../workspace/paths.ts';

/** What could stand in place of the word before the cursor. */
export interface Completion {
  /** Where the word begins. */
  from: number;
  /** Whole words, escaped for the shell; folders end with a slash. */
  words: string[];
  /** What all of them begin with. */
  common: string;
}

/** Completes the word before the cursor: a command's name at the start of a command, else a path. */
export async function complete(fs: Pick<WorkspaceFs, 'readdirWithFileTypes'>, cwd: string, text: string, commands: readonly string[]): Promise<Completion> {
  const word = /(?:\\.|[^\s;|&<>()])*$/.exec(text)?.[0] ?? '';
  const from = text.length - word.length;
  const begins = /(?:^|[;|&(]\s*)$/.test(text.slice(0, from));
  const plain = word.replaceAll(/\\(.)/g, '$1');
  const words = begins && !plain.includes('/') ? commands.filter((name) => name.startsWith(plain)).map((name) => `${name} `) : await paths(fs, cwd, plain);
  return { from, words, common: commonStart(words) };
}

async function paths(fs: Pick<WorkspaceFs, 'readdirWithFileTypes'>, cwd: string, word: string): Promise<string[]> {
  const cut = word.lastIndexOf('/') + 1;
  const [folder, start] = [word.slice(0, cut), word.slice(cut)];
  const entries = await fs.readdirWithFileTypes(folder.startsWith('/') ? joinPath('/', folder) : joinPath(cwd, folder)).catch(() => []);
  return entries
    .filter((entry) => entry.name.startsWith(start) && (start !== '' || !entry.name.startsWith('.')))
    .map((entry) => escapeWord(folder + entry.name) + (entry.isDirectory ? '/' : ' '))
    .toSorted();
}

function escapeWord(word: string): string {
  return word.replaceAll(/[^\w./~@%+=:,-]/g, String.raw`\$&`);
}

function commonStart(words: readonly string[]): string {
  let common = words[0] ?? '';
  for (const word of words) {
    while (!word.startsWith(common)) common = common.slice(0, -1);
  }
  // Half an escape is none.
  return common.replace(/(^|[^\\])\\$/, '$1');
}
