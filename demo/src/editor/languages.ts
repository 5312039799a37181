import { LanguageDescription, type LanguageSupport } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { languageOf, type Language } from '../workspace/file-kinds.ts';

type Grammar = NonNullable<Language['grammar']>;

const loaders: Record<Grammar, () => Promise<LanguageSupport>> = {
  javascript: async () => (await import('@codemirror/lang-javascript')).javascript(),
  jsx: async () => (await import('@codemirror/lang-javascript')).javascript({ jsx: true }),
  typescript: async () => (await import('@codemirror/lang-javascript')).javascript({ typescript: true }),
  tsx: async () => (await import('@codemirror/lang-javascript')).javascript({ typescript: true, jsx: true }),
  json: async () => (await import('@codemirror/lang-json')).json(),
  markdown: async () => (await import('@codemirror/lang-markdown')).markdown({ codeLanguages: fenced }),
  css: async () => (await import('@codemirror/lang-css')).css(),
  html: async () => (await import('@codemirror/lang-html')).html(),
  rust: async () => (await import('@codemirror/lang-rust')).rust(),
  python: async () => (await import('@codemirror/lang-python')).python(),
};

/** The languages of code blocks in Markdown. */
function fenced(info: string): LanguageDescription | null {
  const name = info.split(/\s/)[0]?.toLowerCase() ?? '';
  const { grammar } = languageOf(`x.${aliases[name] ?? name}`);
  if (grammar === null || grammar === 'markdown') return null;
  // The same description each time: it remembers that its language was loaded.
  const known = descriptions.get(grammar) ?? LanguageDescription.of({ name: grammar, load: () => loadGrammar(grammar) });
  descriptions.set(grammar, known);
  return known;
}

const descriptions = new Map<Grammar, LanguageDescription>();

const aliases: Record<string, string> = { javascript: 'js', typescript: 'ts', rust: 'rs', python: 'py' };

const loaded = new Map<Grammar, Promise<LanguageSupport>>();

/** Loads a grammar the first time it is needed. */
export function loadGrammar(grammar: Grammar): Promise<LanguageSupport> {
  let support = loaded.get(grammar);
  if (!support) {
    support = loaders[grammar]();
    loaded.set(grammar, support);
    // A load that failed, the network being away, is tried again the next time.
    support.catch(() => loaded.delete(grammar));
  }
  return support;
}

/** What colours a path's text. Where its grammar can't be loaded, the text is shown without colours. */
export async function languageFor(path: string, load: (grammar: Grammar) => Promise<Extension> = loadGrammar): Promise<Extension> {
  const { grammar } = languageOf(path);
  return grammar === null ? [] : load(grammar).catch(() => []);
}
