import { expect, test } from 'vitest';
import type { Session } from '../session.ts';
import { FakeFs } from '../testing/fake-fs.ts';
import { Mounter } from './mounter.ts';

const session: Session = { apiUrl: 'http://localhost/api', org: 'acme', repo: 'app', bookmark: 'main', change: null, apiKey: 'key' };

test('a start that is tried again has the client of the one before, and another login one of its own', async () => {
  const connected: string[] = [];
  const asked: unknown[] = [];
  let fails = true;
  const mounter = new Mounter((login) => {
    connected.push(`${login.apiUrl} ${login.org} ${login.apiKey}`);
    return { fs: { mount: (options) => (asked.push(options.repos), fails ? Promise.reject(new Error('offline')) : Promise.resolve(new FakeFs())) } };
  });
  await expect(mounter.mount(session, null)).rejects.toThrow('offline');
  await expect(mounter.mount(session, 'k'.repeat(32))).rejects.toThrow('offline');
  fails = false;
  await mounter.mount({ ...session, repo: 'other' }, null);
  expect(connected).toEqual(['http://localhost/api acme key']);
  expect(asked).toEqual([[{ name: 'app', bookmark: 'main' }], [{ name: 'app', changeId: 'k'.repeat(32) }], [{ name: 'other', bookmark: 'main' }]]);
  await mounter.mount({ ...session, apiKey: 'another' }, null);
  expect(connected).toHaveLength(2);
});
