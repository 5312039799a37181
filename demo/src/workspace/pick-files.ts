/** Asks for files of this device; none when a person goes back. */
export function pickFiles(): Promise<File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  // In the page: some browsers forget one that is not.
  input.hidden = true;
  document.body.append(input);
  return new Promise((resolve) => {
    const done = (): void => {
      resolve([...(input.files ?? [])]);
      input.remove();
    };
    input.addEventListener('change', done);
    input.addEventListener('cancel', done);
    input.click();
  });
}
