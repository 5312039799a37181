import { expect, test, vi } from 'vitest';
import { hunkKeys } from '../conflict/hunk-keys.ts';
import { parseConflictText } from '../conflict/parse-conflict.ts';
import { resolveHunk } from '../conflict/resolve-hunk.ts';
import { FakeFs } from '../testing/fake-fs.ts';
import { quietHost } from '../testing/quiet-host.ts';
import { Documents } from './documents.ts';
import { Drafts } from './drafts.ts';
import { Ide } from './ide.ts';
import { Notices } from './notices.ts';

const conflict = (number: number, mine: string): string =>
  `<<<<<<< conflict ${number} of 3\n+++++++ side #1\n${mine}\n------- base\nold\n+++++++ side #2\ntheirs\n>>>>>>> conflict ${number} of 3 ends\n`;
const text = `${conflict(1, 'a')}between\n${conflict(2, 'b')}${conflict(3, 'b')}`;

test('a draft stays with its conflict when another one is settled', () => {
  const { hunks } = parseConflictText(text);
  const keys = hunkKeys(hunks);
  expect(new Set(keys).size).toBe(3);
  const settled = resolveHunk(text, hunks[0] ?? expect.fail('no conflict'), { kind: 'base' });
  expect(hunkKeys(parseConflictText(settled).hunks)).toEqual(keys.slice(1));
});

test('drafts of conflicts that are no more are found', () => {
  const drafts = new Drafts();
  drafts.keep('one', 'begun');
  drafts.keep('two', 'begun too');
  expect(drafts.without(['two'])).toEqual([['one', 'begun']]);
  drafts.drop('one');
  expect(drafts.of('one')).toBeUndefined();
  expect(drafts.any.value).toBe(true);
});

test('closing a tab asks before it drops a text begun in a conflict', async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  const fs = new FakeFs({ '/acme/app/a.txt': 'a\n' });
  const notices = new Notices();
  const documents = new Documents(quietHost(fs));
  const ide = new Ide({ fs, notices, documents, root: '/acme/app' } as never);
  const document = documents.open('/acme/app/a.txt');
  document.drafts.keep('a conflict', 'begun');
  expect(documents.losing.value).toEqual([document]);
  expect(documents.unsaved.value).toEqual([]);

  const stays = ide.closeTab(document);
  notices.question.value?.answer('cancel');
  await stays;
  expect(documents.list.value).toEqual([document]);

  const closes = ide.closeTab(document);
  notices.question.value?.answer('drop');
  await closes;
  expect(documents.list.value).toEqual([]);
  vi.unstubAllGlobals();
});
