/** The codes of {@link MesaError}. */
export type MesaErrorCode =
  | 'INVALID_API_URL'
  | 'INVALID_OPTIONS'
  | 'MISSING_CREDENTIAL'
  | 'MISSING_WEBHOOK_SECRET'
  | 'ORG_RESOLUTION_FAILED'
  | 'WEBHOOK_VERIFICATION_FAILED';

/** Is thrown for what is wrong before the API is asked; what the API refuses is a `MesaApiError`, what a file call fails with an `FsError`. */
export class MesaError extends Error {
  override readonly name: string = 'MesaError';
  readonly code: MesaErrorCode;

  constructor(code: MesaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Is thrown when neither a key nor an access token is given. */
export class MissingCredentialError extends MesaError {
  override readonly name: string = 'MissingCredentialError';
  constructor(message = 'No credential: pass apiKey or accessToken, or set MESA_API_KEY', options?: ErrorOptions) {
    super('MISSING_CREDENTIAL', message, options);
  }
}

/** Is thrown for an address that is not http or https. */
export class InvalidApiUrlError extends MesaError {
  override readonly name: string = 'InvalidApiUrlError';
  constructor(option: string, value: string, options?: ErrorOptions) {
    super('INVALID_API_URL', `${option} ${JSON.stringify(value)} is not a valid address; use one that begins with https:// or http://`, options);
  }
}

/** Is thrown for options that are not valid or exclude each other. */
export class InvalidOptionsError extends MesaError {
  override readonly name: string = 'InvalidOptionsError';
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID_OPTIONS', message, options);
  }
}

/** Is thrown when the credential's org can't be found out; `cause` says why. */
export class OrgResolutionError extends MesaError {
  override readonly name: string = 'OrgResolutionError';
  constructor(message: string, options?: ErrorOptions) {
    super('ORG_RESOLUTION_FAILED', message, options);
  }
}

/** Makes one of these errors of what came of it over a worker's boundary; `null` for the name of another. */
export function remakeMesaError(name: string, code: string, message: string, options?: ErrorOptions): MesaError | null {
  switch (name) {
    case 'MesaError':
      return new MesaError(code as MesaErrorCode, message, options);
    case 'MissingCredentialError':
      return new MissingCredentialError(message, options);
    case 'InvalidApiUrlError':
      return new InvalidApiUrlError('', '', options);
    case 'InvalidOptionsError':
      return new InvalidOptionsError(message, options);
    case 'OrgResolutionError':
      return new OrgResolutionError(message, options);
    default:
      return null;
  }
}
