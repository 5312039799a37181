/** A bug that is planted to see that it is caught: one text of one file gives way to another. */
export interface Bug {
  name: string;
  file: string;
  from: string;
  to: string;
}

/** The bugs, each a slip that somebody could make. */
export const BUGS: readonly Bug[] = [
  {
    name: 'lose an acknowledgement: a batch without an answer counts as accepted',
    file: 'src/engine/sync/driver.ts',
    from: `    if (isTransient(error)) {
      this.lastError = error;`,
    to: `    if (isTransient(error)) {
      this.#remove(batch);
      for (const operation of batch) operation.resolve({ seq: operation.seq } as never);
      this.lastError = error;`,
  },
  {
    name: 'apply twice: an operation that was answered is carried out again',
    file: 'src/server/authority/batch.ts',
    from: 'if (operation.seq <= client.highWater) {',
    to: 'if (operation.seq < client.highWater) {',
  },
  {
    name: 'skip a rebase: the head that arrives hides what is pending',
    file: 'src/engine/mount/standing.ts',
    from: 'const edits = left.flatMap((operation) => operation.edits);',
    to: 'const edits = left.length > 1 ? [] : left.flatMap((operation) => operation.edits);',
  },
  {
    name: 'forget a deletion: one that comes with other operations has no effect',
    file: 'src/server/authority/edits.ts',
    from: "const contentEdits = edits.filter((edit) => edit.type !== 'metadata');",
    to: "const contentEdits = edits.filter((edit) => edit.type !== 'metadata').map((edit) => (edit.type === 'write' && edit.entry[0] === null ? { ...edit, entry: edit.was } : edit));",
  },
  {
    name: 'resume one event late: a stream that goes on leaves one event out',
    file: 'src/server/events/hub.ts',
    from: 'return recent.filter(({ seq }) => seq > from && seq <= to);',
    to: 'return recent.filter(({ seq }) => seq > from + 1 && seq <= to);',
  },
  {
    name: 'drop a blob: some are not stored',
    file: 'src/server/authority/objects.ts',
    from: 'return [...this.#pending.values()];',
    to: "return [...this.#pending.values()].filter(({ kind, bytes }) => kind !== 'blob' || bytes.length % 7 !== 0);",
  },
  {
    name: 'reuse a number: two operations of a client share one',
    file: 'src/engine/sync/driver.ts',
    from: '    this.#seq += 1;\n',
    to: '    if (this.#seq !== 3) this.#seq += 1;\n',
  },
  {
    name: 'wrong base: a write says it replaces what it has not seen',
    file: 'src/engine/mount/write.ts',
    from: 'if (before === null) return present;',
    to: 'if (before !== undefined) return present;',
  },
  {
    name: 'leader without fencing: followers listen to whoever claims to lead',
    file: 'src/engine/sync/shared-events.ts',
    from: "const missed = message.type === 'event' ? message.count !== count + 1 : 'count' in message && message.count > count;",
    to: "const missed = false;\n        if (message.type === 'event') leader = message.epoch;",
  },
  {
    name: 'cache over journal: bytes of what is not sent are left to the cache',
    file: 'src/engine/journal/records.ts',
    from: 'const objects = blobs.map(',
    to: 'const objects = blobs.slice(0, 0).map(',
  },
  {
    name: 'news taken for known: what comes with a checkpoint counts as seen',
    file: 'src/engine/mount/following.ts',
    from: ' && body.expected === undefined',
    to: '',
  },
];
