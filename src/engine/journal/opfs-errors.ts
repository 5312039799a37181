import type { JournalErrorCode } from './medium.ts';
import { JournalError } from './medium.ts';

const CODES: Record<string, JournalErrorCode> = {
  QuotaExceededError: 'QUOTA',
  NoModificationAllowedError: 'BUSY',
};

/** What a call of the origin's private file system failed with, as a {@link JournalError}. */
export function fileError(error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return new JournalError(CODES[name] ?? 'IO', `The origin’s private file system failed (${name}: ${message})`, error);
}
