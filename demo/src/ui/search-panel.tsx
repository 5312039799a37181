import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Problem } from '../workspace/errors.ts';
import { baseName, parentOf } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import type { SearchHit, SearchOptions, SearchResult } from '../workspace/text-search.ts';
import { useIde } from './context.ts';
import { FileBadge } from './icons.tsx';
import { KeysHint, keysTitle } from './keys-hint.tsx';

/** Finds text in all files. */
export function SearchPanel(): JSX.Element {
  const ide = useIde();
  const { search } = ide;
  const input = useRef<HTMLInputElement>(null);
  const query = search.query.value;
  const options = search.options.value;
  const found = search.found.value;
  const busy = search.busy.value;
  // At once: what is typed right after the key that led here belongs into the field, in place of what was searched for before.
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const result = found?.result ?? null;
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
          void search.run();
        }}
      >
        <div class="search-line">
          <input
            ref={input}
            class="field"
            type="search"
            aria-label="Search in all files"
            aria-describedby="search-hint"
            placeholder="Search in all files"
            enterkeyhint="search"
            spellcheck={false}
            value={query}
            onInput={(event) => search.type(event.currentTarget.value)}
          />
          {busy ? (
            <button key="stop" type="button" class="button" data-testid="search-stop" onClick={() => search.stop()}>
              Stop
            </button>
          ) : (
            <button key="go" type="submit" class="button" data-testid="search-go" title={`Search${keysTitle('Enter')}`}>
              Search
            </button>
          )}
        </div>
        {/* Every search reads all files, and brings in those that are not here yet: it begins when a person says so. */}
        <p class="search-hint" id="search-hint">
          {busy ? (
            'Searching all files…'
          ) : query !== '' && query === found?.query ? (
            '\u00a0'
          ) : (
            <>
              Press <KeysHint binding="Enter" /> to search
            </>
          )}
        </p>
        <div class="search-options">
          <label>
            <input type="checkbox" checked={options.matchCase} onChange={(event) => search.choose({ ...options, matchCase: event.currentTarget.checked })} />{' '}
            Match case
          </label>
          <label>
            <input type="checkbox" checked={options.regex} onChange={(event) => search.choose({ ...options, regex: event.currentTarget.checked })} /> Regular
            expression
          </label>
        </div>
      </form>
      <div class="side-list" data-testid="search-results">
        {found?.problem ? (
          <p class="tree-empty search-problem" role="alert" data-testid="search-problem">
            {problemText(found.problem, options)}
          </p>
        ) : (
          <p class="tree-empty" role="status">
            {summary(result, files.size)}
          </p>
        )}
        {[...files].map(([path, hits]) => (
          <div key={path}>
            <button type="button" class="side-row" onClick={() => ide.pick(path, hits[0]?.line ?? null)}>
              <FileBadge path={path} />
              <span>{shownText(baseName(path))}</span>
              <span class="side-row-path">{shownText(ide.relative(parentOf(path)))}</span>
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

/** Why a search failed; of rg’s own words only what says what is wrong. */
function problemText({ message, unreachable }: Problem, { regex }: SearchOptions): string {
  if (unreachable === true) return 'The server can’t be reached, and not all files are on this device. Search again later.';
  const invalid = /invalid regex|regex parse error/.test(message) && regex;
  return invalid ? `This is not a valid regular expression: ${message.replace(/^rg: (invalid regex: )?/, '')}` : `The search failed: ${message}`;
}

function summary(result: SearchResult | null, files: number): string {
  if (!result) return '';
  const partial = result.partial ? ' Files and folders that could not be read here are missing.' : '';
  if (result.hits.length === 0) return `Nothing found.${partial}`;
  const lines = result.hits.length === 1 ? '1 line' : `${result.hits.length.toLocaleString('en')} lines`;
  return `${lines} in ${files === 1 ? '1 file' : `${files} files`}${result.more ? '; there are more' : ''}${partial === '' ? '' : `.${partial}`}`;
}
