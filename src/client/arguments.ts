import { InvalidOptionsError } from './errors.ts';
import { checkNames } from './option-names.ts';

/**
 * Checks the arguments of a call that is about a repo: callers without types forget to name it, and what they misspell would do something else.
 *
 * @throws InvalidOptionsError
 */
export function aboutRepo<A extends { repo: string }>(call: string, args: A, ...names: readonly (Keys<A> & string)[]): A {
  const { repo } = (args as A | null | undefined) ?? {};
  if (typeof repo !== 'string' || repo === '') throw new InvalidOptionsError(`${call} takes { repo }, the name of a repo, not ${JSON.stringify(args)}`);
  checkNames<Record<string, unknown>>(call, args, ['repo', ...names]);
  return args;
}

type Keys<A> = A extends unknown ? keyof A : never;
