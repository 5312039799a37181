import type { JSX } from 'preact';
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { Icon } from '../ui/icons.tsx';
import { keysTitle } from '../ui/keys-hint.tsx';
import { ParkedList } from './parked-list.tsx';
import { syncText, waitingText } from './sync-text.ts';

/** How the connection stands, and what waits for it; opens a panel that says all of it. */
export function ConnectionItem(): JSX.Element {
  const ide = useIde();
  const { workspace } = ide;
  const status = workspace.sync.value;
  const drain = workspace.drain.value;
  const [open, setOpen] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  useTicks(status.retryAt !== undefined && status.state === 'reconnecting');
  useEffect(() => {
    workspace.showSync = () => panel.current?.showPopover();
    return () => void (workspace.showSync = null);
  }, [workspace]);
  const { short, long } = syncText(status, Date.now(), drain);
  const parked = status.parked ?? 0;
  // What other tabs have written waits too, as far as the network is away for them.
  const waiting = status.pending + (status.elsewhere ?? 0);
  const waits = (drain !== null && !drain.sending) || (!status.online && waiting > 0);
  return (
    <>
      <button
        type="button"
        class="status-item"
        data-testid="status-connection"
        data-state={status.state}
        data-remote={status.remote}
        data-pending={status.pending}
        aria-haspopup="dialog"
        aria-expanded={open}
        title={`${waits ? waitingText(status) : long}${keysTitle('Alt+S')}`}
        onClick={() => panel.current?.togglePopover()}
        // A press on the button closes the panel by itself, and the click would open it again.
        onPointerDown={(event) => open && event.preventDefault()}
      >
        <span class="status-dot" aria-hidden="true" />
        <span role="status">{short}</span>
        {waits ? <span class="status-waiting">{waiting.toLocaleString('en')} waiting</span> : null}
        {parked > 0 ? <span class="status-parked">{parked} refused</span> : null}
      </button>
      <div
        ref={panel}
        popover="auto"
        role="dialog"
        class="sync-panel"
        aria-label="Synchronisation"
        data-testid="sync-panel"
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {open ? <Panel onClose={() => panel.current?.hidePopover()} /> : null}
      </div>
    </>
  );
}

function Panel({ onClose }: { onClose: () => void }): JSX.Element {
  const ide = useIde();
  const { workspace } = ide;
  const status = workspace.sync.value;
  const drain = workspace.drain.value;
  const conflicts = workspace.conflicts.value.length;
  const parked = status.parked ?? 0;
  const waiting = waitingText(status);
  useTicks(true);
  const { short, long } = syncText(status, Date.now(), drain);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  return (
    <>
      <div class="sync-head" data-state={status.state}>
        <span class="status-dot" aria-hidden="true" />
        <h2>{short}</h2>
        <button ref={close} type="button" class="icon-button" aria-label="Close" title={`Close${keysTitle('Esc')}`} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <p class="sync-line">{long}</p>
      {drain?.sending === true ? <progress class="sync-progress" max={drain.total} value={drain.sent} aria-label="Sent" data-testid="sync-progress" /> : null}
      <p class="sync-line" data-testid="sync-waiting">
        <Icon name={waiting === '' ? 'check' : 'device'} />
        {waiting === '' ? 'Nothing waits: the server has everything.' : waiting}
      </p>
      {status.pending > 0 && status.storage === 'memory' ? (
        <p class="sync-line sync-warning">
          <Icon name="warning" />
          This browser keeps nothing for this page. Leave it open until everything is sent.
        </p>
      ) : null}
      {conflicts > 0 ? (
        <button
          type="button"
          class="sync-row"
          data-testid="sync-conflicts"
          onClick={() => {
            onClose();
            ide.showSide('conflicts');
            ide.stepConflict(1);
          }}
        >
          <Icon name="conflict" />
          <span>{conflicts === 1 ? '1 file is in conflict; both versions are kept' : `${conflicts} files are in conflict; both versions are kept`}</span>
          <Icon name="chevron" />
        </button>
      ) : null}
      {parked > 0 ? <ParkedList count={parked} /> : null}
    </>
  );
}

/** Draws anew twice a second, for what counts down. */
function useTicks(on: boolean): void {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => tick(undefined), 500);
    return () => clearInterval(timer);
  }, [on]);
}
