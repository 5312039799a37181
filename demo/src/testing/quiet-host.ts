import type { DocumentHost } from '../workspace/document-host.ts';
import type { FakeFs } from './fake-fs.ts';
import { plainTools } from './plain-buffer.ts';

/** A host of documents that saves nothing by itself, and that nobody listens to. */
export function quietHost(fs: FakeFs): DocumentHost {
  return {
    fs,
    tools: () => Promise.resolve(plainTools),
    live: () => false,
    later: () => () => undefined,
    onStored: () => undefined,
    onResolved: () => undefined,
  };
}
