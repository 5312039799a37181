const MIB = 1024 * 1024;

/** The largest blob there can be. */
export const MAX_BLOB_BYTES: number = 32 * MIB;

/** The sizes both ends keep to; `GET -/capabilities` announces them. All in bytes unless said. */
export const LIMITS = {
  /** A request body with content: operations, objects, files of a change. */
  maxBodyBytes: 64 * MIB,
  /** One blob. */
  maxBlobBytes: MAX_BLOB_BYTES,
  /** The payload of one frame: a blob with its oid before it. */
  maxFrameBytes: MAX_BLOB_BYTES + 20,
  /** The payload of a header or an operation frame. */
  maxJsonFrameBytes: 32 * MIB,
  /** A request body that only steers: JSON without content. */
  maxControlBytes: MIB,
  /** Operations in one batch, counted. */
  maxOps: 1_000,
  /** Edits in one operation, counted. */
  maxEdits: 250_000,
  /** Terms of one conflict, counted. */
  maxTerms: 63,
  /** The largest blob `open` sends along. */
  openBlobBytes: MIB,
  /** All blobs `open` sends along. */
  openTotalBytes: 8 * MIB,
  /** Paths one `open` may name, counted. */
  maxOpenPaths: 1_000,
  /** Objects one batch may ask for, counted. */
  maxBatchOids: 10_000,
  /** Trees one listing answers with, counted. */
  maxListedTrees: 10_000,
  /** Levels one listing may go down, counted. */
  maxListedDepth: 10,
  /** Rooms of one event stream, counted. */
  maxRooms: 100,
  /** A message of a change, in UTF-16 code units. */
  maxMessageLength: 64 * 1024,
} as const;

/** What `GET -/capabilities` answers. */
export interface Capabilities {
  version: 1;
  live: true;
  /** Changes when the backend has lost or replaced its event history: older cursors answer `reset`. */
  epoch: string;
  limits: { maxBodyBytes: number; maxBlobBytes: number; maxOps: number; maxFrameBytes: number; openBlobBytes: number };
}
