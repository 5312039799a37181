import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';

interface SplitterProps {
  /** What it makes larger or smaller. */
  label: string;
  /** The line's own direction: a vertical one is dragged sideways. */
  orientation: 'vertical' | 'horizontal';
  size: Signal<number>;
  min: number;
  max: () => number;
  /** The size a double click goes back to. */
  initial: number;
}

/** A line between two parts, moved by pointer, arrow keys, Home and End. */
export function Splitter({ label, orientation, size, min, max, initial }: SplitterProps): JSX.Element {
  const start = useRef({ at: 0, size: 0 });
  const [dragging, setDragging] = useState(false);
  const position = (event: PointerEvent): number => (orientation === 'vertical' ? event.clientX : -event.clientY);
  const resize = (next: number): void => {
    size.value = Math.round(Math.min(Math.max(next, min), Math.max(max(), min)));
  };
  /** The size as it is drawn: one that was chosen in a larger window may not fit any more. */
  const shown = (): number => Math.min(size.value, Math.max(max(), min));
  const grow = orientation === 'vertical' ? 'ArrowRight' : 'ArrowUp';
  const shrink = orientation === 'vertical' ? 'ArrowLeft' : 'ArrowDown';
  return (
    <div
      class="splitter"
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={shown()}
      aria-valuemin={min}
      aria-valuemax={max()}
      data-dragging={dragging}
      onDblClick={() => resize(initial)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { at: position(event), size: shown() };
        setDragging(true);
      }}
      onPointerMove={(event) => {
        if (dragging) resize(start.current.size + position(event) - start.current.at);
      }}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onKeyDown={(event) => {
        const step = event.shiftKey ? 80 : 16;
        if (event.key === grow) resize(shown() + step);
        else if (event.key === shrink) resize(shown() - step);
        else if (event.key === 'Home') resize(min);
        else if (event.key === 'End') resize(max());
        else return;
        event.preventDefault();
      }}
    />
  );
}
