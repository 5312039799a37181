/** A backend that cannot start, for a reason a person can mend: the message says which and how. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
