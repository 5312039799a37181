import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Notices } from './notices.ts';

let notices: Notices;

beforeEach(() => {
  vi.useFakeTimers();
  notices = new Notices();
});
afterEach(() => void vi.useRealTimers());

const told = (): string[] => notices.list.value.map(({ message }) => message);

test('an error goes when there was time to read it, and what offers something to do stays longer', () => {
  notices.fail('Odd', new Error('odd'));
  notices.fail('Try', new Error('odd'), [{ label: 'Try again', run: () => undefined }]);
  notices.show('error', 'Reload', { lasting: true });
  vi.advanceTimersByTime(11_000);
  expect(told()).toEqual(['Odd', 'Try', 'Reload']);
  vi.advanceTimersByTime(2_000);
  expect(told()).toEqual(['Try', 'Reload']);
  vi.advanceTimersByTime(3_600_000);
  expect(told()).toEqual(['Reload']);
});

test('what is being looked at waits until nobody does', () => {
  let held = true;
  notices.isHeld = () => held;
  notices.show('info', 'Long');
  vi.advanceTimersByTime(60_000);
  expect(told()).toEqual(['Long']);
  held = false;
  vi.advanceTimersByTime(4_000);
  expect(told()).toEqual([]);
});

test('a failure is over when the same is tried again', async () => {
  let fails = true;
  const work = (): Promise<boolean> => notices.attempt('It couldn’t be done', () => (fails ? Promise.reject(new Error('odd')) : Promise.resolve()));
  expect(await work()).toBe(false);
  expect(told()).toEqual(['It couldn’t be done']);
  fails = false;
  expect(await work()).toBe(true);
  expect(told()).toEqual([]);
});

test('the same words again take the place of those before, but of none that offers what is offered nowhere else', () => {
  const undone: string[] = [];
  for (const path of ['a', 'b']) notices.show('info', 'Deleted “index.ts”', { actions: [{ label: 'Undo', run: () => undone.push(path) }], own: true });
  for (let time = 0; time < 2; time += 1) notices.show('info', 'Nothing is in conflict');
  expect(told()).toEqual(['Deleted “index.ts”', 'Deleted “index.ts”', 'Nothing is in conflict']);
  for (const { actions } of notices.list.value) actions[0]?.run();
  expect(undone).toEqual(['a', 'b']);
});
