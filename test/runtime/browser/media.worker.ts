/** Runs the tests that only a worker can, by name. */
import { mediaSuites } from './media.ts';

const bodies = new Map<string, () => Promise<void>>();
mediaSuites((name, body) => bodies.set(name, body));

addEventListener('message', ({ data }: MessageEvent<{ id: number; name: string }>) => {
  const { id, name } = data;
  const body = bodies.get(name) ?? (async (): Promise<never> => Promise.reject(new Error(`there is no test named ${name}`)));
  body().then(
    () => postMessage({ id }),
    (error: unknown) => postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
