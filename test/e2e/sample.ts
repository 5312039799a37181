import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The text of a sample file before anyone edits it. */
export function sampleText(index: number): string {
  return `file ${index}\nfirst line\n\nmiddle line\n\nanother line\n\nlast line\n`;
}

/** A folder named `notes` with `count` files `src/f0.txt`, `src/f1.txt`… and a README, to be imported as a repo. */
export class Sample {
  readonly #parent: string = mkdtempSync(join(tmpdir(), 'mesafs-sample-'));
  readonly folder: string = join(this.#parent, 'notes');

  constructor(count: number) {
    mkdirSync(join(this.folder, 'src'), { recursive: true });
    writeFileSync(join(this.folder, 'README.md'), '# Notes\n');
    for (let index = 0; index < count; index += 1) writeFileSync(join(this.folder, `src/f${index}.txt`), sampleText(index));
  }

  remove(): void {
    rmSync(this.#parent, { recursive: true, force: true });
  }
}
