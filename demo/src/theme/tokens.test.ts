import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What WCAG 2.2 wants of text at least. */
const wanted = 4.5;

const css = ['tokens.css', 'syntax.css'].map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('');
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = '', light = '', dark = '']) => [name, [light, dark]]),
);

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Pairs that are too much alike. */
function faint(texts: RegExp, grounds: readonly string[]): string[] {
  const names = [...colours.keys()].filter((name) => texts.test(name));
  expect(names.length).toBeGreaterThan(3);
  return names.flatMap((text) =>
    grounds.flatMap((ground) =>
      ['light', 'dark'].flatMap((theme, index) => {
        const found = contrast(colours.get(text)?.[index] ?? '', colours.get(ground)?.[index] ?? '');
        return found >= wanted ? [] : [`${text} on ${ground}, ${theme}: ${found.toFixed(2)}`];
      }),
    ),
  );
}

test('text can be read on what it stands on, in light and dark', () => {
  expect(faint(/^(text|muted|faint|accent|good|warn|danger)$/, ['surface', 'panel', 'chrome', 'raised', 'hover'])).toEqual([]);
});

test('so can code, as it is and in the sides of a conflict', () => {
  expect(faint(/^syn-/, ['surface', 'side-1-soft', 'side-2-soft', 'side-3-soft', 'base-soft'])).toEqual([]);
});
