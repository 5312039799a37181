import { diff } from '@codemirror/merge';
import type { Splice } from '../workspace/splices.ts';
import type { EditingTools } from '../workspace/text-buffer.ts';
import { CodeBuffer } from './code-buffer.ts';

/** What opening a text file takes: loaded with the first one. */
export const editingTools: EditingTools = {
  createBuffer: (text, path, onEdit) => new CodeBuffer(text, path, onEdit),
  diff: minimalDiff,
};

/** Bounds keep a rewritten file from blocking typing: past them the edit is larger than it had to be, never wrong. */
const effort = { scanLimit: 1_000, timeout: 40 };

/** The edits that turn one text into another. */
export function minimalDiff(from: string, to: string): Splice[] {
  return diff(from, to, effort).map((change) => ({ from: change.fromA, to: change.toA, insert: to.slice(change.fromB, change.toB) }));
}
