import { InvalidOptionsError } from './errors.ts';

/** Checks that the arguments of a call name the repo it is about: callers without types forget it. @throws InvalidOptionsError */
export function aboutRepo<A extends { repo: string }>(call: string, args: A): A {
  const { repo } = (args as A | null | undefined) ?? {};
  if (typeof repo !== 'string' || repo === '') throw new InvalidOptionsError(`${call} takes { repo }, the name of a mounted repo, not ${JSON.stringify(args)}`);
  return args;
}
