import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/server/storage/memory.ts';
import { sqliteStorage } from '../../src/server/storage/sqlite.ts';
import { A, B, fullCommit, REPO, storageSuite } from './storage.ts';

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

  test('a file of the first layout is brought to this one: changes it did not know as children are found', async () => {
    const file = newFile();
    const first = sqliteStorage({ file, random });
    await first.createRepo(REPO);
    await first.commit(fullCommit());
    await first.close();
    const db = new DatabaseSync(file);
    db.exec('DELETE FROM children; PRAGMA user_version = 1');
    db.close();
    const second = sqliteStorage({ file, random });
    expect(await second.children(REPO.id, A)).toEqual([B]);
    expect(await second.changes(REPO.id, [A, B])).toHaveLength(2);
    await second.close();
    await sqliteStorage({ file, random }).close();
  });

  test('a file of a later layout is left alone', async () => {
    const file = newFile();
    await sqliteStorage({ file, random }).close();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => sqliteStorage({ file, random })).toThrow(`${file} has the layout 99`);
  });

  test('a file is open once', async () => {
    const file = newFile();
    const first = sqliteStorage({ file, random });
    expect(() => sqliteStorage({ file, random })).toThrow(/locked/);
    await first.close();
    await sqliteStorage({ file, random }).close();
  });
});
