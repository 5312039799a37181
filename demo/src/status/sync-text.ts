import type { SyncStatus } from '../workspace/client.ts';

/** A state as the status bar says it: in a word or two, and at length. */
export interface SyncText {
  short: string;
  long: string;
}

/** Says how the connection stands. `now` is what `retryAt` counts against, both in milliseconds since 1970. */
export function syncText(status: SyncStatus, now: number): SyncText {
  const unsent = status.pending === 0 ? '' : ` ${edits(status.pending)} ${storedWhere(status)} and will be sent.`;
  const why = status.error ? ` ${status.error.message}` : '';
  switch (status.state) {
    case 'connecting':
      return { short: 'Connecting', long: `Connecting to the server.${unsent}` };
    case 'live':
      return {
        short: 'Connected',
        long: status.pending === 0 ? 'Connected. Everything is sent, and edits by others arrive as they happen.' : `Connected.${unsent}`,
      };
    case 'reconnecting': {
      const seconds = status.retryAt === undefined ? 0 : Math.max(0, Math.ceil((status.retryAt - now) / 1_000));
      return { short: seconds > 0 ? `Reconnecting in ${seconds} s` : 'Reconnecting', long: `The connection was lost; trying again.${why}${unsent}` };
    }
    case 'offline':
      return { short: 'Offline', long: `Offline: you can go on working.${why}${unsent}` };
    case 'expired':
      return { short: 'Session expired', long: `The session has expired. Reload the page to go on.${why}${unsent}` };
    case 'closed':
      return { short: 'Closed', long: `The connection is closed. Reload the page to go on.${why}` };
  }
}

/** What the save item adds about edits the server doesn't have yet. */
export function unsentText(status: SyncStatus): string {
  return status.pending === 0 ? '' : `, ${status.pending} to send`;
}

function edits(count: number): string {
  return count === 1 ? 'One edit is' : `${count} edits are`;
}

function storedWhere({ storage }: SyncStatus): string {
  return storage === 'memory' ? 'kept in this tab only' : 'kept on this device';
}
