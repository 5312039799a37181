import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { advance } from './state.ts';
import type { DriverEvent, DriverState } from './state.ts';

const spec = readFileSync(new URL('./SPEC.md', import.meta.url), 'utf8');

/** The rows of the table whose header begins with the empty cell: names, then what each event makes of the state. */
function stateTable(): { events: DriverEvent[]; rows: [DriverState, string[]][] } {
  const lines = spec
    .slice(spec.indexOf('## The driver'))
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const [header = '', , ...rows] = lines;
  return { events: cells(header).slice(1) as DriverEvent[], rows: rows.map((line) => [cells(line)[0] as DriverState, cells(line).slice(1)]) };
}

test('the table of the specification is the one the driver runs on', () => {
  const { events, rows } = stateTable();
  expect(rows).toHaveLength(7);
  for (const [state, cells] of rows) {
    for (const [index, event] of events.entries()) {
      const cell = cells[index];
      const idle = advance(state, event, { reset: false, queued: false }).state;
      const busy = advance(state, event, { reset: false, queued: true }).state;
      const expected = cell === 'next' ? ['idle', 'sending'] : cell === '–' ? [state, state] : [cell, cell];
      expect([idle, busy], `${state} × ${event}`).toEqual(expected);
    }
  }
});

test('every invariant says what holds it, and what it names is there', () => {
  const rows = spec.split('\n').filter((line) => /^\| [PSVJE]\d+ /.test(line));
  expect(rows.length).toBeGreaterThan(30);
  const files: Record<string, string> = {
    causal: './causal.test.ts',
    driver: './driver.test.ts',
    siblings: './siblings.test.ts',
    precedence: './precedence.test.ts',
    adoption: './adoption.test.ts',
    unnoted: './unnoted.test.ts',
    'two-media': '../journal/two-media.test.ts',
    'rest-detect': '../remote/rest-detect.test.ts',
    'idb-faults': '../../../test/contract/idb-faults.test.ts',
    events: '../../server/events/events.test.ts',
    feed: './feed.test.ts',
    backoff: './backoff.test.ts',
    races: '../mount/races.test.ts',
    parts: '../mount/parts.test.ts',
    outgoing: '../mount/outgoing.test.ts',
    records: '../journal/records.test.ts',
    journal: '../journal/journal.test.ts',
    storage: '../../../test/e2e/storage.spec.ts',
    tabs: '../../../test/e2e/tabs.spec.ts',
    'shared-events': './shared-events.test.ts',
    offline: '../../../test/contract/offline.ts',
    'offline-copies': '../../../test/contract/offline-copies.ts',
    'offline-places': '../../../test/contract/offline-places.ts',
    'offline-overtaken': '../../../test/contract/offline-overtaken.ts',
    'offline-notes': '../../../test/contract/offline-notes.ts',
    'offline-merged': '../../../test/contract/offline-merged.ts',
    'opfs-log': '../journal/opfs-log.test.ts',
    'opfs-groups': '../journal/opfs-groups.test.ts',
    'opfs-faults': '../../../test/runtime/browser/opfs-faults.ts',
    namespace: '../../../test/contract/namespace.ts',
    heads: '../mount/heads.test.ts',
    'offline-tabs': '../../../test/contract/offline-tabs.ts',
    'offline-sizes': '../../../test/contract/offline-sizes.ts',
    'offline-no-room': '../../../test/contract/offline-no-room.ts',
    operations: '../../server/authority/operations.test.ts',
    'offline-pins': '../../../test/contract/offline-pins.ts',
    standing: '../mount/standing.test.ts',
    logins: '../../../test/contract/logins.test.ts',
    login: '../../client/login.test.ts',
    gone: '../../../test/contract/gone.test.ts',
    live: '../../../test/contract/live.ts',
    changes: '../../../test/contract/changes.ts',
    conflicts: '../../../test/contract/conflicts.ts',
    converge: '../../../test/contract/converge.ts',
    requests: '../../../test/contract/requests.ts',
    'log-medium': '../../../test/contract/log-medium.ts',
    device: '../../../test/contract/device.ts',
    simulation: '../../../test/simulation/checker.ts',
    crash: '../../../test/crash/main.ts',
  };
  for (const row of rows) {
    const held = row.split('|').at(-2) ?? '';
    const named = [...held.matchAll(/`([a-z-]+)`([^`;|]*)/g)];
    expect(named.length, row).toBeGreaterThan(0);
    for (const [, name = '', words = ''] of named) {
      const file = readFileSync(new URL(files[name] ?? `./${name}`, import.meta.url), 'utf8').toLowerCase();
      for (const word of words.match(/[\w-]+/g) ?? []) expect(file.includes(word.toLowerCase()), `${word} in ${name}: ${row}`).toBe(true);
    }
  }
});
