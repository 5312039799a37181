import { parseConflictText } from '../conflict/parse-conflict.ts';
import type { OpenDocument } from '../workspace/document.ts';

/** How a document's conflict is shown: hunk by hunk, as a choice of whole files, or, when neither can be, as marker text. */
export function conflictShape(document: OpenDocument): 'none' | 'hunks' | 'whole' | 'markers' {
  if (!document.conflicted.value) return 'none';
  const conflict = document.conflict.value;
  if (conflict && (conflict.kind !== 'text' || conflict.sides.some((side) => side.kind !== 'file'))) return 'whole';
  return hunksOf(document) > 0 ? 'hunks' : 'markers';
}

/** Whether a document is shown as text to edit: not as a conflict's sides, nor beside another version. */
export function showsEditor(document: OpenDocument): boolean {
  const pane = document.pane.value;
  if (document.view.value.kind !== 'text' || pane === 'compare') return false;
  const shape = conflictShape(document);
  return shape === 'none' || shape === 'markers' || pane === 'markers';
}

/** How many conflicts a document's text has. */
export function hunksOf(document: OpenDocument): number {
  // The revision says when the text is another one.
  void document.revision.value;
  const { buffer } = document;
  return buffer ? parseConflictText(buffer.read()).hunks.length : 0;
}
