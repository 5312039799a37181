import { EditorState } from '@codemirror/state';
import { EditorView, type WidgetType } from '@codemirror/view';
import { expect, test } from 'vitest';
import { markerDecorations } from './marker-decorations.ts';

const text = (mine: string, label = 'side #1'): string =>
  `<<<<<<< conflict 1 of 1\n+++++++ ${label}\n${mine}\n------- base\nold\n+++++++ side #2\ntheirs\n>>>>>>> conflict 1 of 1 ends\n`;

function barOf(doc: string): WidgetType {
  const state = EditorState.create({ doc, extensions: [markerDecorations(() => undefined)] });
  for (const set of state.facet(EditorView.decorations)) {
    if (typeof set === 'function') continue;
    const widget: unknown = set.iter().value?.spec['widget'];
    if (widget) return widget as WidgetType;
  }
  throw new Error('there is no bar above the conflict');
}

test('the choices above a conflict are made anew when a side is another text of the same length', () => {
  expect(barOf(text('mine')).eq(barOf(text('mine')))).toBe(true);
  expect(barOf(text('mine')).eq(barOf(text('MINE')))).toBe(false);
  expect(barOf(text('mine', 'side #1')).eq(barOf(text('mine', 'side #3')))).toBe(false);
});
