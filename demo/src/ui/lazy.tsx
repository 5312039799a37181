import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { describeError } from '../workspace/errors.ts';

/** A component whose code is loaded when it is first shown. */
export function lazyView<Props extends object>(load: () => Promise<ComponentType<Props>>): (props: Props) => JSX.Element {
  let loaded: ComponentType<Props> | null = null;
  return function LazyView(props: Props): JSX.Element {
    const [, setLoaded] = useState(loaded !== null);
    const [failure, setFailure] = useState<unknown>(null);
    const [attempt, setAttempt] = useState(0);
    useEffect(() => {
      if (loaded) return;
      setFailure(null);
      load().then(
        (component) => {
          loaded = component;
          setLoaded(true);
        },
        (error: unknown) => setFailure(error),
      );
    }, [attempt]);
    if (loaded) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    if (failure === null) return <Waiting />;
    return (
      <div class="message" role="alert">
        <h2>This part couldn’t be loaded</h2>
        <p>{describeError(failure).message}</p>
        <div class="message-actions">
          <button type="button" class="button" onClick={() => setAttempt(attempt + 1)}>
            Try again
          </button>
        </div>
      </div>
    );
  };
}

/** Shows that something is on its way; quick answers never show it. */
export function Waiting({ what }: { what?: string }): JSX.Element {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="message" aria-busy="true">
      {slow ? <span class="spinner" /> : null}
      {slow && what !== undefined ? <p>{what}</p> : null}
    </div>
  );
}
