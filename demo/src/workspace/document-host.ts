import type { WorkspaceFs } from './client.ts';
import type { OpenDocument } from './document.ts';
import type { Problem } from './errors.ts';
import type { EditingTools, TextBuffer } from './text-buffer.ts';

/** What a tab shows. */
export type DocumentView =
  | { kind: 'loading' }
  | { kind: 'text'; buffer: TextBuffer }
  | { kind: 'image'; bytes: Uint8Array; type: string }
  | { kind: 'binary'; bytes: Uint8Array }
  | { kind: 'large'; size: number }
  | { kind: 'failed'; problem: Problem };

/** Where a document's last save stands. */
export type SaveState = { state: 'idle' } | { state: 'saving' } | { state: 'failed'; problem: Problem };

/** What a document takes from its workspace. */
export interface DocumentHost {
  fs: WorkspaceFs;
  tools(): Promise<EditingTools>;
  /** Whether edits are saved by themselves, in every pause of the typing and each second of it. */
  live(): boolean;
  /** Calls back once after `ms`; answers a function that calls it off. */
  later(ms: number, callback: () => void): () => void;
  /** The document was stored; `created` when its file wasn't there before. */
  onStored(document: OpenDocument, created: boolean): void;
  onResolved(document: OpenDocument): void;
}
