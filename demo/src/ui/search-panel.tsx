import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { baseName, parentOf } from '../workspace/paths.ts';
import { searchText, type SearchHit, type SearchOptions, type SearchResult } from '../workspace/text-search.ts';
import { useIde } from './context.ts';
import { FileBadge } from './icons.tsx';

/** Finds text in all files. */
export function SearchPanel(): JSX.Element {
  const ide = useIde();
  const input = useRef<HTMLInputElement>(null);
  const running = useRef<AbortController | null>(null);
  const [query, setQuery] = useState('');
  const [options, setOptions] = useState<SearchOptions>({ matchCase: false, regex: false });
  const [result, setResult] = useState<SearchResult | null>(null);
  const [busy, setBusy] = useState(false);
  // At once: what is typed right after the key that led here belongs into the field.
  useLayoutEffect(() => {
    input.current?.focus();
    return () => running.current?.abort();
  }, []);
  const run = async (): Promise<void> => {
    running.current?.abort();
    if (query === '') return;
    const controller = new AbortController();
    running.current = controller;
    setBusy(true);
    try {
      const found = await searchText(
        ide.workspace.shell(),
        ide.workspace.root,
        query,
        options,
        controller.signal,
        () => ide.workspace.sync.peek().state === 'live',
      );
      if (!controller.signal.aborted) setResult(found);
    } catch (error) {
      if (!controller.signal.aborted) ide.notices.fail('The search failed', error);
    } finally {
      if (running.current === controller) setBusy(false);
    }
  };
  const files = new Map<string, SearchHit[]>();
  for (const hit of result?.hits ?? []) files.set(hit.path, [...(files.get(hit.path) ?? []), hit]);
  return (
    <>
      <div class="sidebar-head">
        <h2>Search</h2>
        {busy ? <span class="spinner" /> : null}
      </div>
      <form
        class="search-form"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <input
          ref={input}
          class="field"
          type="search"
          aria-label="Search in all files"
          placeholder="Search, then Enter"
          spellcheck={false}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
        <div class="search-options">
          <label>
            <input type="checkbox" checked={options.matchCase} onChange={(event) => setOptions({ ...options, matchCase: event.currentTarget.checked })} /> Match
            case
          </label>
          <label>
            <input type="checkbox" checked={options.regex} onChange={(event) => setOptions({ ...options, regex: event.currentTarget.checked })} /> Regular
            expression
          </label>
        </div>
      </form>
      <div class="side-list" data-testid="search-results">
        <p class="tree-empty" role="status">
          {summary(result, files.size)}
        </p>
        {[...files].map(([path, hits]) => (
          <div key={path}>
            <button type="button" class="side-row" onClick={() => ide.pick(path, hits[0]?.line ?? null)}>
              <FileBadge path={path} />
              <span>{baseName(path)}</span>
              <span class="side-row-path">{ide.relative(parentOf(path))}</span>
            </button>
            {hits.map((hit) => (
              <button key={hit.line} type="button" class="side-row" data-testid="search-hit" onClick={() => ide.pick(path, hit.line)}>
                <span class="side-row-line">{hit.line}</span>
                <HitLine hit={hit} />
              </button>
            ))}
          </div>
        ))}
      </div>
    </>
  );
}

/** A line that was found: where there is no room for all of it, what was found stays in sight. */
function HitLine({ hit: { before, match, after } }: { hit: SearchHit }): JSX.Element {
  return (
    <span class="side-row-text">
      <span class="side-row-before">
        <bdi>{before}</bdi>
      </span>
      <mark>{match}</mark>
      <span>{after}</span>
    </span>
  );
}

function summary(result: SearchResult | null, files: number): string {
  if (!result) return '';
  const partial = result.partial ? ' Files and folders that could not be read here are missing.' : '';
  if (result.hits.length === 0) return `Nothing found.${partial}`;
  const lines = result.hits.length === 1 ? '1 line' : `${result.hits.length.toLocaleString('en')} lines`;
  return `${lines} in ${files === 1 ? '1 file' : `${files} files`}${result.more ? '; there are more' : ''}${partial === '' ? '' : `.${partial}`}`;
}
