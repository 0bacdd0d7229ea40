// Which numbers of the `database` section does storage go by?
import type { KeepDays } from './write/retention.ts';
import { KEEP_DAYS } from './write/retention.ts';

export interface StoreSettings {
  readonly keepDays: KeepDays;
  /** No statement of the engine lasts longer; the client that ran it is given up. */
  readonly statementMsMax: number;
  readonly spoolBytesMax: number;
  /** With less free on the disk, only rows that never go are written there. */
  readonly freeBytesMin: number;
  /** After an outage rows return at this pace: the engine may share the machine with the server. */
  readonly flushRowsPerSecond: number;
}

const MEGABYTE = 1 << 20;

export const STORE_DEFAULTS: StoreSettings = {
  keepDays: KEEP_DAYS,
  statementMsMax: 2_000,
  spoolBytesMax: 1_024 * MEGABYTE,
  freeBytesMin: 1_024 * MEGABYTE,
  flushRowsPerSecond: 5_000,
};

/** As the configuration has them. */
export interface DatabaseSection {
  readonly keepSnapshotsDays: number;
  readonly keepDensitiesDays: number;
  readonly statementTimeoutMs: number;
  readonly spoolMaxMb: number;
  readonly minFreeDiskMb: number;
  readonly flushRowsPerSecond: number;
}

export function storeSettings(section: DatabaseSection): StoreSettings {
  const { keepSnapshotsDays, keepDensitiesDays } = section;
  return {
    keepDays: {
      orderbook_snapshots: keepSnapshotsDays,
      densities: keepDensitiesDays,
      signals: keepDensitiesDays,
    },
    statementMsMax: section.statementTimeoutMs,
    spoolBytesMax: section.spoolMaxMb * MEGABYTE,
    freeBytesMin: section.minFreeDiskMb * MEGABYTE,
    flushRowsPerSecond: section.flushRowsPerSecond,
  };
}
