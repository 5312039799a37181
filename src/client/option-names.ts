import { InvalidOptionsError } from './errors.ts';

/** Checks that options have names there are; what is nothing may be called anything. @throws InvalidOptionsError naming the nearest there is */
export function checkNames<T extends object>(of: string, options: T | null | undefined, names: readonly (keyof T & string)[]): void {
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined || value === null || (names as readonly string[]).includes(name)) continue;
    const apart = (other: string): number => alone(name, other) + alone(other, name);
    const [nearest] = names.toSorted((a, b) => apart(a) - apart(b));
    throw new InvalidOptionsError(`${of} has no option "${name}"; did you mean ${nearest}? There are ${names.join(', ')}`);
  }
}

/** How many letters of a name the other has not, big or small: those of a slip of the pen are few. */
function alone(name: string, other: string): number {
  return Array.from(name.toLowerCase()).filter((letter) => !other.toLowerCase().includes(letter)).length;
}
