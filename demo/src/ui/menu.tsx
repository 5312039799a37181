import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { MenuItem } from '../workspace/ide.ts';
import { useIde } from './context.ts';
import { KeysHint } from './keys-hint.tsx';

/** The context menu, where one is open. */
export function ContextMenu(): JSX.Element | null {
  const ide = useIde();
  const menu = ide.menu.value;
  if (!menu) return null;
  return <Menu {...menu} onClose={() => (ide.menu.value = null)} />;
}

function Menu({ x, y, items, onClose }: { x: number; y: number; items: readonly MenuItem[]; onClose: () => void }): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    before.current ??= document.activeElement;
    // Inside the window, whichever corner it was opened in.
    current.style.left = `${Math.max(4, Math.min(x, innerWidth - current.offsetWidth - 6))}px`;
    current.style.top = `${Math.max(4, Math.min(y, innerHeight - current.offsetHeight - 6))}px`;
    current.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
  }, [x, y, items]);
  useEffect(() => {
    const leave = (event: Event): void => {
      if (!(event.target instanceof Node && element.current?.contains(event.target))) onClose();
    };
    addEventListener('pointerdown', leave, true);
    addEventListener('blur', onClose);
    return () => {
      removeEventListener('pointerdown', leave, true);
      removeEventListener('blur', onClose);
      if (before.current instanceof HTMLElement && document.activeElement === document.body) before.current.focus();
    };
  }, []);
  const move = (by: number): void => {
    const all = [...(element.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
    const at = all.findIndex((item) => item === document.activeElement);
    all[(at + by + all.length) % all.length]?.focus();
  };
  return (
    <div
      ref={element}
      class="menu"
      role="menu"
      data-testid="menu"
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') move(1);
        else if (event.key === 'ArrowUp') move(-1);
        else if (event.key === 'Escape' || event.key === 'Tab') onClose();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {items.map((item, index) =>
        item === null ? (
          <div key={index} class="menu-line" role="separator" />
        ) : (
          <button
            key={item.label}
            type="button"
            class="menu-item"
            role="menuitem"
            tabIndex={-1}
            data-danger={item.danger === true}
            onClick={() => {
              // What is chosen begins where the menu was opened: a dialog goes back there.
              if (before.current instanceof HTMLElement) before.current.focus();
              onClose();
              item.run();
            }}
          >
            <span>{item.label}</span>
            {item.keys === undefined ? null : <KeysHint binding={item.keys} />}
          </button>
        ),
      )}
    </div>
  );
}
