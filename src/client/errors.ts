export { InvalidApiUrlError, InvalidOptionsError, MesaError, MissingCredentialError, OrgResolutionError } from '../rpc/mesa-error.ts';
export type { MesaErrorCode } from '../rpc/mesa-error.ts';
