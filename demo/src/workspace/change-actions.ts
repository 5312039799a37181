import { signal, type Signal } from '@preact/signals';
import { addressWith } from '../session.ts';
import type { ChangeMemory } from './change-memory.ts';
import { describeError } from './errors.ts';
import type { Workspace } from './workspace.ts';

/** Where the page goes; the browser's, or a test's. */
export interface Navigation {
  href(): string;
  /** Names another address for this page. */
  replace(href: string): void;
  /** Loads another address. */
  go(href: string): void;
}

const overtaken = 'Somebody else was faster';

/** Working in changes of one's own, beside the bookmark's. */
export class ChangeActions {
  readonly memory: ChangeMemory;
  /** The change this window works in; `null` while it follows the bookmark. */
  readonly current: Signal<string | null>;
  /** Counts the messages given here: the title is one of them. */
  readonly #named: Signal<number> = signal(0);
  readonly #workspace: Workspace;
  readonly #navigation: Navigation;

  constructor(workspace: Workspace, memory: ChangeMemory, current: string | null, navigation: Navigation) {
    this.#workspace = workspace;
    this.memory = memory;
    this.current = signal(current);
    this.#navigation = navigation;
    if (current !== null) this.#entered(current, '');
  }

  /** What is worked in, as a person calls it. */
  get title(): string {
    const id = this.current.value;
    void this.#named.value;
    if (id === null) return this.#workspace.place.bookmark;
    const message = this.memory.messageOf(id);
    return message === '' ? id.slice(0, 8) : message;
  }

  /** Makes a change on top of what is looked at, and goes on in it. Works offline. */
  async make(message: string): Promise<void> {
    const { fs, place, notices, documents } = this.#workspace;
    const from = this.current.peek();
    try {
      await documents.saveSettled();
      const base = from === null ? { bookmark: place.bookmark } : { changeId: from };
      const { changeOid } = await fs.change.new({ repo: place.repo, ...base, message });
      this.current.value = changeOid;
      this.#entered(changeOid, message);
      await this.#workspace.refreshAll();
      const detail = `What you edit now stays in it; ${place.bookmark} stays as it is.`;
      notices.show('success', message === '' ? 'Working in a new change' : `Working in “${message}”`, { detail });
    } catch (error) {
      notices.fail('The change couldn’t be made', error);
    }
  }

  /** Closes what was done at the bookmark as a version with a message, and goes on in a new one; a change of one's own is given the message. Works offline. */
  async saveVersion(message: string): Promise<boolean> {
    const { fs, place, notices, documents } = this.#workspace;
    const { repo, bookmark } = place;
    const own = this.current.peek();
    const failed = own === null ? 'The version couldn’t be saved' : 'The message couldn’t be saved';
    notices.withdraw(failed, overtaken);
    try {
      await documents.saveSettled();
      if (own === null) await fs.change.checkpoint({ repo, message });
      else {
        await fs.change.describe({ repo, message });
        this.memory.enter({ id: own, message });
        this.#named.value += 1;
      }
      notices.show('success', own === null ? 'Version saved' : 'Message saved', { detail: message });
      this.#workspace.refreshFacts();
      return true;
    } catch (error) {
      const again = { label: 'Try again', run: () => void this.saveVersion(message) };
      const { code, message: said, unreachable } = describeError(error);
      if (code === 'STALE_BASE') {
        notices.show('error', overtaken, { detail: `${bookmark} moved on meanwhile. Your edits are safe; try again.`, actions: [again] });
      } else if (unreachable === true) {
        notices.show('error', failed, {
          detail: 'Versions can be saved once the server can be reached again. Your edits are safe.',
          details: said,
          actions: [again],
        });
      } else notices.fail(failed, error, [again]);
      return false;
    }
  }

  /** Goes on in another change, or at the bookmark (`null`): the window mounts anew. */
  async open(change: string | null): Promise<void> {
    const { documents, notices } = this.#workspace;
    try {
      await documents.saveSettled();
    } catch (error) {
      notices.fail('The window stays where it is', error);
      return;
    }
    if (change === null) this.memory.leave();
    else this.memory.enter({ id: change, message: '' });
    this.#navigation.go(addressWith(this.#navigation.href(), { change }));
  }

  /** Moves the bookmark to the change worked in, unless it has gone elsewhere meanwhile, and follows it. */
  async land(): Promise<void> {
    const { fs, place, notices, documents } = this.#workspace;
    const changeId = this.current.peek();
    if (changeId === null) return;
    try {
      await documents.saveSettled();
      await fs.bookmark.move({ repo: place.repo, name: place.bookmark, changeId, allowBackwards: false });
      await this.open(null);
    } catch (error) {
      notices.fail(`${place.bookmark} couldn’t be moved here`, error);
    }
  }

  #entered(id: string, message: string): void {
    this.memory.enter({ id, message });
    this.#navigation.replace(addressWith(this.#navigation.href(), { change: id }));
  }
}
