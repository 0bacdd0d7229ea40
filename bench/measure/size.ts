// How long may a bench take?

export interface Size {
  readonly rounds: number;
  readonly symbols: number;
  /** Frames in one synthetic stream. */
  readonly deltas: number;
  /** Levels a side of the synthetic streams that implementations are compared on. */
  readonly depths: readonly (50 | 200 | 1000)[];
  /** The same for the scan, by depth: the object version makes deep ones slow. */
  readonly scanDeltas: Readonly<Record<50 | 200 | 1000, number>>;
  /** Copies of the two recorded books; none leaves the recording out. */
  readonly copies: number;
  /** CPU time that one measurement takes at least. */
  readonly cpuMsMin: number;
  /** Operations over which heap growth is taken. */
  readonly ownGarbageOps: number;
  /** The same for the scan of deep books, whose preparation is dear. */
  readonly deepGarbageOps: number;
  readonly peerGarbageOps: number;
  readonly path: {
    readonly runs: number;
    /** Frames a second. */
    readonly rates: readonly number[];
    /** Frames before the clock starts. */
    readonly warmUp: number;
    readonly seconds: number;
    /** At the rate, before the clock starts: code is compiled, and the mode that settles by itself has settled. */
    readonly leadSeconds: number;
  };
  readonly orders: {
    /** Entries of one run, and how long it waits for them at most. */
    readonly orders: number;
    readonly seconds: number;
  };
  readonly load: {
    /** Of each load run of the scaling table. */
    readonly seconds: number;
  };
  readonly store: {
    readonly rounds: number;
    /** Rows of one table that one way writes in one round, in batches of the engine's size. */
    readonly rows: number;
    readonly days: number;
    /** Of the rows that a day really has, in all days but the last, which is whole. */
    readonly share: number;
    readonly lastDayShare: number;
    /** How often each question is asked. */
    readonly asks: number;
    /** The one that npm brings, and those of the system after it. */
    readonly serversMax: number;
  };
}

export const FULL: Size = {
  rounds: 5,
  symbols: 40,
  deltas: 20_000,
  depths: [50, 200, 1000],
  scanDeltas: { 50: 4_000, 200: 2_000, 1000: 1_200 },
  copies: 20,
  cpuMsMin: 400,
  ownGarbageOps: 1_000_000,
  deepGarbageOps: 50_000,
  peerGarbageOps: 20_000,
  path: { runs: 5, rates: [2_000, 20_000], warmUp: 20_000, seconds: 5, leadSeconds: 4 },
  orders: { orders: 150, seconds: 120 },
  load: { seconds: 15 },
  store: { rounds: 7, rows: 10_000, days: 33, share: 0.03, lastDayShare: 1, asks: 5, serversMax: 9 },
};

/** All parts in some minutes: what they show, roughly. */
export const SMALL: Size = {
  rounds: 2,
  symbols: 40,
  deltas: 2_000,
  depths: [50, 200],
  scanDeltas: { 50: 4_000, 200: 1_200, 1000: 240 },
  copies: 0,
  cpuMsMin: 100,
  ownGarbageOps: 20_000,
  deepGarbageOps: 2_000,
  peerGarbageOps: 1_000,
  path: { runs: 1, rates: [2_000, 20_000], warmUp: 4_000, seconds: 1, leadSeconds: 3 },
  orders: { orders: 20, seconds: 10 },
  load: { seconds: 4 },
  store: { rounds: 3, rows: 1_000, days: 3, share: 0.001, lastDayShare: 0.002, asks: 1, serversMax: 1 },
};

/** Proves that everything runs; its figures say little. */
export const QUICK: Size = {
  orders: { orders: 3, seconds: 60 },
  load: { seconds: 1 },
  rounds: 1,
  symbols: 4,
  deltas: 800,
  depths: [50, 200, 1000],
  scanDeltas: { 50: 80, 200: 40, 1000: 12 },
  copies: 2,
  cpuMsMin: 30,
  ownGarbageOps: 2_000,
  deepGarbageOps: 500,
  peerGarbageOps: 50,
  path: { runs: 1, rates: [20_000], warmUp: 500, seconds: 0.1, leadSeconds: 0 },
  store: { rounds: 1, rows: 500, days: 5, share: 0.001, lastDayShare: 0.002, asks: 1, serversMax: 1 },
};
