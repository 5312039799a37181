import { expect, test } from 'vitest';
import type { Head } from '../../wire/events.ts';
import { Standing } from './standing.ts';
import type { StandingParts } from './standing.ts';
import type { View } from './trees.ts';

test('whoever looks while another head is entered sees one place or the other', async () => {
  const laid = Promise.withResolvers<{ view: View }>();
  const nothing = { over: (): never[] => [] } as unknown as StandingParts['backlog'];
  const trees = { apply: () => laid.promise } as unknown as StandingParts['trees'];
  const standing = new Standing({ trees, backlog: nothing } as StandingParts, head('fork', 7), null);
  const place = (): unknown[] => [standing.head.change, standing.bookmark, standing.bookmarkAt, standing.view.trees];
  const entering = standing.enter(head('base', 5), 'main');
  expect(place()).toEqual(['fork', null, 7, ['fork']]);
  laid.resolve({ view: { trees: ['laid'], side: null } });
  await entering;
  expect(place()).toEqual(['base', 'main', 5, ['laid']]);
});

function head(change: string, repoSeq: number): Head {
  return { org: 'acme', repo: 'app', defaultBookmark: 'main', bookmark: null, change, commit: '', trees: [change], side: null, repoSeq, cursor: '' };
}
