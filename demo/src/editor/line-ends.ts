import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

/** An editor's text has no other line ends than \n, or keeps them as characters: see decodeText. What is pasted gets the text's own. */
export const lineEnds: Extension = [EditorState.lineSeparator.of('\n'), EditorView.clipboardInputFilter.of((pasted) => pasted.replaceAll('\r\n', '\n'))];
