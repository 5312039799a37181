/** A file that is open for reading and writing at once, without promises; the platform has them in dedicated workers (https://fs.spec.whatwg.org). */
export interface SyncAccessHandle {
  getSize(): number;
  read(buffer: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  /** Answers the bytes that were written. */
  write(buffer: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(size: number): void;
  /** Waits until the disk has what was written. */
  flush(): void;
  close(): void;
}

/** Opens a file, which nobody else can open until it is closed. @throws DOMException NoModificationAllowedError when someone has it open */
export function openSync(file: FileSystemFileHandle): Promise<SyncAccessHandle> {
  // TypeScript's library for pages lacks what only workers have.
  return (file as FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncAccessHandle> }).createSyncAccessHandle();
}
