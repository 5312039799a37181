import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { keysTitle } from '../ui/keys-hint.tsx';
import { Waiting } from '../ui/lazy.tsx';
import { treeKey } from './tree-keys.ts';
import { VersionRow } from './version-row.tsx';

/** How often the head is looked at while the history is in sight and there is a connection, in milliseconds: nothing tells of a head that moved without changing a file. */
const lookEvery = 1_000;

/** Every version, the newest first, and what changed in it. */
export function HistoryPanel(): JSX.Element {
  const ide = useIde();
  const { history, sync, changes, place } = ide.workspace;
  const list = useRef<HTMLDivElement>(null);
  const [now, setNow] = useState(Date.now);
  const [at, setAt] = useState<string | null>(null);
  const live = sync.value.state === 'live';
  useEffect(() => {
    const look = (): void => {
      if (!document.hidden && live) void history.look().catch(() => undefined);
    };
    // What failed or was read long ago is read anew.
    void history.refresh();
    const looking = setInterval(look, lookEvery);
    const ageing = setInterval(() => setNow(Date.now()), 20_000);
    return () => {
      clearInterval(looking);
      clearInterval(ageing);
    };
  }, [history, live]);
  const versions = history.versions.value;
  useEffect(() => setNow(Date.now()), [versions]);
  const own = changes.current.value !== null;
  const current = at ?? versions?.[0]?.id ?? null;
  return (
    <>
      <div class="sidebar-head">
        <h2>History</h2>
      </div>
      <div class="history-top">
        <button
          type="button"
          class="button history-save"
          data-testid="save-version"
          disabled={versions?.length === 0}
          title={
            versions?.length === 0
              ? 'There is nothing to save yet: write a file first'
              : `${own ? 'Say what this change is about' : 'Give what you have now a message, and go on from there'}${keysTitle('Alt+V')}`
          }
          onClick={() => (ide.savingVersion.value = true)}
        >
          {own ? 'Describe this change…' : 'Save version…'}
        </button>
      </div>
      <Problem />
      <div
        ref={list}
        class="side-list history"
        data-testid="history"
        onKeyDown={(event) => {
          if (list.current && treeKey(event, list.current)) event.preventDefault();
        }}
      >
        {versions === null && history.problem.value === null ? <Waiting /> : null}
        {versions?.length === 0 ? <p class="tree-empty">There are no versions yet. The first file you write begins the first one.</p> : null}
        {versions === null || versions.length === 0 ? null : (
          <div role="tree" aria-label={`Versions of ${place.repo}`}>
            {versions.map((version, index) => (
              <VersionRow key={version.id} version={version} present={index === 0} now={now} current={current} setCurrent={setAt} />
            ))}
          </div>
        )}
        {history.more.value ? (
          <button type="button" class="button button-quiet history-more" disabled={history.busy.value} onClick={() => void history.showMore()}>
            Show older versions
          </button>
        ) : null}
      </div>
    </>
  );
}

/** Says why the list isn't there, or may be out of date. */
function Problem(): JSX.Element | null {
  const { history } = useIde().workspace;
  const problem = history.problem.value;
  if (problem === null) return null;
  const none = history.versions.value === null;
  return (
    <div class="history-problem" role="status" data-testid="history-problem">
      <p>
        {problem.unreachable !== true
          ? `The history couldn’t be read. ${problem.message}`
          : none
            ? 'The server can’t be reached, and keeps the history. It is shown here as soon as it can be.'
            : 'The server can’t be reached: this is the history as it was last seen.'}
      </p>
      {problem.unreachable === true ? null : (
        <button type="button" class="button" onClick={() => void history.refresh()}>
          Try again
        </button>
      )}
    </div>
  );
}
