import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/server/storage/memory.ts';
import { sqliteStorage } from '../../src/server/storage/sqlite.ts';
import { storageSuite } from './storage.ts';

const folder = mkdtempSync(join(tmpdir(), 'mesafs-storage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const random = (bytes: Uint8Array): void => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
let files = 0;
const newFile = (): string => join(folder, `${++files}.sqlite`);

describe('memory', () => storageSuite(test, async () => memoryStorage('epoch')));

describe('SQLite', () => {
  storageSuite(test, async () => sqliteStorage({ file: newFile(), random }));

  test('what is stored is there when the file is opened again, under the same epoch', async () => {
    const file = newFile();
    const first = sqliteStorage({ file, random });
    const epoch = await first.epoch();
    await first.createOrg({ id: 'org_1', slug: 'acme', name: 'Acme', createdAt: 1 });
    await first.close();
    const second = sqliteStorage({ file, random });
    expect(await second.epoch()).toBe(epoch);
    expect(await second.orgBySlug('acme')).toMatchObject({ id: 'org_1' });
    await second.close();
  });

  test('a file is open once', async () => {
    const file = newFile();
    const first = sqliteStorage({ file, random });
    expect(() => sqliteStorage({ file, random })).toThrow(/locked/);
    await first.close();
    await sqliteStorage({ file, random }).close();
  });
});
