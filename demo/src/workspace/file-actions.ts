import { describeError } from './errors.ts';
import { bringBack, keepFiles, type Kept } from './kept-files.ts';
import { baseName, isWithin, joinPath, parentOf, relativeTo } from './paths.ts';
import type { Workspace } from './workspace.ts';

/** What a person does to files and folders. Each says so when it fails, and answers whether it was done. */
export class FileActions {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Creates an empty file, and the folders on the way, and opens it. */
  async createFile(folder: string, name: string): Promise<boolean> {
    const path = joinPath(folder, name);
    return this.#tryIn(folder, name, async () => {
      await this.#mustBeFree(path);
      await this.#workspace.fs.mkdir(parentOf(path), { recursive: true });
      await this.#workspace.fs.writeFile(path, '');
      this.#noteNew(folder, path);
      this.#workspace.documents.open(path);
    });
  }

  async createFolder(folder: string, name: string): Promise<boolean> {
    const path = joinPath(folder, name);
    return this.#tryIn(folder, name, async () => {
      await this.#mustBeFree(path);
      await this.#workspace.fs.mkdir(path, { recursive: true });
      this.#noteNew(folder, path);
    });
  }

  /** Moves to another path; open documents follow. */
  async move(from: string, to: string): Promise<boolean> {
    if (from === to) return true;
    return this.#try(`“${baseName(from)}” couldn’t be renamed`, async () => {
      await this.#mustBeFree(to);
      await this.#workspace.fs.mkdir(parentOf(to), { recursive: true });
      await this.#workspace.fs.mv(from, to);
      this.#workspace.documents.rename(from, to);
      this.#noteNew(parentOf(to), to);
      this.#workspace.noteChange({ path: from, recursive: false });
    });
  }

  async duplicate(path: string): Promise<boolean> {
    return this.#try(`“${baseName(path)}” couldn’t be copied`, async () => {
      const copy = await this.#freeName(path);
      await this.#workspace.fs.cp(path, copy, { recursive: true });
      this.#noteNew(parentOf(path), copy);
    });
  }

  /** Asks, then deletes. What was not too much can be brought back from the notice. */
  async remove(targets: readonly { path: string; isFolder: boolean }[]): Promise<boolean> {
    const { notices, fs, documents } = this.#workspace;
    const [first] = targets;
    if (!first) return false;
    const what = targets.length > 1 ? `these ${targets.length} items` : `${first.isFolder ? 'the folder ' : ''}“${baseName(first.path)}”`;
    const answer = await notices.ask({
      title: `Delete ${what}?`,
      text: `${targets.some((target) => target.isFolder) ? 'With everything inside. ' : ''}History can bring back what a version had that was saved before.`,
      choices: [
        { value: 'delete', label: 'Delete', tone: 'danger' },
        { value: 'cancel', label: 'Cancel' },
      ],
    });
    if (answer !== 'delete') return false;
    return this.#try(`Not everything could be deleted`, async () => {
      const kept = await keepFiles(
        fs,
        targets.map(({ path }) => path),
      );
      for (const { path } of targets) {
        await fs.rm(path, { recursive: true, force: true });
        const losing = documents.losing.peek();
        for (const document of documents.list.peek()) if (isWithin(path, document.path.peek()) && !losing.includes(document)) documents.close(document);
        this.#workspace.noteChange({ path, recursive: true });
      }
      const only = targets.length === 1 && !first.isFolder;
      const undo = { label: 'Undo', run: () => void (kept && this.#undelete(kept, only)) };
      const said = targets.length > 1 ? `Deleted ${targets.length} items` : `Deleted “${baseName(first.path)}”`;
      const lost = 'It is too much, or not of a kind, to be kept for an Undo. History can bring back what a version had that was saved before.';
      notices.show('info', said, kept ? { actions: [undo], own: true } : { detail: lost });
    });
  }

  async setExecutable(path: string, executable: boolean): Promise<boolean> {
    return this.#try(`The mode of “${baseName(path)}” couldn’t be changed`, async () => {
      await this.#workspace.fs.chmod(path, executable ? 0o755 : 0o644);
      this.#workspace.noteChange({ path, recursive: false });
    });
  }

  /**
   * Stores files of this device, each for itself: one that can't be stored keeps none of the others back. Where files of these names are there already it is
   * asked what is to become of them. Answers whether all were stored.
   */
  async upload(folder: string, files: readonly File[]): Promise<boolean> {
    const { fs, documents, notices } = this.#workspace;
    const there = new Set<string>();
    for (const { name } of files) if (await fs.exists(joinPath(folder, name)).catch(() => false)) there.add(name);
    const how = there.size === 0 ? 'copy' : await this.#askAboutPresent([...there]);
    if (how === null) return false;
    const stored: string[] = [];
    for (const file of files) {
      const wanted = joinPath(folder, file.name);
      await this.#try(`“${file.name}” couldn’t be stored`, async () => {
        const path = how === 'replace' ? wanted : await this.#freeName(wanted);
        await fs.writeFile(path, new Uint8Array(await file.arrayBuffer()));
        this.#noteNew(folder, path);
        if (files.length === 1) documents.open(path);
        stored.push(path);
      });
    }
    const [only = folder] = stored;
    const said = stored.length === 1 ? `“${baseName(only)}” stored` : `${stored.length} files stored`;
    if (stored.length > 0) notices.show('success', said, { detail: `In “${baseName(folder)}”` });
    return stored.length === files.length;
  }

  async #askAboutPresent(names: readonly string[]): Promise<'replace' | 'copy' | null> {
    const [only = ''] = names;
    const answer = await this.#workspace.notices.ask({
      title: names.length === 1 ? `“${only}” is already there` : `${names.length} of these files are already there`,
      text:
        names.length === 1
          ? 'Replace it, or store the new one beside it under another name?'
          : `${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`,
      choices: [
        { value: 'copy', label: 'Keep both', tone: 'primary' },
        { value: 'replace', label: 'Replace', tone: 'danger' },
        { value: 'cancel', label: 'Cancel' },
      ],
    });
    return answer === 'copy' || answer === 'replace' ? answer : null;
  }

  async download(path: string): Promise<boolean> {
    return this.#try(`“${baseName(path)}” couldn’t be read`, async () => {
      saveToDisk(baseName(path), await this.#workspace.fs.readFileBuffer(path));
    });
  }

  async #undelete(kept: Kept, show: boolean): Promise<void> {
    const paths = [...kept.folders, ...kept.files.map(({ path }) => path)];
    const top = paths[0] ?? '';
    const { fs, notices, documents } = this.#workspace;
    await this.#try(`“${baseName(top)}” couldn’t be brought back`, async () => {
      const left = await bringBack(fs, kept);
      for (const path of paths) this.#noteNew(parentOf(path), path);
      if (show) documents.open(top);
      if (left > 0) notices.show('info', left === 1 ? 'One file is there again by now, and stays' : `${left} files are there again by now, and stay`);
    });
  }

  #noteNew(folder: string, path: string): void {
    this.#workspace.noteChange({ path, recursive: false });
    if (parentOf(path) !== folder) this.#workspace.noteChange({ path: folder, recursive: true });
  }

  async #mustBeFree(path: string): Promise<void> {
    if (await this.#workspace.fs.exists(path)) throw Object.assign(new Error(`“${baseName(path)}” is already there`), { code: 'EEXIST' });
  }

  async #freeName(path: string): Promise<string> {
    const name = baseName(path);
    const dot = name.indexOf('.', 1);
    const [stem, ending] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
    let candidate = path;
    for (let copy = 1; await this.#workspace.fs.exists(candidate); copy += 1) {
      candidate = joinPath(parentOf(path), `${stem} copy${copy === 1 ? '' : ` ${copy}`}${ending}`);
    }
    return candidate;
  }

  /** Tries to create something; where that fails, says in which folder: it was the selected one, and nobody may have thought of it. */
  #tryIn(folder: string, name: string, action: () => Promise<void>): Promise<boolean> {
    const { root } = this.#workspace;
    const where = folder === root ? '' : ` in “${relativeTo(root, folder)}”`;
    return this.#try(`“${name}” couldn’t be created${where}`, () =>
      action().catch((error: unknown) => {
        if (where === '' || describeError(error).unreachable !== true) throw error;
        throw new Error('The server can’t be reached, and what is in that folder is not yet on this device', { cause: error });
      }),
    );
  }

  #try(what: string, action: () => Promise<void>): Promise<boolean> {
    return this.#workspace.notices.attempt(what, action);
  }
}

/** Hands bytes to the browser's downloads. */
export function saveToDisk(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
