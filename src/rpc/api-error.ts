/** What an API answered when it refused. */
export interface MesaApiErrorInit {
  /** HTTP status; 0 when there was no answer. */
  status: number;
  code?: string | undefined;
  body?: unknown;
  headers?: Headers | undefined;
  cause?: unknown;
}

/** Is thrown when the API answers with an error; its message is `<code>: <message>`. */
export class MesaApiError extends Error {
  override readonly name: string = 'MesaApiError';
  readonly status: number;
  readonly code: string | undefined;
  readonly body: unknown;
  readonly headers: Headers | undefined;

  constructor(message: string, init: MesaApiErrorInit) {
    super(init.code === undefined ? message : `${init.code}: ${message}`, init.cause === undefined ? undefined : { cause: init.cause });
    this.status = init.status;
    this.code = init.code;
    this.body = init.body;
    this.headers = init.headers;
  }

  /** Reads the error out of an answer's body: `error.code` and `error.message`, or both at the top, or a plain text. */
  static from(status: number, body: unknown, headers?: Headers): MesaApiError {
    const inner = field(body, 'error') ?? body;
    const code = field(inner, 'code');
    const message = field(inner, 'message') ?? (typeof body === 'string' && body !== '' ? body : undefined);
    return new MesaApiError(typeof message === 'string' ? message : 'API request failed', {
      status,
      code: typeof code === 'string' ? code : undefined,
      body,
      headers,
    });
  }
}

/** What the API refused with behind an error: the error itself, or what it came from. */
export function refusalBehind(error: unknown): MesaApiError | null {
  let behind = error;
  for (let depth = 0; depth < 8 && behind instanceof Error; depth += 1) {
    if (behind instanceof MesaApiError) return behind;
    behind = behind.cause;
  }
  return null;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
