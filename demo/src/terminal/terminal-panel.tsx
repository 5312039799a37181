import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { Icon } from '../ui/icons.tsx';
import { keysTitle } from '../ui/keys-hint.tsx';
import { lazyView } from '../ui/lazy.tsx';
import { Splitter } from '../ui/splitter.tsx';

const Terminal = lazyView<{ onRunning: (running: boolean) => void }>(async () => (await import('./terminal-screen.tsx')).TerminalScreen);

/** The panel at the bottom. Its code is loaded when it is first opened; closing it keeps what it shows. */
export function TerminalPanel(): JSX.Element | null {
  const ide = useIde();
  const { settings } = ide;
  const open = settings.panelOpen.value;
  const opened = useRef(false);
  const [running, setRunning] = useState(false);
  opened.current ||= open;
  useEffect(() => {
    if (open) ide.terminalShown();
  }, [open]);
  if (!opened.current) return null;
  return (
    <section class="panel" aria-label="Terminal" style={{ height: `${settings.panelHeight.value}px`, ...(open ? {} : { display: 'none' }) }}>
      <Splitter
        label="Height of the terminal"
        orientation="horizontal"
        size={settings.panelHeight}
        min={90}
        max={() => Math.max(innerHeight - 240, 120)}
        initial={240}
      />
      <div class="panel-head">
        <h2>Terminal</h2>
        {running ? (
          <>
            <span class="spinner" />
            <span role="status">Running, Ctrl+C stops it</span>
          </>
        ) : null}
        <button
          type="button"
          class="icon-button"
          aria-label="Close the terminal"
          title={`Close the terminal${keysTitle('Ctrl+`')}`}
          onClick={() => ide.toggleTerminal()}
        >
          <Icon name="close" />
        </button>
      </div>
      <Terminal onRunning={setRunning} />
    </section>
  );
}
