import type { Clock } from '../base/env.ts';
import type { EngineContract } from '../rpc/contract.ts';

/** What the client takes from the runtime it is in. `src/runtime` has one for each. */
export interface Platform {
  /** Environment variables, where there are any. */
  variables: Record<string, string | undefined>;
  /** Where the client names itself: browsers do not let a page set `User-Agent`. */
  userAgentHeader: 'User-Agent' | 'X-Mesa-User-Agent';
  fetch(request: Request): Promise<Response>;
  clock: Clock;
  /** Makes an engine. One that is given a `fetch` runs in this process, since a function cannot go to a worker. */
  engine(options: { fetch?: (request: Request) => Promise<Response> }): EngineContract | Promise<EngineContract>;
  /** Loads the shell's interpreter, for shells with commands of the page's own. */
  bash(): Promise<Pick<typeof import('just-bash'), 'Bash'>>;
  /** Small values that outlive the page, where it has a place for them. May lose anything. */
  memory?: { get(key: string): Promise<unknown>; set(key: string, value: unknown): Promise<void> };
}
