import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { Waiting } from '../ui/lazy.tsx';
import { describeError, isNoFile, type Problem } from '../workspace/errors.ts';
import { joinPath } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import type { Comparison } from './history.ts';
import type { FileChange, FileVersion, Version } from './history-source.ts';
import { restoreFile } from './restore.ts';
import { VersionBeside, type VersionSide } from './version-beside.tsx';
import { nameOf, statusWords } from './version-text.ts';
import { ago, exactly } from './when.ts';

/** Names what a comparison shows. */
export function comparisonKey({ version, file }: Comparison): string {
  return `${version.id} ${file.path}`;
}

interface Sides {
  /** In the version. */
  was: FileVersion | null;
  /** What it is compared with: in the version before, or now. */
  other: FileVersion | null;
}

/** A file in a version beside the version before, or beside what it is now; nothing of it can be edited. */
export function VersionCompare({ comparison }: { comparison: Comparison }): JSX.Element {
  const ide = useIde();
  const { history, root, fs } = ide.workspace;
  const { file } = comparison;
  // It may have been given a message since, or be followed by another.
  const version = history.versions.value?.find(({ id }) => id === comparison.version.id) ?? comparison.version;
  const present = history.versions.value?.[0]?.id === version.id;
  const [against, setAgainst] = useState<'before' | 'now'>('before');
  const [sides, setSides] = useState<Sides | { problem: Problem } | null>(null);
  const [attempt, setAttempt] = useState(0);
  const path = joinPath(root, file.path);
  // What is now is looked at again when it changed; what was stays.
  const head = present || against === 'now' ? history.versions.value?.[0]?.commit : undefined;
  useEffect(() => setSides(null), [against, attempt]);
  useEffect(() => {
    let left = false;
    const before = async (): Promise<FileVersion | null> =>
      file.status === 'added' || version.parents[0] === undefined ? null : history.source.read(file.from ?? file.path, version.parents[0]);
    const now = async (): Promise<FileVersion | null> => {
      try {
        const { bytes, conflicted } = await fs.readVersioned(path);
        return { bytes, conflicted, kind: 'file', executable: false };
      } catch (error) {
        if (isNoFile(error)) return null;
        throw error;
      }
    };
    const was = file.status === 'deleted' ? Promise.resolve(null) : history.source.read(file.path, version.id);
    Promise.all([was, against === 'before' ? before() : now()]).then(
      ([read, other]) => !left && setSides({ was: read, other }),
      (error: unknown) => !left && setSides({ problem: describeError(error) }),
    );
    return () => {
      left = true;
    };
  }, [against, attempt, head]);
  return (
    <section class="document" id="active-document" role="tabpanel" aria-labelledby="active-tab" data-testid="version-compare">
      <div class="bar">
        <p class="version-what" title={`${shownText(version.message)}\n\n${exactly(version.at)}`}>
          <strong>{shownText(file.path)}</strong>{' '}
          <span>
            {statusWords[file.status][1]}{' '}
            {present ? 'since the version before' : `in ${nameOf(version)}, by ${shownText(version.author)}, ${ago(version.at, Date.now())}`}
          </span>
        </p>
        {present ? null : (
          <div class="segments" role="group" aria-label="Compare with">
            {(['before', 'now'] as const).map((side) => (
              <button key={side} type="button" class="segment" aria-pressed={against === side} onClick={() => setAgainst(side)}>
                {side === 'before' ? 'What changed' : 'Beside now'}
              </button>
            ))}
          </div>
        )}
        <Restore version={version} file={file} present={present} sides={sides !== null && 'was' in sides ? sides : null} against={against} />
        {file.status === 'deleted' ? null : (
          <button type="button" class="button button-quiet" onClick={() => ide.pick(path)}>
            Open the file
          </button>
        )}
      </div>
      {sides === null ? (
        <Waiting />
      ) : 'problem' in sides ? (
        <NotRead problem={sides.problem} retry={() => setAttempt(attempt + 1)} />
      ) : (
        <VersionBeside path={file.path} {...inOrder(sides, against, present)} />
      )}
    </section>
  );
}

/** Brings back the file as it was in the version; where that deleted it, as it was before. */
function Restore({
  version,
  file,
  present,
  sides,
  against,
}: {
  version: Version;
  file: FileChange;
  present: boolean;
  sides: Sides | null;
  against: 'before' | 'now';
}): JSX.Element | null {
  const { workspace } = useIde();
  const [busy, setBusy] = useState(false);
  const gone = file.status === 'deleted';
  // In the present change it is as it is; what that deleted can be brought back, too.
  if ((present && !gone) || (gone && against === 'now')) return null;
  const kept = (gone ? sides?.other : sides?.was) ?? null;
  const possible = kept !== null && kept.kind === 'file' && !kept.conflicted;
  const restore = async (): Promise<void> => {
    if (!possible) return;
    setBusy(true);
    const name = gone ? 'the version before it was deleted' : nameOf(version);
    await restoreFile(workspace, joinPath(workspace.root, gone ? (file.from ?? file.path) : file.path), kept, name);
    setBusy(false);
  };
  const title = kept?.conflicted === true ? 'It was in conflict then: there is no one text to go back to' : 'Write this text into the file as it is now';
  return (
    <button type="button" class="button button-primary" data-testid="restore-version" disabled={busy || !possible} title={title} onClick={() => void restore()}>
      {gone ? 'Bring it back' : 'Restore this version'}
    </button>
  );
}

/** What was before stands on the left. */
function inOrder({ was, other }: Sides, against: 'before' | 'now', present: boolean): { left: VersionSide; right: VersionSide } {
  if (against === 'now') return { left: { head: 'In this version', file: was }, right: { head: 'Now', file: other } };
  return { left: { head: 'Before', file: other }, right: { head: present ? 'Now' : 'In this version', file: was } };
}

function NotRead({ problem, retry }: { problem: Problem; retry: () => void }): JSX.Element {
  return (
    <div class="message" role="status" data-testid="version-not-read">
      <h2>This version couldn’t be read</h2>
      <p>{problem.unreachable === true ? 'Earlier versions are kept on the server, which can’t be reached now.' : problem.message}</p>
      <div class="message-actions">
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      </div>
    </div>
  );
}
