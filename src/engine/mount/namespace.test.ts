import { expect, test } from 'vitest';
import type { FsError } from '../../base/errors.ts';
import type { Checkout } from './checkout.ts';
import { absolute, checkPath, Namespace } from './namespace.ts';

const at = (path: string, name = 'app'): Checkout => ({ spec: { name, path, readOnly: false } }) as Checkout;

test('repos stand where they were put, and directories lead to them', () => {
  const app = at('/acme/app');
  const namespace = new Namespace([app, at('/space/tools/lint', 'lint')]);
  expect(namespace.locate('/acme/app/a/b')).toEqual({ kind: 'repo', checkout: app, inner: 'a/b' });
  expect(namespace.locate('/acme/app')).toEqual({ kind: 'repo', checkout: app, inner: '' });
  expect(namespace.locate('/space/tools')).toEqual({ kind: 'virtual', path: '/space/tools' });
  expect(namespace.locate('/acme/application')).toEqual({
    kind: 'nowhere',
    path: '/acme/application',
    hint: '/acme/application is not mounted; paths begin with /space/tools/lint or /acme/app',
  });
  expect(namespace.children('/')).toEqual(['acme', 'space']);
  expect(namespace.children('/space')).toEqual(['tools']);
});

test('a repo may stand inside another, or at the root', () => {
  const outer = at('/');
  const inner = at('/vendor/lib', 'lib');
  const namespace = new Namespace([outer, inner]);
  expect(namespace.locate('/a')).toEqual({ kind: 'repo', checkout: outer, inner: 'a' });
  expect(namespace.locate('/vendor/lib/x')).toEqual({ kind: 'repo', checkout: inner, inner: 'x' });
  expect([absolute(outer, 'a'), absolute(outer, ''), absolute(inner, 'x')]).toEqual(['/a', '/', '/vendor/lib/x']);
});

test('what leads to a repo cannot be removed', () => {
  const namespace = new Namespace([at('/acme/app')]);
  expect(['/', '/acme', '/acme/app', '/acme/app/a'].map((path) => namespace.isFixed(path))).toEqual([true, true, true, false]);
});

test('paths are made normal, and refused where nothing can be called that', () => {
  expect(checkPath('/a//b/./c/../d/', 'open')).toBe('/a/b/d');
  expect(checkPath('a', 'open')).toBe('/a');
  expect(checkPath('/../..', 'open')).toBe('/');
  const codeOf = (path: string): string => {
    try {
      return checkPath(path, 'open');
    } catch (error) {
      return (error as FsError).code;
    }
  };
  expect(codeOf('')).toBe('ENOENT');
  expect(codeOf('/a/\0')).toBe('EINVAL');
  expect(codeOf('/a/.git/x')).toBe('EINVAL');
  expect(codeOf('/a/\ud800')).toBe('EINVAL');
  expect(codeOf(`/${'é'.repeat(128)}`)).toBe('ENAMETOOLONG');
});
