import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Statements } from './statements-sqlite.ts';

let folder: string;
let db: DatabaseSync;
let sql: Statements;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesafs-statements-'));
  db = new DatabaseSync(join(folder, 'file.sqlite'), { timeout: 0 });
  db.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
  sql = new Statements(db);
});

afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (text: string): void => sql.transaction(() => void sql.run('INSERT INTO notes (text) VALUES (?)', text));
const count = (): unknown => sql.get('SELECT count(*) AS n FROM notes')?.['n'];
const unavailable = (message: string): unknown =>
  expect.objectContaining({ code: 'UNAVAILABLE', status: 503, message: expect.stringContaining(message) as string });

test('a full disk is no fault of the request; nothing of it stands, and later ones do once there is room', () => {
  db.exec('PRAGMA max_page_count = 20');
  const fill = (): void =>
    sql.transaction(() => {
      sql.run('INSERT INTO notes (text) VALUES (?)', 'small');
      sql.run('INSERT INTO notes (text) VALUES (?)', 'x'.repeat(200_000));
    });
  expect(fill).toThrow(unavailable('disk is full') as Error);
  expect(count()).toBe(0);
  db.exec('PRAGMA max_page_count = 2000');
  fill();
  expect(count()).toBe(2);
});

test('a database that another holds is to be had later', () => {
  const other = new DatabaseSync(join(folder, 'file.sqlite'));
  other.exec('BEGIN EXCLUSIVE');
  expect(() => write('a')).toThrow(unavailable('locked') as Error);
  expect(() => count()).toThrow(unavailable('locked') as Error);
  other.exec('COMMIT');
  other.close();
  write('a');
  expect(count()).toBe(1);
});

test('a database that may only be read says so', () => {
  db.exec('PRAGMA query_only = 1');
  expect(() => write('a')).toThrow(unavailable('cannot be written to') as Error);
});

test('a statement that is wrong fails as what it is', () => {
  expect(() => sql.run('INSERT INTO notes (text) VALUES (?)', null)).toThrow(/NOT NULL/);
});
