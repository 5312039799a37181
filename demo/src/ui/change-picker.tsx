import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fuzzyFilter } from '../workspace/fuzzy.ts';
import { useIde } from './context.ts';
import { Icon } from './icons.tsx';
import { Highlighted, Picker, type PickerOption } from './picker.tsx';

/** Asks which change to work in: a new one, the bookmark's, or one that was worked in before. */
export function ChangePicker(): JSX.Element {
  const ide = useIde();
  const { changes, place } = ide.workspace;
  const [query, setQuery] = useState('');
  const message = query.trim();
  const current = changes.current.value;
  const others = changes.memory.known.filter(({ id }) => id !== current);
  const option = (key: string, content: PickerOption['content'], choose: () => void): PickerOption => ({ key, content, choose });
  const options: PickerOption[] = [
    option(
      'new',
      <>
        <Icon name="filePlus" />
        <span class="picker-label">{message === '' ? 'New change without a description' : `New change “${message}”`}</span>
        <span class="picker-detail">on top of {changes.title}</span>
      </>,
      () => void changes.make(message),
    ),
    ...(current === null
      ? []
      : [
          option(
            'bookmark',
            <>
              <Icon name="branch" />
              <span class="picker-label">Back to {place.bookmark}</span>
              <span class="picker-detail">follow the bookmark</span>
            </>,
            () => void changes.open(null),
          ),
        ]),
    ...fuzzyFilter(others, query, (change) => change.message || change.id, 20).map(({ item: change, at }) =>
      option(
        change.id,
        <>
          <Icon name="branch" />
          <span class="picker-label">
            <Highlighted text={change.message || change.id.slice(0, 8)} at={at} />
          </span>
          <span class="picker-detail">change {change.id.slice(0, 8)}</span>
        </>,
        () => void changes.open(change.id),
      ),
    ),
  ];
  return (
    <Picker
      label="Changes"
      placeholder="What is the new change about?"
      testId="change-picker"
      query={query}
      setQuery={setQuery}
      options={options}
      empty=""
      onClose={() => (ide.picker.value = null)}
    />
  );
}
