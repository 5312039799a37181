import type { SyncStatus } from '../workspace/client.ts';
import { formatSize } from '../workspace/file-kinds.ts';
import type { Drain } from './drain.ts';

/** A state as the status bar says it: in a word or two, and at length. */
export interface SyncText {
  short: string;
  long: string;
}

/** Says how the connection stands. `now` is what `retryAt` counts against, both in milliseconds since 1970. */
export function syncText(status: SyncStatus, now: number, drain: Drain | null = null): SyncText {
  // That the network failed is said already.
  const why = status.error && status.error.code !== 'NETWORK' ? status.error.message : '';
  switch (status.state) {
    case 'connecting':
      return { short: 'Connecting', long: 'Connecting to the server.' };
    case 'live':
      if (drain?.sending === true) return { short: drainText(drain), long: 'Connected. What waited is being sent, in the order it was written.' };
      if (status.remote === 'rest')
        return { short: 'Connected by REST', long: 'Edits are sent at once. The server has a plain REST API: it is asked now and then for edits by others.' };
      return { short: 'Connected', long: 'Edits are sent at once, and edits by others arrive as they happen.' };
    case 'reconnecting': {
      const seconds = status.retryAt === undefined ? 0 : Math.max(0, Math.ceil((status.retryAt - now) / 1_000));
      return {
        short: seconds > 0 ? `Reconnecting in ${seconds} s` : 'Reconnecting',
        long: join('The connection was lost; it is tried again. You can go on working.', why),
      };
    }
    case 'offline':
      return { short: 'Offline', long: join('There is no network; you can go on working.', why) };
    case 'expired':
      return { short: 'Session expired', long: join('Reload the page to sign in again. Unsent edits stay.', why) };
    case 'closed':
      return { short: 'Closed', long: join('The connection is closed. Reload the page to go on.', why) };
  }
}

/** Says what waits, how much it is, and where it is kept; `''` when nothing does, of other tabs neither. */
export function waitingText({ pending, pendingBytes, storage, elsewhere = 0 }: SyncStatus): string {
  const edits = (count: number): string => (count === 1 ? '1 edit' : `${count.toLocaleString('en')} edits`);
  if (pending === 0) return elsewhere === 0 ? '' : `${edits(elsewhere)} made in other tabs waiting – kept on this device`;
  const more = elsewhere === 0 ? '' : `, and ${elsewhere.toLocaleString('en')} made in other tabs`;
  return `${edits(pending)} waiting (${formatSize(pendingBytes)})${more} – ${storedWhere(storage)}`;
}

/** Says how far sending has come. */
export function drainText({ sent, total }: Drain): string {
  return `Sending ${Math.min(sent + 1, total).toLocaleString('en')} of ${total.toLocaleString('en')}`;
}

/** Says where what waits is kept. */
export function storedWhere(storage: SyncStatus['storage']): string {
  return storage === 'memory' ? 'only in this tab' : 'kept on this device';
}

function join(...sentences: string[]): string {
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
