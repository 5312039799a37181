import { strayName } from '../base/option-names.ts';
import { InvalidOptionsError } from './errors.ts';

/** Checks that options have names there are; what is nothing may be called anything. @throws InvalidOptionsError naming the nearest there is */
export function checkNames<T extends object>(of: string, options: T | null | undefined, names: readonly (keyof T & string)[]): void {
  const stray = strayName(options, names);
  if (stray !== null) throw new InvalidOptionsError(`${of} ${stray}`);
}
