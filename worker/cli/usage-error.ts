/** A mistake in how a command was called, or a thing it needs that is not there: shown as one sentence, without a stack. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}
