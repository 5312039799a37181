import type { JSX } from 'preact';
import type { Boot } from '../boot.ts';
import type { Notices } from '../workspace/notices.ts';
import { QuestionDialog } from './dialog.tsx';
import { StartScreen } from './start-screen.tsx';
import { Toasts } from './toasts.tsx';

/** The page: the start, then the IDE's window. */
export function App({ boot, notices }: { boot: Boot; notices: Notices }): JSX.Element {
  const state = boot.state.value;
  return (
    <>
      {state.phase === 'ready' ? <state.Window ide={state.ide} commands={state.commands} /> : <StartScreen state={state} retry={() => boot.retry()} />}
      <QuestionDialog notices={notices} />
      <Toasts notices={notices} />
    </>
  );
}
