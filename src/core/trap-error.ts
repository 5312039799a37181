/**
 * Is thrown when the WebAssembly instance gave up in the middle of a call: out of memory, too deep a stack, or a fault of the core. A fresh instance
 * has taken its place; nothing that JavaScript holds is lost, and the call may be made again.
 */
export class CoreTrapError extends Error {
  override readonly name: string = 'CoreTrapError';
  readonly code = 'CORE_TRAPPED';
  readonly retryable = true;

  constructor(what: string, cause?: unknown) {
    super(`The WebAssembly core gave up while computing ${what}; it was started afresh. Try again, with less at once should it happen again.`, { cause });
  }
}
