import { expect, test, vi } from 'vitest';
import { writtenVersion } from './written-version.ts';

const bytes = new TextEncoder().encode('foo\n');

test('what is written is named as git names it, with the mode the file had', async () => {
  expect(await writtenVersion('', bytes)).toBe('100644-257cc5642cb1a054f08cc83f2d943e56fd3ebe99');
  expect(await writtenVersion(`100755-${'a'.repeat(40)}`, bytes)).toBe('100755-257cc5642cb1a054f08cc83f2d943e56fd3ebe99');
});

test('what a conflict becomes isn’t known', async () => {
  expect(await writtenVersion(`0.100644-${'a'.repeat(40)}.100644-${'b'.repeat(40)}`, bytes)).toBeNull();
});

test('where nothing can be hashed it isn’t known either', async () => {
  vi.stubGlobal('crypto', {});
  try {
    expect(await writtenVersion('', bytes)).toBeNull();
  } finally {
    vi.unstubAllGlobals();
  }
});
