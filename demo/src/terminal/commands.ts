import { keyLabels } from '../workspace/keys.ts';

/** The shell's commands by what they are for. It has no directory that lists them, and its own `help` knows builtins only. */
const groups: readonly (readonly [title: string, names: string])[] = [
  ['Files', 'ls cat cp mv rm mkdir rmdir touch ln chmod find tree stat file du pwd basename dirname readlink'],
  ['Text', 'grep rg sed awk sort uniq head tail wc cut paste join comm split column tr rev tac nl fold expand unexpand strings diff tee xargs egrep fgrep'],
  ['Data', 'jq base64 od md5sum sha1sum sha256sum html-to-markdown expr seq date'],
  ['Shell', 'echo printf env printenv alias unalias history which bash sh time timeout sleep true false whoami hostname clear help'],
  ['Builtins', 'cd pushd popd export unset read test type source eval set exit'],
];

/** What begins a command line as well. */
const others = ['wasi', 'case', 'for', 'function', 'if', 'until', 'while'];

/** All commands, for completion: sorted, each once. */
export const commandNames: readonly string[] = [...new Set([...groups.flatMap(([, names]) => names.split(' ')), ...others])].toSorted();

/** What `help` answers, in lines of at most `width` columns. */
export function helpText(width: number, bookmark: string): string {
  const notes: readonly (readonly [string, string])[] = [
    ['More', '“ls --help” says what a command takes, “help cd” what a builtin does. Pipes, redirects, variables, loops and functions are as in bash.'],
    ['Programs', '“wasi hello.wasm” runs one that is compiled for WASI. There are no others: no process is started here.'],
    ['Versions', versionsHint(bookmark)],
  ];
  return [...groups, ...notes].map(([title, text]) => section(title, text, width)).join('\n');
}

const elsewhere: readonly { names: readonly string[]; hint: (bookmark: string) => string }[] = [
  { names: ['git', 'jj', 'hg', 'svn', 'gh'], hint: versionsHint },
  {
    names: ['vi', 'vim', 'nvim', 'nano', 'emacs', 'code', 'open', 'less', 'more'],
    hint: () => `The editor is above: ${keys('Mod+P')} opens a file. “cat” prints one here.`,
  },
  { names: ['man', 'info'], hint: () => '“ls --help” says what a command takes; “help” lists the commands.' },
  { names: ['curl', 'wget', 'ssh', 'nc', 'ping'], hint: () => 'This shell has no network.' },
];

/** Says what there is instead of a command that a command line asked for in vain; `null` when it did not. */
export function hintFor(stderr: string, bookmark: string): string | null {
  const name = /(?:^|: )([\w.+-]+): command not found$/m.exec(stderr)?.[1];
  if (name === undefined) return null;
  const known = elsewhere.find(({ names }) => names.includes(name));
  return known ? known.hint(bookmark) : '“help” lists the commands. No process is started here, but “wasi” runs programs that are compiled for WASI.';
}

/** What a command complained of, with a limit of the shell said for people: nobody can raise it here. */
export function plainLimits(stderr: string): string {
  return stderr
    .replace(/too many commands executed \(>(\d+)\), increase executionLimits\.\w+/g, (_all, most: string) => endless('commands', most))
    .replace(/too many iterations \((\d+)\), increase executionLimits\.\w+/g, (_all, most: string) => endless('rounds', most))
    .replace(/, increase executionLimits\.\w+/g, '');
}

function endless(what: string, most: string): string {
  return `stopped after ${Number(most).toLocaleString('en')} ${what}; a loop may have no end`;
}

/** A text in lines of at most `width` columns; a longer word has a line to itself. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function versionsHint(bookmark: string): string {
  const change = `what is saved is kept by itself, in the change that the bookmark “${bookmark}” names`;
  return `There is no git here, and nothing has to be committed: ${change}. ${keys('Alt+C')} begins a change of your own; the button at the top left leads back, or moves the bookmark there.`;
}

function keys(binding: string): string {
  return keyLabels(binding).join('+');
}

function section(title: string, text: string, width: number): string {
  const indent = 10;
  return wrapWords(text, Math.max(width - indent, 20))
    .map((line, index) => `${index === 0 ? `\x1b[1m${title.padEnd(indent)}\x1b[0m` : ' '.repeat(indent)}${line}`)
    .join('\n');
}
