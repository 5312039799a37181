/** Every error code of the API with the HTTP status it is answered with. */
export const ERROR_STATUS = {
  INVALID_REQUEST: 400,
  INVALID_PATH: 400,
  BAD_FRAMING: 400,
  BAD_OBJECT: 400,
  MISSING_OBJECT: 400,
  UNAUTHORIZED: 401,
  TOKEN_EXPIRED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  REPO_NOT_FOUND: 404,
  BOOKMARK_NOT_FOUND: 404,
  CHANGE_NOT_FOUND: 404,
  OBJECT_NOT_FOUND: 404,
  PATH_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  ALREADY_EXISTS: 409,
  STALE_BASE: 409,
  MERGE_CONFLICT: 409,
  LOCK_CONFLICT: 409,
  OPERATION_MISMATCH: 409,
  PAYLOAD_TOO_LARGE: 413,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  UNAVAILABLE: 503,
} as const;

/** A code of {@link ERROR_STATUS}. */
export type ApiErrorCode = keyof typeof ERROR_STATUS;

/** The body of every error answer. */
export interface ErrorBody {
  error: { code: string; message: string; details?: Record<string, unknown>; trace_id?: string };
}

/**
 * Is thrown wherever the API refuses something: what happened, to which value, and what to do.
 *
 * @example
 * ```ts
 * throw new ApiError('REPO_NOT_FOUND', `There is no repo "docs" in acme; create it or check the name.`);
 * ```
 */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly code: ApiErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ApiErrorCode, message: string, details?: Record<string, unknown>, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = ERROR_STATUS[code];
    this.code = code;
    this.details = details;
  }

  /** The error as the API answers it. */
  toBody(): ErrorBody {
    const { code, message, details } = this;
    return { error: { code, message, ...(details === undefined ? {} : { details }) } };
  }
}

/** Quotes a value for an error message: JSON, cut at 80 characters. */
export function quote(value: unknown): string {
  const text = asText(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function asText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Nested deeper than the stack is.
    return Array.isArray(value) ? '[…]' : '{…}';
  }
}
