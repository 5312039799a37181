import { expect, test } from 'vitest';
import { loadNodeCore } from '../runtime/node-core.ts';
import { createHandler } from './handler.ts';
import { memoryStorage } from './storage/memory.ts';

const loose = createHandler as unknown as (options?: Record<string, unknown>) => Promise<unknown>;

test('what plain JavaScript passes wrong is told by its name, with what to pass instead', async () => {
  const core = await loadNodeCore();
  const storage = memoryStorage('epoch');
  await expect(loose({ core, storge: storage })).rejects.toThrow('createHandler has no option "storge"; did you mean storage?');
  await expect(loose()).rejects.toThrow(/core must be what loadCore\(\) of mesafs-web\/core answers, not undefined/);
  await expect(loose({ core: loadNodeCore(), storage })).rejects.toThrow(/not a promise: await it first/);
  await expect(loose({ core, storage: {} })).rejects.toThrow(/storage must be a Storage, such as memoryStorage\(\)/);
});
