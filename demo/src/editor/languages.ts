import type { LanguageSupport } from '@codemirror/language';
import type { Language } from '../workspace/file-kinds.ts';

type Grammar = NonNullable<Language['grammar']>;

const loaders: Record<Grammar, () => Promise<LanguageSupport>> = {
  javascript: async () => (await import('@codemirror/lang-javascript')).javascript(),
  jsx: async () => (await import('@codemirror/lang-javascript')).javascript({ jsx: true }),
  typescript: async () => (await import('@codemirror/lang-javascript')).javascript({ typescript: true }),
  tsx: async () => (await import('@codemirror/lang-javascript')).javascript({ typescript: true, jsx: true }),
  json: async () => (await import('@codemirror/lang-json')).json(),
  markdown: async () => (await import('@codemirror/lang-markdown')).markdown(),
  css: async () => (await import('@codemirror/lang-css')).css(),
  html: async () => (await import('@codemirror/lang-html')).html(),
  rust: async () => (await import('@codemirror/lang-rust')).rust(),
  python: async () => (await import('@codemirror/lang-python')).python(),
};

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
