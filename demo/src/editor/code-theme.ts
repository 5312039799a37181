import { syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';

/** The editor's look. All colours are the page's own, so light and dark need no second theme; syntax colours are in `syntax.css`. */
export const codeTheme: Extension = [
  EditorView.theme({
    '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: 'var(--code-size)' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overscrollBehavior: 'contain' },
    '.cm-content': { caretColor: 'var(--caret)', padding: '10px 0 40vh' },
    '.cm-line': { padding: '0 16px 0 8px' },
    '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--caret)', borderLeftWidth: '2px' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--selection)' },
    '.cm-activeLine': { backgroundColor: 'var(--active-line)' },
    '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--faint)', border: 'none', paddingLeft: '6px' },
    '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
    '.cm-foldGutter .cm-gutterElement': { cursor: 'pointer', padding: '0 4px', color: 'var(--faint)' },
    '.cm-foldPlaceholder': { backgroundColor: 'var(--raised)', border: '1px solid var(--line)', color: 'var(--muted)', padding: '0 6px', borderRadius: '4px' },
    '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--match)', outline: '1px solid var(--match-line)' },
    '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--danger-soft)' },
    '.cm-selectionMatch': { backgroundColor: 'var(--match)' },
    '.cm-searchMatch': { backgroundColor: 'var(--find)', outline: '1px solid var(--find-line)', borderRadius: '2px' },
    '.cm-searchMatch.cm-searchMatch-selected': { backgroundColor: 'var(--find-now)' },
    '.cm-specialChar': { color: 'var(--danger)' },
    '.cm-panels': { backgroundColor: 'var(--panel)', color: 'var(--text)', borderColor: 'var(--line)' },
    '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
    '.cm-panel.cm-search': { padding: '8px 28px 8px 12px', fontSize: '13px' },
    '.cm-panel.cm-search [name=close]': { fontSize: '18px', top: '6px', right: '8px', color: 'var(--muted)', cursor: 'pointer' },
    '.cm-panel.cm-search label': { color: 'var(--muted)', fontSize: '12px', display: 'inline-flex', alignItems: 'center', gap: '4px' },
    '.cm-textfield': {
      backgroundColor: 'var(--surface)',
      border: '1px solid var(--line-strong)',
      borderRadius: '5px',
      padding: '3px 8px',
      color: 'var(--text)',
      fontSize: '13px',
    },
    '.cm-button': {
      backgroundImage: 'none',
      backgroundColor: 'var(--raised)',
      border: '1px solid var(--line-strong)',
      borderRadius: '5px',
      padding: '3px 10px',
      color: 'var(--text)',
      fontSize: '12px',
      cursor: 'pointer',
    },
    '.cm-tooltip': { backgroundColor: 'var(--raised)', border: '1px solid var(--line-strong)', borderRadius: '6px', color: 'var(--text)', overflow: 'hidden' },
    '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  }),
  syntaxHighlighting(classHighlighter),
];
