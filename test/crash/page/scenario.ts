import type { LogMedium } from '../../../src/engine/journal/medium.ts';

/** Work whose acknowledged part must be there after the tab was killed, whenever that was. Runs in a dedicated worker. */
export interface Scenario {
  /** Makes writes, numbered on from `next`, until it is killed; tells of each once it is acknowledged. */
  write(next: number, acknowledged: (id: number) => void): Promise<void>;
  /** The writes that are there, as one that starts after the kill finds them. @throws Error when one is there in part, or is not what was written */
  found(): Promise<Found>;
  /** Where it keeps what it writes. */
  medium(name: string): Promise<LogMedium>;
}

/** What is there of numbered writes: all up to `through`, and these. */
export interface Found {
  through: number;
  ids: number[];
}
