import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** The part of a long list that is drawn. */
export interface ListWindow {
  /** Goes on the scrolling element. */
  container: (element: HTMLElement | null) => void;
  rowHeight: number;
  first: number;
  /** One past the last. */
  end: number;
  /** Scrolls until a row is inside, at once. */
  show: (row: number) => void;
}

const spare = 12;

/** Draws only the rows of a list that can be seen, and some around them: a folder of ten thousand names stays quick. */
export function useListWindow(rows: number): ListWindow {
  const element = useRef<HTMLElement | null>(null);
  const [rowHeight, setRowHeight] = useState(26);
  const [view, setView] = useState({ top: 0, height: 800 });
  const look = useCallback(() => {
    const { current } = element;
    if (current)
      setView((before) =>
        before.top === current.scrollTop && before.height === current.clientHeight ? before : { top: current.scrollTop, height: current.clientHeight },
      );
  }, []);
  const container = useCallback((next: HTMLElement | null) => {
    element.current = next;
    if (next) setRowHeight(Number.parseFloat(getComputedStyle(next).getPropertyValue('--row')) || 26);
  }, []);
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const observer = new ResizeObserver(look);
    observer.observe(current);
    current.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      current.removeEventListener('scroll', look);
    };
  }, [look]);
  const show = useCallback(
    (row: number) => {
      const { current } = element;
      if (!current) return;
      const top = row * rowHeight;
      if (top < current.scrollTop) current.scrollTop = top;
      else if (top + rowHeight > current.scrollTop + current.clientHeight - 8) current.scrollTop = top + rowHeight * 2 - current.clientHeight;
      look();
    },
    [look, rowHeight],
  );
  const first = Math.max(0, Math.floor(view.top / rowHeight) - spare);
  const end = Math.min(rows, Math.ceil((view.top + view.height) / rowHeight) + spare);
  return { container, rowHeight, first, end, show };
}
