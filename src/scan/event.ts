// hot: a few times a second per symbol; written without garbage, read with.
// What does the analysis tell? One record of numbers for each birth, change, label, candidate and signal.
import { peek, release, type Ring } from '../lib/ring.ts';
import { LABEL_NAMES, STATE_NAMES } from './layout.ts';

export const EVENT_STRIDE = 48;

export const BIRTH = 1;
/** A life changed its state. */
export const STATE = 2;
/** Another tenth of a confirmed density is gone. */
export const EROSION = 3;
export const LABEL = 4;
/** The set of criteria that a density passes has changed. */
export const CANDIDATE = 5;
export const SIGNAL = 6;
export const EVENT_NAMES = ['none', 'birth', 'state', 'erosion', 'label', 'candidate', 'signal'] as const;
export type EventName = (typeof EVENT_NAMES)[number];

export const E_KIND = 0;
export const E_SLOT = 1;
export const E_TENANCY = 2;
export const E_EPOCH = 3;
export const E_LIFE = 4; // ordinal; unique with the slot for the life of the process
export const E_MESSAGE = 5;
export const E_UPDATE = 6; // u
export const E_EXCHANGE = 7; // cts, ms
export const E_RECEIVED = 8; // local ms of the frame
// Copied from the life's record
export const E_SIDE = 9;
export const E_LOW = 10;
export const E_HIGH = 11;
export const E_PRICE = 12;
export const E_STATE = 13;
export const E_FIRST_SEEN = 14;
export const E_CONFIRMED = 15;
export const E_INITIAL = 16;
export const E_PEAK = 17;
export const E_CURRENT = 18;
export const E_EATEN = 19;
export const E_PULLED = 20;
export const E_REFILLED = 21;
export const E_TRADED = 22;
export const E_ADJUSTED = 23;
export const E_RPI = 24;
export const E_TOUCHES = 25;
export const E_CROSSED = 26;
export const E_ROUND = 27;
export const E_CLUSTER = 28;
export const E_RELATIVE = 29;
export const E_SHARE = 30;
export const E_TYPICAL = 31;
export const E_SHARE_THRESHOLD = 32;
export const E_LABEL = 33;
// Candidates and signals
export const E_SIGNAL_KIND = 34; // BREAKOUT or BOUNCE
export const E_MASK = 35; // bit i: criterion i passed
export const E_PRIORITY = 36;
export const E_MIDDLE = 37; // twice the mid in ticks
export const E_CRITERIA = 38; // value and threshold of each criterion
export const CRITERIA = 4;
export const E_NEW_TERRITORY = E_CRITERIA + 2 * CRITERIA;
export const E_STAMP = E_NEW_TERRITORY + 1; // monotonic ms when it was told: the only field that differs between two runs
if (E_STAMP >= EVENT_STRIDE) throw new Error('an event must hold its fields');

export const BREAKOUT = 1;
export const BOUNCE = 2;
export const SIGNAL_NAMES = ['none', 'breakout', 'bounce'] as const;
/**
 * The criteria of strategy 7 and 8 in their order. `trend` is positive where it agrees with the signal; `gone_for_ms` is 0
 * while the density erodes and −1 before.
 */
export const CRITERION_NAMES = {
  breakout: ['trend', 'eaten_percent', 'gone_for_ms', 'beyond_ticks'],
  bounce: ['touch_ticks', 'stable_percent', 'time_to_eat_ms', 'trend'],
} as const;

export interface Criterion {
  readonly name: string;
  readonly value: number;
  readonly threshold: number;
  readonly passed: boolean;
}

/** One event, read back. Prices are ticks, amounts notional units, times exchange ms. */
export interface AnalysisEvent {
  readonly kind: EventName;
  readonly slot: number;
  readonly tenancy: number;
  readonly epoch: number;
  readonly life: number;
  readonly message: number;
  readonly updateId: number;
  readonly exchangeMs: number;
  readonly receivedMs: number;
  readonly side: 0 | 1;
  readonly low: number;
  readonly high: number;
  readonly price: number;
  readonly state: string;
  readonly firstSeenMs: number;
  readonly confirmedMs: number;
  readonly initial: number;
  readonly peak: number;
  readonly current: number;
  readonly eaten: number;
  readonly pulled: number;
  readonly refilled: number;
  readonly traded: number;
  readonly adjusted: number;
  readonly rpi: number;
  readonly touches: number;
  readonly crossed: boolean;
  readonly round: boolean;
  readonly cluster: boolean;
  readonly relative: number;
  readonly sharePercent: number;
  readonly typical: number;
  readonly shareThreshold: number;
  readonly label: string;
  readonly signal: 'none' | 'breakout' | 'bounce';
  readonly priority: number;
  readonly middle: number;
  readonly newTerritory: boolean;
  readonly criteria: readonly Criterion[];
  readonly stamp: number;
}

/** More slots than there can be, for a key that is a number. */
const SLOTS_MAX = 65_536;

/** A number of its own for each life of an engine: lives of one slot have numbers of their own. */
export function lifeKey({ slot, life }: Pick<AnalysisEvent, 'slot' | 'life'>): number {
  return life * SLOTS_MAX + slot;
}

/** Consumer: the oldest event, undefined where there is none. Cold: it makes an object. */
export function takeEvent(ring: Ring): AnalysisEvent | undefined {
  const at = peek(ring);
  if (at < 0) return undefined;
  const event = readEvent(ring.numbers, at);
  release(ring);
  return event;
}

const NO_CRITERIA: readonly Criterion[] = [];

/** Reads the record at `at`. */
export function readEvent(numbers: Float64Array, at: number): AnalysisEvent {
  const n = (field: number): number => numbers[at + field] as number;
  const signal = SIGNAL_NAMES[n(E_SIGNAL_KIND)] as 'none' | 'breakout' | 'bounce';
  return {
    kind: EVENT_NAMES[n(E_KIND)] as EventName,
    slot: n(E_SLOT),
    tenancy: n(E_TENANCY),
    epoch: n(E_EPOCH),
    life: n(E_LIFE),
    message: n(E_MESSAGE),
    updateId: n(E_UPDATE),
    exchangeMs: n(E_EXCHANGE),
    receivedMs: n(E_RECEIVED),
    side: n(E_SIDE) as 0 | 1,
    low: n(E_LOW),
    high: n(E_HIGH),
    price: n(E_PRICE),
    state: STATE_NAMES[n(E_STATE)] as string,
    firstSeenMs: n(E_FIRST_SEEN),
    confirmedMs: n(E_CONFIRMED),
    initial: n(E_INITIAL),
    peak: n(E_PEAK),
    current: n(E_CURRENT),
    eaten: n(E_EATEN),
    pulled: n(E_PULLED),
    refilled: n(E_REFILLED),
    traded: n(E_TRADED),
    adjusted: n(E_ADJUSTED),
    rpi: n(E_RPI),
    touches: n(E_TOUCHES),
    crossed: n(E_CROSSED) === 1,
    round: n(E_ROUND) === 1,
    cluster: n(E_CLUSTER) === 1,
    relative: n(E_RELATIVE),
    sharePercent: n(E_SHARE),
    typical: n(E_TYPICAL),
    shareThreshold: n(E_SHARE_THRESHOLD),
    label: LABEL_NAMES[n(E_LABEL)] as string,
    signal,
    priority: n(E_PRIORITY),
    middle: n(E_MIDDLE),
    newTerritory: n(E_NEW_TERRITORY) === 1,
    criteria: signal === 'none' ? NO_CRITERIA : readCriteria(numbers, at, signal),
    stamp: n(E_STAMP),
  };
}

function readCriteria(numbers: Float64Array, at: number, signal: 'breakout' | 'bounce'): Criterion[] {
  const mask = numbers[at + E_MASK] as number;
  return CRITERION_NAMES[signal].map((name, i) => ({
    name,
    value: numbers[at + E_CRITERIA + 2 * i] as number,
    threshold: numbers[at + E_CRITERIA + 2 * i + 1] as number,
    passed: (mask & (1 << i)) !== 0,
  }));
}

/** One canonical line per event: what two runs over the same frames must agree on. */
export function eventText(event: AnalysisEvent): string {
  const { stamp, criteria, ...rest } = event;
  void stamp;
  const judged = criteria.map((c) => `${c.name}=${c.value}/${c.threshold}/${c.passed ? 1 : 0}`);
  return [...Object.values(rest), ...judged].join(' ');
}
