import { systemEnv } from '../base/env.ts';
import type { Core } from '../core/load.ts';
import type { Platform } from '../client/platform.ts';
import { Engine } from '../engine/engine.ts';
import type { LoadBash, LoadWasi } from '../engine/shell/shells.ts';

/** What a runtime that runs the engine in its own process has to say. */
export interface LocalRuntime {
  core: () => Promise<Core>;
  bash: LoadBash;
  wasi?: LoadWasi;
  variables: Record<string, string | undefined>;
  userAgentHeader?: Platform['userAgentHeader'];
}

/** The platform of a runtime that runs the engine in its own process. */
export function localPlatform({ core, bash, wasi, variables, userAgentHeader = 'User-Agent' }: LocalRuntime): Platform {
  const env = systemEnv();
  return {
    variables,
    userAgentHeader,
    fetch: (request) => env.fetch(request),
    clock: env.clock,
    engine: ({ fetch }) => new Engine({ env: fetch === undefined ? env : { ...env, fetch }, core, bash, ...(wasi === undefined ? {} : { wasi }) }),
    bash,
  };
}
