/** Everything that is loaded while the session is asked for: the first paint needs none of it. */
export { IdeWindow } from './ui/window.tsx';
export { commandsOf } from './workspace/commands.ts';
export { Ide } from './workspace/ide.ts';
export { historyOf, mountSession } from './workspace/mount.ts';
export { Workspace } from './workspace/workspace.ts';
