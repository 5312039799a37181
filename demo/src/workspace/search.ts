import { signal, type Signal } from '@preact/signals';
import { describeError, type Problem } from './errors.ts';
import { searchText, type SearchOptions, type SearchResult } from './text-search.ts';
import type { Workspace } from './workspace.ts';

/** What a search came to. */
export interface Found {
  query: string;
  result: SearchResult | null;
  problem: Problem | null;
}

/** The search in all files: it goes on, and what it found stays, while another panel is looked at. */
export class Search {
  readonly query: Signal<string> = signal('');
  readonly options: Signal<SearchOptions> = signal({ matchCase: false, regex: false });
  readonly found: Signal<Found | null> = signal(null);
  readonly busy: Signal<boolean> = signal(false);
  readonly #workspace: Workspace;
  #running: AbortController | null = null;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Takes what is typed. With nothing in the field, what was found before is no answer. */
  type(query: string): void {
    this.query.value = query;
    if (query !== '') return;
    this.stop();
    this.found.value = null;
  }

  /** Begins to search for what is typed; a search under way is given up. */
  async run(): Promise<void> {
    this.stop();
    const query = this.query.peek();
    if (query === '') return void (this.found.value = null);
    const controller = new AbortController();
    this.#running = controller;
    this.busy.value = true;
    const { root, sync } = this.#workspace;
    const connected = (): boolean => sync.peek().state === 'live';
    const answer = await searchText(this.#workspace.shell(), root, query, this.options.peek(), controller.signal, connected).then(
      (result): Found => ({ query, result, problem: null }),
      (error: unknown): Found => ({ query, result: null, problem: describeError(error) }),
    );
    if (controller.signal.aborted) return;
    this.found.value = answer;
    this.busy.value = false;
  }

  /** Searches in another way, at once where something was found in the last one. */
  choose(options: SearchOptions): void {
    this.options.value = options;
    if (this.found.peek() !== null) void this.run();
  }

  /** Gives up the search under way; what the last one found stays. */
  stop(): void {
    this.#running?.abort();
    this.#running = null;
    this.busy.value = false;
  }
}
