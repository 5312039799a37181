import { rebaseSplices, type Splice } from './splices.ts';

/** A version of a file's text. */
export interface TextVersion {
  version: string;
  text: string;
}

/** What to do with a version that arrived for an open document. */
export type TakeIn =
  /** Nothing is new. */
  | { kind: 'same' }
  /** The editor already shows this text: only the base moves. */
  | { kind: 'adopt' }
  /** Nothing unsaved is in the way: change the editor's text where it differs. */
  | { kind: 'replace'; splices: Splice[] }
  /** Unsaved text is elsewhere in the file: both fit side by side, and the document stays unsaved. */
  | { kind: 'merge'; splices: Splice[] }
  /** Unsaved text is in the way: it and its base stay; saving will merge. */
  | { kind: 'hold' };

/** What {@link decideTakeIn} looks at. */
export interface TakeInQuestion {
  /** The version the editor's text was made from. */
  base: TextVersion;
  /** The editor's text now. */
  current: string;
  incoming: TextVersion;
  /** Whether edits that lie apart may be joined without asking. */
  mergeApart: boolean;
  diff: (from: string, to: string) => Splice[];
}

/** Decides how a version from elsewhere comes into an open document, without ever dropping unsaved text. */
export function decideTakeIn({ base, current, incoming, mergeApart, diff }: TakeInQuestion): TakeIn {
  if (incoming.text === current) return incoming.version === base.version ? { kind: 'same' } : { kind: 'adopt' };
  if (incoming.version === base.version && incoming.text === base.text) return { kind: 'same' };
  if (current === base.text) return { kind: 'replace', splices: diff(current, incoming.text) };
  if (!mergeApart) return { kind: 'hold' };
  const splices = rebaseSplices(base.text, diff(base.text, incoming.text), diff(base.text, current));
  return splices === null ? { kind: 'hold' } : { kind: 'merge', splices };
}
