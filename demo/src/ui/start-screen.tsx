import type { JSX } from 'preact';
import { useEffect, useReducer } from 'preact/hooks';
import type { BootState } from '../boot.ts';
import type { OtherPlace } from '../place-error.ts';
import type { Problem } from '../workspace/errors.ts';
import { BrandMark } from './icons.tsx';

type Props = { state: Exclude<BootState, { phase: 'ready' }>; retry: () => void };

/** What is shown until the repository is mounted: the window's frame at first, words when it doesn't work. */
export function StartScreen({ state, retry }: Props): JSX.Element {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => tick(undefined), 500);
    return () => clearInterval(timer);
  }, []);
  if (state.phase === 'starting' && state.attempt === 1) return <Frame />;
  if (state.phase === 'nowhere') return <Nowhere problem={state.problem} home={state.home} retry={retry} />;
  const seconds = state.phase === 'failed' ? Math.max(0, Math.ceil((state.retryAt - Date.now()) / 1_000)) : 0;
  return (
    <div class="start" data-testid="start-screen">
      <BrandMark />
      {state.phase === 'failed' ? (
        <>
          <h1>{state.problem.message}</h1>
          <p role="alert">{state.problem.remedy}</p>
          <p role="status">{seconds > 0 ? `Trying again in ${seconds} s` : 'Trying again'}</p>
          <button type="button" class="button button-primary" data-testid="retry" onClick={retry}>
            Try now
          </button>
        </>
      ) : (
        <>
          <h1>Connecting</h1>
          <span class="spinner" />
        </>
      )}
    </div>
  );
}

/** There is no such place as the address asks for: the way to one that is there. */
function Nowhere({ problem, home, retry }: { problem: Problem; home: OtherPlace; retry: () => void }): JSX.Element {
  return (
    <div class="start" data-testid="start-screen">
      <BrandMark />
      <h1>{problem.message}</h1>
      <p role="alert">{problem.remedy}</p>
      <div class="start-actions">
        <a class="button button-primary" data-testid="go-home" href={home.href}>
          Open {home.name}
        </a>
        <button type="button" class="button" data-testid="retry" onClick={retry}>
          Try again
        </button>
      </div>
    </div>
  );
}

/** The window's outlines, so that nothing jumps when the rest arrives. */
function Frame(): JSX.Element {
  return (
    <div class="ide" aria-busy="true" data-testid="loading">
      <header class="header">
        <div class="brand">
          <BrandMark />
        </div>
      </header>
      <div class="body">
        <div class="activity" />
        <div class="sidebar" style={{ width: '264px' }} />
        <main class="main">
          <div class="message">
            <span class="spinner" />
            <p role="status">Mounting the repository</p>
          </div>
        </main>
      </div>
      <footer class="status" />
    </div>
  );
}
