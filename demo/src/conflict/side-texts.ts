import type { ConflictText } from './parse-conflict.ts';

/** A file as one side, or one base, has it; `at` says where each hunk begins in it. */
export interface WholeText {
  text: string;
  at: number[];
}

/** The file with every hunk replaced by one of its terms: what a grammar needs to colour a hunk right. */
export function wholeText(text: string, { segments }: ConflictText, kind: 'side' | 'base', index: number): WholeText {
  const out: WholeText = { text: '', at: [] };
  for (const segment of segments) {
    if (segment.kind === 'text') {
      out.text += text.slice(segment.from, segment.to);
      continue;
    }
    const terms = kind === 'side' ? segment.hunk.sides : segment.hunk.bases;
    out.at.push(out.text.length);
    out.text += terms[index]?.text ?? '';
  }
  return out;
}
