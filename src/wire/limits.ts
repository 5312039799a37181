/** The largest blob there can be. */
export const MAX_BLOB_BYTES: number = 33_554_432;

/** The sizes both ends keep to; `GET -/capabilities` announces them. All in bytes unless said. */
export interface Limits {
  /** A request body with content: operations, objects, files of a change. */
  readonly maxBodyBytes: number;
  /** One blob. */
  readonly maxBlobBytes: number;
  /** The payload of one frame: a blob with its oid before it. */
  readonly maxFrameBytes: number;
  /** The payload of a header or an operation frame. */
  readonly maxJsonFrameBytes: number;
  /** A request body that only steers: JSON without content. */
  readonly maxControlBytes: number;
  /** Operations in one batch, counted. */
  readonly maxOps: number;
  /** Edits in one operation, counted. */
  readonly maxEdits: number;
  /** Resolutions in one request, and hunks one of them may name, counted. */
  readonly maxResolutions: number;
  /** Terms of one conflict, counted. */
  readonly maxTerms: number;
  /** The largest blob `open` sends along. */
  readonly openBlobBytes: number;
  /** All blobs `open` sends along. */
  readonly openTotalBytes: number;
  /** Paths one `open` may name, counted. */
  readonly maxOpenPaths: number;
  /** Objects one batch may ask for, counted. */
  readonly maxBatchOids: number;
  /** Trees one listing answers with, counted. */
  readonly maxListedTrees: number;
  /** Levels one listing may go down, counted. */
  readonly maxListedDepth: number;
  /** Rooms of one event stream, counted. */
  readonly maxRooms: number;
  /** A message of a change, in UTF-16 code units. */
  readonly maxMessageLength: number;
}

/** The limits of this version. */
export const LIMITS: Limits = {
  maxBodyBytes: 67_108_864,
  maxBlobBytes: 33_554_432,
  maxFrameBytes: 33_554_452,
  maxJsonFrameBytes: 33_554_432,
  maxControlBytes: 1_048_576,
  maxOps: 1_000,
  maxEdits: 250_000,
  maxResolutions: 250_000,
  maxTerms: 1_001,
  openBlobBytes: 1_048_576,
  openTotalBytes: 8_388_608,
  maxOpenPaths: 1_000,
  maxBatchOids: 10_000,
  maxListedTrees: 10_000,
  maxListedDepth: 10,
  maxRooms: 100,
  maxMessageLength: 64 * 1024,
};

/** What `GET -/capabilities` answers. */
export interface Capabilities {
  version: 1;
  live: true;
  /** Changes when the backend has lost or replaced its event history: older cursors answer `reset`. */
  epoch: string;
  limits: { maxBodyBytes: number; maxBlobBytes: number; maxOps: number; maxFrameBytes: number; openBlobBytes: number };
}
