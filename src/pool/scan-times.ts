// Where does a thread that scans count how long that took? In two histograms of its own in shared memory (lib/histogram.ts).

export interface ScanTimes {
  readonly buffer: SharedArrayBuffer;
  /** Offsets: received → begun, received → done. */
  readonly wakeAt: number;
  readonly scanAt: number;
}

/** 0 is main, the threads count from 1. */
export type TimesOf = (writer: number) => ScanTimes;
