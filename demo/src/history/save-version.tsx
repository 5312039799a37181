import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { Dialog } from '../ui/dialog.tsx';
import { baseName } from '../workspace/paths.ts';
import { shownText } from '../workspace/shown-text.ts';
import { countFiles } from './version-text.ts';

/** Asks what a version is about, and saves it. */
export function SaveVersion(): JSX.Element {
  const ide = useIde();
  const { history, changes, place } = ide.workspace;
  const own = changes.current.value !== null;
  const [typed, setTyped] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => void history.refresh(), [history]);
  const field = useRef<HTMLTextAreaElement>(null);
  const given = history.versions.value?.[0]?.message ?? '';
  const message = typed ?? given;
  // What is typed takes the place of the message there is, also when that comes late.
  useLayoutEffect(() => {
    if (typed === null) field.current?.select();
  }, [given]);
  const close = (): void => {
    ide.savingVersion.value = false;
  };
  const save = async (): Promise<void> => {
    if (busy || message.trim() === '') return;
    setBusy(true);
    const saved = await changes.saveVersion(message.trim());
    setBusy(false);
    // A notice says what went wrong, and lets it be tried again with the same message.
    close();
    if (saved) void history.refresh();
  };
  const title = own ? 'Describe this change' : 'Save version';
  return (
    <Dialog label={title} testId="version-dialog" onClose={close}>
      <form
        class="version-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="dialog-body">
          <h2>{title}</h2>
          <p>
            {own
              ? `You work in a change of your own, on top of ${place.bookmark}. Its message tells others what it is about.`
              : `What ${place.bookmark} holds now is kept as a version you can look at, compare and go back to. You go on in a new one.`}
          </p>
          <textarea
            ref={field}
            class="field version-message"
            data-first=""
            rows={3}
            aria-label="Message"
            placeholder={own ? 'What is this change about?' : 'What did you do?'}
            value={message}
            onInput={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              void save();
            }}
          />
          <ChangedFiles />
        </div>
        <div class="dialog-foot">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button button-primary" data-testid="version-confirm" disabled={busy || message.trim() === ''}>
            {own ? 'Save message' : 'Save version'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Says what is in the version, as far as that can be told. */
function ChangedFiles(): JSX.Element {
  const { history } = useIde().workspace;
  const present = history.versions.value?.[0];
  const [names, setNames] = useState<readonly string[] | null>(null);
  useEffect(() => {
    let left = false;
    if (present === undefined) return;
    history.source.files(present).then(
      ({ files }) => !left && setNames(files.map(({ path }) => baseName(path))),
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [present]);
  // The line is there from the start, so that nothing moves when it is filled.
  return (
    <p class="version-files" data-testid="version-files">
      {names === null
        ? '\u00a0'
        : names.length === 0
          ? 'Nothing changed since the version before.'
          : `${countFiles(names.length)} changed: ${shownText(few(names))}`}
    </p>
  );
}

function few(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${(names.length - 3).toLocaleString('en')} more`;
}
