import type { JSX } from 'preact';
import { baseName, parentOf } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import { useIde } from './context.ts';
import { FileBadge } from './icons.tsx';

/** All files in conflict. */
export function ConflictsPanel(): JSX.Element {
  const ide = useIde();
  const { conflicts, documents } = ide.workspace;
  const active = documents.active.value?.path.value;
  return (
    <>
      <div class="sidebar-head">
        <h2>Conflicts</h2>
      </div>
      <div class="side-list" data-testid="conflicts">
        {conflicts.value.length === 0 ? (
          <p class="tree-empty">
            Nothing is in conflict. When two writers change the same lines at the same time, both versions are kept, and the file is listed here.
          </p>
        ) : null}
        {conflicts.value.map((path) => (
          <button
            key={path}
            type="button"
            class="side-row"
            data-testid="conflict-item"
            data-path={path}
            aria-current={path === active}
            onClick={() => ide.pick(path)}
          >
            <FileBadge path={path} />
            <span>{shownText(baseName(path))}</span>
            <span class="side-row-path">{shownText(ide.relative(parentOf(path)))}</span>
          </button>
        ))}
      </div>
    </>
  );
}
