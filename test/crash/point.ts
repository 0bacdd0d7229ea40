// At which moments is the daemon killed? Each by name, with how it is brought about.

/**
 * `hook`: the daemon dies by its own hand at exactly that line (`die-at.ts`), the n-th time that it comes there.
 * `timer`: it is killed from outside, at a moment that the seed draws.
 */
interface Point {
  readonly by: 'hook' | 'timer';
  readonly when: string;
  /** What has to be done to a daemon that trades for it to come there soon. */
  readonly push?: 'strip-stop' | 'raise-price' | 'end';
  /** It comes there before it can be judged: the judgement falls on the start after it. */
  readonly isEarly?: true;
  /** The how manieth time is drawn up to here; 1 where it is left out. */
  readonly timesMax?: number;
}

const points = {
  'before-append': { by: 'hook', when: 'an entry is decided, its record is about to be written', timesMax: 3 },
  'before-sync': {
    by: 'hook',
    when: 'the record of an entry is being written, and nobody has heard that it is synced',
    timesMax: 3,
  },
  'before-send': { by: 'hook', when: 'the record of an entry is synced, the order not yet sent', timesMax: 3 },
  'before-ack': { by: 'hook', when: 'an entry has left, nothing has come back', timesMax: 3 },
  'before-fill': { by: 'hook', when: 'an entry is acknowledged, no execution is known', timesMax: 3 },
  'before-stop-seen': { by: 'hook', when: 'an entry has filled, its stop is not read back', timesMax: 3 },
  'stop-restoring': { by: 'hook', when: 'a stop that had vanished has just been asked for', push: 'strip-stop' },
  'stop-moving': { by: 'hook', when: 'a stop is on its way to the entry price', push: 'raise-price' },
  'close-sent': { by: 'hook', when: 'a close has left, nothing has come back', timesMax: 3 },
  'before-trade-row': { by: 'hook', when: 'a position is closed, its row is about to be offered', timesMax: 3 },
  'before-row-stored': {
    by: 'hook',
    when: 'the row of a closed position was handed over, and is not stored',
    timesMax: 3,
  },
  reconciling: { by: 'hook', when: 'the account is being read after a start', isEarly: true, timesMax: 3 },
  migrating: { by: 'hook', when: 'the tables are being looked at after a start', isEarly: true },
  starting: { by: 'timer', when: 'anywhere between the first line of the program and its first order', isEarly: true },
  draining: { by: 'hook', when: 'it was told to end and has just begun to', push: 'end' },
  ending: { by: 'timer', when: 'anywhere between being told to end and the end', push: 'end' },
  random: { by: 'timer', when: 'anywhere while it trades' },
} as const satisfies Record<string, Point>;

export type PointName = keyof typeof points;
export const POINTS: Readonly<Record<PointName, Point>> = points;
export const POINT_NAMES = Object.keys(points) as readonly PointName[];
