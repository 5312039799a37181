import { checkMetadata } from './arguments.ts';
import type { Context } from './context.ts';

/** Keys that say where a path is: they can be read and not written. */
const RESERVED: ReadonlySet<string> = new Set(['org', 'repo']);

/** The metadata of a path, with `org` and `repo`, which are its own. @throws FsError ENOENT */
export async function getMetadata(context: Context, path: string): Promise<Record<string, string>> {
  const found = await context.findPresent(path, { syscall: 'getxattr', follow: true });
  if (found.kind === 'virtual') return { org: context.org };
  const { checkout, inner } = found;
  // Metadata has no history to lay pending operations on: the server is asked once it has them.
  await checkout.settled();
  return { ...(await checkout.remote.metadata(inner)), org: context.org, repo: checkout.spec.name };
}

/** Sets and deletes keys, all at once; `null` and `''` delete. @throws FsError ENOENT, EROFS, EINVAL (a reserved or empty key, a value that is no string) */
export async function setMetadata(context: Context, path: string, values: Record<string, string | null>): Promise<void> {
  checkMetadata(values, path);
  const entries = Object.entries(values);
  const set = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null && entry[1] !== ''));
  const gone = entries.filter(([, value]) => value === null || value === '').map(([key]) => key);
  await edit(context, path, { set, delete: gone });
}

/** Deletes every key but the path's own. @throws FsError ENOENT, EROFS */
export async function clearMetadata(context: Context, path: string): Promise<void> {
  await context.mutate(async () => {
    const place = await context.findEditable(path, { syscall: 'setxattr', follow: true });
    // In its turn: what is called after it is not cleared, and may move the path.
    await place.checkout.settled();
    const present = await place.checkout.remote.metadata(place.inner);
    // Where it has to wait for the network, or another engine sends it, what is set and not sent yet is not there yet. To delete what is not there does no harm.
    const waiting = [...place.checkout.overlay.queues().values()].flat().flatMap(({ body }) => (body.kind === 'files' ? body.edits : []));
    const unsent = waiting.flatMap((each) => (each.type === 'metadata' ? Object.keys(each.set) : []));
    const keys = [...new Set([...Object.keys(present), ...unsent])].filter((key) => !RESERVED.has(key));
    if (keys.length === 0) return null;
    return place.checkout.write(async () => ({ edits: [{ type: 'metadata', path: place.inner, set: {}, delete: keys }], blobs: [] }));
  });
}

async function edit(context: Context, path: string, values: { set: Record<string, string>; delete: string[] }): Promise<void> {
  await context.mutate(async () => {
    const place = await context.findEditable(path, { syscall: 'setxattr', follow: true });
    if (Object.keys(values.set).length === 0 && values.delete.length === 0) return null;
    return place.checkout.write(async () => ({ edits: [{ type: 'metadata', path: place.inner, ...values }], blobs: [] }));
  });
}
