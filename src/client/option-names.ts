import { strayName } from '../base/option-names.ts';
import { InvalidOptionsError } from './errors.ts';

/** Checks that options are an object, and have names there are; what is nothing may be called anything. @throws InvalidOptionsError naming the nearest there is */
export function checkNames<T extends object>(of: string, options: T | null | undefined, names: readonly (keyof T & string)[]): void {
  // It says no more of it: it may be a key.
  const type = Array.isArray(options) ? 'array' : typeof (options ?? {});
  if (type !== 'object') throw new InvalidOptionsError(`${of} takes an object of options, such as { ${names[0]} }, not a value of type ${type}`);
  const stray = strayName(options, names);
  if (stray !== null) throw new InvalidOptionsError(`${of} ${stray}`);
}
