import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mesafs } from './run.ts';

let folder: string;

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'mesafs-arguments-'))));
afterEach(() => {
  const made = readdirSync(folder);
  rmSync(folder, { recursive: true, force: true });
  expect(made, 'nothing is made by a command that is refused').toEqual([]);
});

test('no command at all is a mistake, answered with what there is', async () => {
  const help = await mesafs(folder, '--help');
  expect(help).toMatchObject({ code: 0, out: expect.stringContaining('mesafs serve') as string });
  expect(await mesafs(folder)).toEqual({ code: 1, out: '', err: help.out });
});

test('an argument where none is taken is refused, with the option that was meant', async () => {
  for (const command of ['serve', 'key']) {
    const err = `mesafs: mesafs ${command} takes options only, and "mydata" is none; a data directory is named with --data mydata\n`;
    expect(await mesafs(folder, command, 'mydata')).toEqual({ code: 1, out: '', err });
  }
});

test('an option of another command is refused, with those there are', async () => {
  const refused = async (sentence: string, ...args: string[]): Promise<void> => {
    expect(await mesafs(folder, ...args)).toEqual({ code: 1, out: '', err: `mesafs: ${sentence}\n` });
  };
  await Promise.all([
    refused('mesafs export does not take --bookmark; it takes --api, --key, --data, --org', 'export', 'app', 'out', '--bookmark', 'dev'),
    refused('mesafs serve does not take --api; it takes --port, --data, --org, --rest-only', 'serve', '--api', 'http://127.0.0.1:1/v1'),
    refused('There is no command "copy"; there are serve, key, import and export (mesafs --help)', 'copy', '--data', 'x'),
  ]);
});

test('what is no address is refused, with where it was given', async () => {
  const refused = async (api: string, shown: string): Promise<void> => {
    const err = `mesafs: --api ${shown} is not an address; it looks like http://127.0.0.1:4870/v1\n`;
    expect(await mesafs(folder, 'export', 'app', 'out', '--key', 'none', '--api', api)).toEqual({ code: 1, out: '', err });
  };
  await Promise.all([refused('', '""'), refused('nowhere', 'nowhere')]);
});

test('what is no port is refused', async () => {
  const refused = async (port: string, shown = port): Promise<void> => {
    const err = `mesafs: --port ${shown} is not a port; give a number from 0 to 65535\n`;
    expect(await mesafs(folder, 'serve', '--port', port)).toEqual({ code: 1, out: '', err });
  };
  await Promise.all([refused('', '""'), refused(' '), refused('0x50'), refused('65536')]);
});
