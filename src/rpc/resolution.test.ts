import { expect, test } from 'vitest';
import { checkResolution } from './resolution.ts';

test.each([[{ take: 0 }], [{ take: 3, delete: undefined }], [{ content: '' }], [{ content: new Uint8Array(1) }], [{ delete: true }]])(
  '%o settles a conflict',
  (resolution) => checkResolution('/a', resolution),
);

test.each([
  [undefined, 'undefined'],
  [{}, '{}'],
  [{ side: 'ours' }, '{ side: "ours" }'],
  [{ take: 0.5 }, '{ take: 0.5 }'],
  [{ take: { side: 1 } }, '{ take: a value of type Object }'],
  [{ delete: false }, '{ delete: false }'],
  [{ content: ['a secret'] }, '{ content: a value of type Array }'],
  [{ content: 'a secret', delete: true }, '{ content: a value of type String, delete: true }'],
])('%o does not, and is named without its content', (resolution, shown) => {
  expect(() => checkResolution('/a', resolution)).toThrow(`not with ${shown}`);
});
