import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { FileBadge, Icon } from '../ui/icons.tsx';
import { baseName, parentOf } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import { bringBackAll } from './bring-back.ts';
import type { Listing } from './history.ts';
import type { FileChange, Version } from './history-source.ts';
import { comparisonKey } from './version-compare.tsx';
import { countFiles, isNamed, statusWords, titleOf } from './version-text.ts';
import { ago, exactly } from './when.ts';

/** Files of a version that are listed without asking. */
const most = 100;

interface VersionRowProps {
  version: Version;
  /** It is the change that is looked at. */
  present: boolean;
  now: number;
  /** The row that Tab goes to. */
  current: string | null;
  setCurrent: (key: string) => void;
}

/** A version in the list: what it is about, by whom and when; its files once it is unfolded. */
export function VersionRow(props: VersionRowProps): JSX.Element {
  const { version, present, now, current, setCurrent } = props;
  const { history } = useIde().workspace;
  const unfolded = history.unfolded.value === version.id;
  const title = titleOf(version);
  const tip = [isNamed(version) ? version.message.trim() : title, `${version.author}, ${exactly(version.at)}`, `Change ${version.id}`]
    .map(shownText)
    .join('\n\n');
  return (
    <>
      <div
        class="history-row"
        role="treeitem"
        aria-level={1}
        aria-expanded={unfolded}
        aria-selected={unfolded}
        tabIndex={current === version.id ? 0 : -1}
        data-testid="version"
        data-change={version.id}
        data-present={present}
        title={tip}
        onFocus={() => setCurrent(version.id)}
        onClick={() => void history.toggle(version.id)}
      >
        <span class="history-dot" aria-hidden="true" />
        <span class="history-title" data-unnamed={!isNamed(version)}>
          {title}
        </span>
        {version.conflicted ? (
          <span class="history-conflict" title="Files in it are in conflict">
            <Icon name="conflict" />
            <span class="sr-only">in conflict</span>
          </span>
        ) : null}
        {present ? (
          <span class="history-now" title="What you are working in">
            Now
          </span>
        ) : null}
        <span class="history-by">
          {shownText(version.author)} · {ago(version.at, now)}
        </span>
      </div>
      {unfolded ? <VersionFiles {...props} listing={history.listing.value} /> : null}
    </>
  );
}

function VersionFiles({ listing, ...row }: VersionRowProps & { listing: Listing }): JSX.Element {
  const { history } = useIde().workspace;
  const [all, setAll] = useState(false);
  if (listing.state === 'loading') return <p class="history-note">Looking what changed…</p>;
  if (listing.state === 'failed') {
    return (
      <p class="history-note" role="status">
        {listing.problem.unreachable === true ? 'What changed is kept on the server, which can’t be reached now.' : listing.problem.message}{' '}
        <button type="button" class="link" onClick={() => void history.list()}>
          Try again
        </button>
      </p>
    );
  }
  const { files, truncated } = listing;
  if (files.length === 0) return <p class="history-note">{row.present ? 'No file is changed in it so far.' : 'No file was changed in it.'}</p>;
  return (
    <div role="group" class="history-files">
      {(all ? files : files.slice(0, most)).map((file) => (
        <FileRow key={file.path} file={file} {...row} />
      ))}
      {all || files.length <= most ? null : (
        <button type="button" class="button button-quiet history-more" onClick={() => setAll(true)}>
          Show all {countFiles(files.length)}
        </button>
      )}
      <BringBack files={files} version={row.version} />
      {truncated ? <p class="history-note">There are more than the server lists.</p> : null}
    </div>
  );
}

/** Brings back all files that a version deleted, where that is more than one: each alone can be from what its row shows. */
function BringBack({ files, version }: { files: readonly FileChange[]; version: Version }): JSX.Element | null {
  const { workspace } = useIde();
  const [done, setDone] = useState<number | null>(null);
  const deleted = files.filter(({ status }) => status === 'deleted');
  if (deleted.length < 2) return null;
  return (
    <button
      type="button"
      class="button button-quiet history-more"
      data-testid="bring-back-all"
      title="Write them as they were in the version before; what is there again by now stays"
      disabled={done !== null}
      onClick={() => {
        setDone(0);
        void bringBackAll(workspace, version, deleted, setDone).finally(() => setDone(null));
      }}
    >
      {done === null ? `Bring back ${countFiles(deleted.length)}` : `${done} of ${countFiles(deleted.length)} looked at`}
    </button>
  );
}

function FileRow({ file, version, current, setCurrent }: VersionRowProps & { file: FileChange }): JSX.Element {
  const ide = useIde();
  const shown = ide.workspace.documents.comparison.value;
  const comparison = { version, file };
  const [letter, word] = statusWords[file.status];
  const key = `${version.id} ${file.path}`;
  const folder = shownText(parentOf(`/${file.path}`).slice(1));
  const path = shownText(file.path);
  const selected = shown !== null && comparisonKey(shown) === comparisonKey(comparison);
  return (
    <div
      class="side-row history-row history-file"
      role="treeitem"
      aria-level={2}
      aria-selected={selected}
      aria-label={`${path}, ${word}`}
      tabIndex={current === key ? 0 : -1}
      data-testid="version-file"
      data-path={file.path}
      title={file.from === null || file.from === file.path ? `${path}\n${word}` : `${path}\n${word} from ${shownText(file.from)}`}
      onFocus={() => setCurrent(key)}
      onClick={() => ide.compare(comparison)}
    >
      <FileBadge path={file.path} />
      <span class="history-name">{shownText(baseName(file.path))}</span>
      <span class="side-row-path">{folder}</span>
      <span class="history-status" data-status={file.status} aria-hidden="true">
        {letter}
      </span>
    </div>
  );
}
