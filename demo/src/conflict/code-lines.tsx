import type { JSX } from 'preact';
import type { PaintedLine } from './paint-code.ts';

/** Code that is only shown. `first` numbers its lines. */
export function CodeLines({ lines, first }: { lines: readonly PaintedLine[]; first?: number }): JSX.Element {
  return (
    <>
      {lines.map((line, index) => (
        <div key={index} class="code-line" data-changed={line.changed}>
          {first === undefined ? null : (
            <span class="code-number" aria-hidden="true">
              {first + index}
            </span>
          )}
          <span class="code-text">
            {line.pieces.map((piece, at) =>
              piece.changed ? (
                <mark key={at} class={piece.class}>
                  {piece.text}
                </mark>
              ) : (
                <span key={at} class={piece.class}>
                  {piece.text}
                </span>
              ),
            )}
          </span>
        </div>
      ))}
    </>
  );
}
