/** Moves the keyboard through the rows of a tree; a row is unfolded, or shown, by a click. Answers whether the key was for that. */
export function treeKey({ key }: Pick<KeyboardEvent, 'key'>, tree: HTMLElement): boolean {
  const rows = Array.from(tree.querySelectorAll<HTMLElement>('[role="treeitem"]'));
  const at = rows.findIndex((row) => row === document.activeElement);
  const row = rows[at];
  if (!row) return false;
  const unfolded = row.getAttribute('aria-expanded');
  if (key === 'ArrowDown') rows[at + 1]?.focus();
  else if (key === 'ArrowUp') rows[at - 1]?.focus();
  else if (key === 'Home') rows[0]?.focus();
  else if (key === 'End') rows.at(-1)?.focus();
  else if (key === 'Enter' || key === ' ') row.click();
  else if (key === 'ArrowRight') {
    if (unfolded === 'false') row.click();
    else rows[at + 1]?.focus();
  } else if (key === 'ArrowLeft') {
    if (unfolded === 'true') row.click();
    else if (unfolded === null) rows.findLast((other, index) => index < at && other.ariaLevel === '1')?.focus();
  } else return false;
  return true;
}
