import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';

/**
 * Texts that were begun to stand in place of conflicts and are not saved yet, by what the sides of each conflict are. They outlive the
 * editor they are typed in: that goes with its tab, and with every version that arrives.
 */
export class Drafts {
  readonly all: Signal<ReadonlyMap<string, string>> = signal(new Map());
  readonly any: ReadonlySignal<boolean> = computed(() => this.all.value.size > 0);

  of(key: string): string | undefined {
    return this.all.peek().get(key);
  }

  keep(key: string, text: string): void {
    if (this.of(key) !== text) this.all.value = new Map(this.all.peek()).set(key, text);
  }

  drop(key: string): void {
    if (!this.all.peek().has(key)) return;
    this.all.value = new Map([...this.all.peek()].filter(([other]) => other !== key));
  }

  /** Those begun for conflicts that are not among `keys`: settled or changed elsewhere in the meantime. */
  without(keys: readonly string[]): [key: string, text: string][] {
    return [...this.all.value].filter(([key]) => !keys.includes(key));
  }
}
