import { signal, type Signal } from '@preact/signals';
import type { WorkspaceFs } from './client.ts';
import type { Notices } from './notices.ts';
import { formatSize } from './file-kinds.ts';
import { baseName, isWithin } from './paths.ts';

/** What is kept on this device to be read offline, opened before or not. */
export class Pins {
  readonly paths: Signal<readonly string[]> = signal([]);
  readonly #fs: WorkspaceFs;
  readonly #notices: Notices;

  constructor(fs: WorkspaceFs, notices: Notices) {
    this.#fs = fs;
    this.#notices = notices;
  }

  async refresh(): Promise<void> {
    this.paths.value = await this.#fs.cache.pinned().catch(() => []);
  }

  /** The pinned path a path is kept by, or `null`. */
  keeperOf(path: string): string | null {
    return this.paths.value.find((pinned) => isWithin(pinned, path)) ?? null;
  }

  async keep(path: string): Promise<void> {
    const waiting = this.#notices.show('info', `Bringing in “${baseName(path)}”`);
    try {
      const { files, bytes } = await this.#fs.cache.pin(path);
      const size = `${files.toLocaleString('en')} ${files === 1 ? 'file' : 'files'}, ${formatSize(bytes)}`;
      this.#notices.show('success', `“${baseName(path)}” is kept on this device`, { detail: `${size}: all of it opens offline.` });
    } catch (error) {
      this.#notices.fail(`“${baseName(path)}” couldn’t be brought in`, error);
    }
    this.#notices.dismiss(waiting);
    await this.refresh();
  }

  async letGo(path: string): Promise<void> {
    try {
      await this.#fs.cache.unpin(path);
      this.#notices.show('success', `“${baseName(path)}” is not kept any more`, { detail: 'What was opened stays as long as there is room.' });
    } catch (error) {
      this.#notices.fail('It couldn’t be let go', error);
    }
    await this.refresh();
  }
}
