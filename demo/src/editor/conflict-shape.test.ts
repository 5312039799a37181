import { expect, test } from 'vitest';
import { FakeFs } from '../testing/fake-fs.ts';
import { quietHost } from '../testing/quiet-host.ts';
import { OpenDocument } from '../workspace/document.ts';
import { conflictShape, showsEditor } from './conflict-shape.ts';

const path = '/acme/app/a.txt';

test('a cursor is there only where text is edited: not among a conflict’s sides, nor beside another version', async () => {
  const fs = new FakeFs({ [path]: 'base\n' });
  const document = new OpenDocument(path, quietHost(fs));
  expect(showsEditor(document)).toBe(false);
  await document.load();
  expect(showsEditor(document)).toBe(true);
  document.pane.value = 'compare';
  expect(showsEditor(document)).toBe(false);
  document.pane.value = 'default';
  await fs.writeElsewhere(path, '<<<<<<< conflict 1 of 1\n+++++++ side #1\na\n------- base\nb\n+++++++ side #2\nc\n>>>>>>> conflict 1 of 1 ends\n', true);
  await document.refresh();
  expect([conflictShape(document), showsEditor(document)]).toEqual(['hunks', false]);
  document.pane.value = 'markers';
  expect(showsEditor(document)).toBe(true);
});
