import { expect, test } from 'vitest';
import { ChangeMemory } from './change-memory.ts';

function memory(kept: Map<string, string> = new Map(), bookmark = 'main'): ChangeMemory {
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  return new ChangeMemory(storage, { org: 'acme', repo: 'app', bookmark });
}

test('the change worked in is found again, of its own bookmark only', () => {
  const kept = new Map<string, string>();
  memory(kept).enter({ id: 'k', message: 'On the train' });
  expect(memory(kept).current).toBe('k');
  expect(memory(kept).messageOf('k')).toBe('On the train');
  expect(memory(kept, 'draft').current).toBeNull();
});

test.each([null, 'k'])('one that was made on the way is known, and work goes on where it was: %j', (current) => {
  const changes = memory();
  if (current !== null) changes.enter({ id: current, message: 'mine' });
  changes.note({ id: 'l', message: 'refused' });
  expect([changes.current, changes.known[0]]).toEqual([current, { id: 'l', message: 'refused' }]);
});

test('leaving keeps it known, dropping does not', () => {
  const changes = memory();
  changes.enter({ id: 'k', message: 'one' });
  changes.enter({ id: 'l', message: '' });
  changes.enter({ id: 'k', message: '' });
  expect(changes.known).toEqual([
    { id: 'k', message: 'one' },
    { id: 'l', message: '' },
  ]);
  changes.leave();
  expect(changes.current).toBeNull();
  changes.drop('k');
  expect(changes.known.map(({ id }) => id)).toEqual(['l']);
});

test('what is no list is an empty one', () => {
  const changes = memory(new Map([['mesafs-ide.changes.acme/app@main', '{"known":7']]));
  expect([changes.current, changes.known]).toEqual([null, []]);
});
