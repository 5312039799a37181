import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Storage } from '../../src/server/storage/interface.ts';
import type { OrgRecord } from '../../src/server/storage/records.ts';
import { openData } from '../node.ts';
import { dataFile } from '../node/data-file.ts';
import { UsageError } from './usage-error.ts';

/** The data directory that `--data` names. @throws UsageError when it names none */
export function dataFolder(text: string): string {
  if (text === '') throw new UsageError('--data "" names no folder; give the one the data is in, such as --data .mesafs');
  return resolve(text);
}

/** Tells whether a folder holds data. */
export function hasData(folder: string): boolean {
  return existsSync(dataFile(folder));
}

/** Opens data that is there: a mistyped name makes no new one. @throws UsageError, StartError */
export function openThere(folder: string): Storage {
  if (!hasData(folder))
    throw new UsageError(`There is no data in ${folder}; name the folder it is in with --data, or make new data with: mesafs serve, mesafs import`);
  return openData(folder);
}

/** The org of that name. @throws UsageError when the data has none */
export async function requireOrg(storage: Storage, folder: string, slug: string): Promise<OrgRecord> {
  const org = await storage.orgBySlug(slug);
  if (org === null)
    throw new UsageError(`There is no org "${slug}" in the data in ${folder}; name one that is there with --org, or make it with: mesafs serve`);
  return org;
}
