import { expect, test } from 'vitest';
import { loadNodeCore } from '../../runtime/node-core.ts';
import { MemoryCache } from '../cache/memory.ts';
import { ObjectStore } from './objects.ts';
import { Trees } from './trees.ts';

test('what a written conflict is made of is answered, though it was made or looked at before', async () => {
  const core = await loadNodeCore();
  const objects = new ObjectStore({ core, fetch: async () => [], memory: new MemoryCache(1_000_000), disk: null });
  const trees = new Trees(core, objects, async () => undefined);
  const blobs = ['base\n', 'left\n', 'right\n', 'settled\n'].map((text) => {
    const bytes = new TextEncoder().encode(text);
    return { oid: core.hashObject('blob', bytes), kind: 'blob' as const, bytes };
  });
  objects.pin(blobs);
  const [base, left, right, settled] = blobs.map(({ oid }) => ({ oid, mode: 0o100644 }));
  if (base === undefined || left === undefined || right === undefined || settled === undefined) throw new Error('no blobs');
  const terms = [left, base, right];
  const { bytes } = await trees.render(terms);
  const text = new TextDecoder().decode(bytes);
  const written = new TextEncoder().encode(`first\n${text}`);
  const once = await trees.parse(written, terms);
  const again = await trees.parse(written, terms);
  expect(once.blobs.length).toBeGreaterThan(0);
  expect(again).toEqual(once);
  // Looked at before, for something else.
  await trees.render([left, base, settled]);
  const resolved = await trees.parse(new TextEncoder().encode('settled\n'), terms);
  expect(resolved.blobs.map((blob) => new TextDecoder().decode(blob.bytes))).toEqual(['settled\n']);
  trees.close();
});
