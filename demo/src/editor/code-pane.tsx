import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { resolveHunk } from '../conflict/resolve-hunk.ts';
import { useIde } from '../ui/context.ts';
import type { OpenDocument } from '../workspace/document.ts';
import { CodeBuffer } from './code-buffer.ts';

/** The editor of a document's text. */
export function CodePane({ document: shown }: { document: OpenDocument }): JSX.Element {
  const ide = useIde();
  const parent = useRef<HTMLDivElement>(null);
  const { buffer } = shown;
  const path = shown.path.value;
  const wrap = ide.settings.wrap.value;
  const conflicted = shown.conflicted.value;
  useEffect(() => {
    if (!(buffer instanceof CodeBuffer) || !parent.current) return;
    return buffer.attach(parent.current);
  }, [buffer]);
  useEffect(() => {
    if (buffer instanceof CodeBuffer) void buffer.setPath(path);
  }, [buffer, path]);
  useEffect(() => {
    if (buffer instanceof CodeBuffer) buffer.setWrap(wrap);
  }, [buffer, wrap]);
  useEffect(() => {
    if (!(buffer instanceof CodeBuffer) || !conflicted) return;
    buffer.setMarkers((hunk, choice) => {
      const text = buffer.read();
      if (shown.replace(text, resolveHunk(text, hunk, choice))) void shown.save();
    });
    ide.hunks = buffer;
    return () => {
      buffer.setMarkers(null);
      if (ide.hunks === buffer) ide.hunks = null;
    };
  }, [buffer, conflicted]);
  return <div ref={parent} class="code" data-testid="editor" />;
}
