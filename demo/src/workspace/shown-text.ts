const turns = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text as it is shown: the characters that turn round what follows, by which a name can look like another one, are written out. */
export function shownText(text: string): string {
  return text.replace(turns, (character) => `‹U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}›`);
}
