import type { LogMedium } from './medium.ts';
import { JournalError } from './medium.ts';

/**
 * The logs of a medium that can be read and removed here, but not written: those of the origin's private file system in a page. What is noted in one, where
 * it can't be taken over elsewhere, is lost: whoever opens it next finds all that was in it.
 */
export function readOnly(medium: LogMedium): LogMedium {
  const sizeOf = async (name: string): Promise<number> => (await medium.read(name)).reduce((sum, { length }) => sum + length, 0);
  return {
    durable: true,
    names: () => medium.names(),
    read: (name) => medium.read(name),
    async open(name) {
      const refuse = async (): Promise<never> => {
        throw new JournalError('IO', `The log ${name} can only be read here`);
      };
      const verify = async (): Promise<void> => {
        if ((await sizeOf(name)) === 0) throw new JournalError('LOST', `The log ${name} was destroyed`);
      };
      return { size: await sizeOf(name), append: refuse, rewrite: refuse, verify, close: async () => undefined };
    },
    remove: (name) => medium.remove(name),
    close: () => medium.close(),
  };
}
