/** What is wrong with the names of options, with the nearest there is: `null` when there are all of them. What is nothing may be called anything. */
export function strayName<T extends object>(options: T | null | undefined, names: readonly (keyof T & string)[]): string | null {
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined && value !== null);
  const name = given.map(([each]) => each).find((each) => !(names as readonly string[]).includes(each));
  if (name === undefined) return null;
  const apart = (other: string): number => alone(name, other) + alone(other, name);
  const [nearest] = names.toSorted((a, b) => apart(a) - apart(b));
  return `has no option "${name}"; did you mean ${nearest}? There are ${names.join(', ')}`;
}

/** How many letters of a name the other has not, big or small: those of a slip of the pen are few. */
function alone(name: string, other: string): number {
  return Array.from(name.toLowerCase()).filter((letter) => !other.toLowerCase().includes(letter)).length;
}
