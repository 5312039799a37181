import { ApiError } from '../../wire/errors.ts';
import { LIMITS } from '../../wire/limits.ts';

/** Versions that one conflict can be between. */
export const MAX_SIDES: number = (LIMITS.maxTerms + 1) / 2;

/**
 * What the core finds wrong with what it is to write or merge is the sender's to mend: sent again as it is, it would fail again.
 *
 * @param what the beginning of the sentence that says so
 */
export function asRefusal(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || error.name !== 'CoreError' || !('code' in error)) return error;
  if (error.code === 'BAD_TERMS') return new ApiError('MERGE_CONFLICT', `${what}: ${error.message}; resolve the conflict first.`, undefined, error);
  const isPath = error.code === 'BAD_PATH' || error.code === 'TOO_DEEP';
  return new ApiError(isPath ? 'INVALID_PATH' : 'INVALID_REQUEST', `${what}: ${error.message}.`, undefined, error);
}
