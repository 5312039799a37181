/** The parts of the editor that are loaded together, with the first text file. */
export { CodePane } from './code-pane.tsx';
export { editingTools } from './editing-tools.ts';
