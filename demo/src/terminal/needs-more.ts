/** Tells whether a command line isn't finished yet: an open quote, a backslash at the end, or a here-document without its end. */
export function needsMore(text: string): boolean {
  let quote = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quote === "'") {
      if (character === "'") quote = '';
    } else if (character === '\\') {
      if (index === text.length - 1) return true;
      index += 1;
    } else if (quote === '"') {
      if (character === '"') quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '#' && (index === 0 || /\s/.test(text.charAt(index - 1)))) {
      const end = text.indexOf('\n', index);
      if (end < 0) return false;
      index = end;
    }
  }
  return quote !== '' || openHereDocument(text);
}

function openHereDocument(text: string): boolean {
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const end = /(?<!<)<<-?\s*(['"]?)([A-Za-z_]\w*)\1/.exec(line)?.[2];
    if (end !== undefined && !lines.slice(index + 1).some((later) => later.replace(/^\t+/, '') === end)) return true;
  }
  return false;
}
