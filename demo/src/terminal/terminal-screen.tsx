import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useIde } from '../ui/context.ts';
import { Console } from './console.ts';
import { terminalTheme } from './terminal-theme.ts';

/** The terminal itself. */
export function TerminalScreen({ onRunning }: { onRunning: (running: boolean) => void }): JSX.Element {
  const ide = useIde();
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = parent;
    if (!current) return;
    const mono = getComputedStyle(document.documentElement).getPropertyValue('--mono');
    const screen = new Terminal({
      fontFamily: mono,
      fontSize: 13,
      lineHeight: 1.25,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      cursorStyle: 'bar',
      cursorWidth: 2,
      scrollback: 5_000,
      theme: terminalTheme(current),
      screenReaderMode: false,
    });
    const fit = new FitAddon();
    screen.loadAddon(fit);
    screen.open(current);
    screen.attachCustomKeyEventHandler((event) => {
      const isPlain = event.ctrlKey && !event.shiftKey && !event.altKey && !event.metaKey;
      // The browser's own copy and paste. What was copied is not selected any more: the next Ctrl+C breaks off.
      if (isPlain && event.key === 'v') return false;
      if (isPlain && event.key === 'c' && screen.hasSelection()) {
        if (event.type === 'keydown') setTimeout(() => screen.clearSelection());
        return false;
      }
      // The window's own keys are not the terminal's.
      return !(event.ctrlKey && event.key === '`') && !/^F\d+$/.test(event.key);
    });
    const shell = new Console(screen, ide, onRunning);
    const refit = new ResizeObserver(() => {
      if (current.clientHeight > 0) fit.fit();
    });
    refit.observe(current);
    const recolour = (): void => {
      screen.options.theme = terminalTheme(current);
    };
    const themed = new MutationObserver(recolour);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', recolour);
    fit.fit();
    shell.start();
    ide.terminalReady(() => screen.focus());
    return () => {
      ide.terminalReady(null);
      refit.disconnect();
      themed.disconnect();
      system.removeEventListener('change', recolour);
      shell.stop();
      screen.dispose();
    };
  }, []);
  return <div ref={parent} class="terminal-host" data-testid="terminal" />;
}
