// How large is the position, and how much of it is ours? A pure function of everything the exchange has said: the same
// reports in any order, any number of times, give the same answer.
import type { Instrument } from '../../market/instrument.ts';
import { TAKES, TOWARD_TOUCH } from '../../market/side.ts';
import { nearestLots, sizeOf, type Size } from '../../market/size.ts';
import type { Fill, PositionReport } from '../../order/words.ts';
import { forcedReason, isStopFill } from '../close/reason.ts';

/** Whose order an execution belongs to: ours to open, ours to close, the exchange's, or anybody else's. */
export type Origin = 'entry' | 'close' | 'exchange' | 'stranger';

/** Positive long. */
interface Split {
  readonly ours: Size;
  readonly foreign: Size;
}

export interface Part {
  readonly fill: Fill;
  readonly origin: Origin;
  /** As much of its size as belongs to our trade. */
  readonly ours: Size;
  /** What strangers hold after it, whichever side. */
  readonly beside: Size;
}

/** Signed lots: positive long. */
export interface Holding {
  readonly ours: number;
  readonly foreign: number;
  readonly size: number;
  /** What `ours` and `foreign` are the nearest of. */
  readonly exactOurs: Size;
  readonly exactForeign: Size;
  readonly parts: readonly Part[];
  /** Sum of the executions; differs from `size` while some are missing (I-09). */
  readonly executed: number;
}

/** Is `a` what the exchange said later than `b`? */
export function isNewer(a: PositionReport, b: PositionReport): boolean {
  return a.seq !== b.seq ? a.seq > b.seq : a.updatedMs >= b.updatedMs;
}

export function sizesOf({ exact, lots, closedLots }: Fill, instrument: Instrument): NonNullable<Fill['exact']> {
  return exact ?? { size: sizeOf(lots, instrument), closed: sizeOf(closedLots, instrument) };
}

export function reportedSize({ exact, lots }: PositionReport, instrument: Instrument): Size {
  return exact ?? sizeOf(lots, instrument);
}

export function signedSize(fill: Fill, instrument: Instrument): Size {
  const { size } = sizesOf(fill, instrument);
  return fill.side === 'buy' ? size : -size;
}

/**
 * Money for what is held, by nobody's order: it changes no size. What has no name yet is taken for one where it closes nothing
 * and is no order's of ours: a size that it has changed all the same is told by the next report.
 */
export function isPayment({ kind, linkId, closedLots }: Pick<Fill, 'kind' | 'linkId' | 'closedLots'>): boolean {
  return kind === 'funding' || (kind === 'unknown' && linkId === '' && closedLots === 0);
}

/**
 * `fills`: since the symbol was last flat. `report`: the newest of all reports. `expected`: signed lots of our entry whose
 * executions have not come yet, or may still: a position may be told of before them. `closing`: lots of our closes, likewise.
 */
export function holdingOf(
  fills: Iterable<Fill>,
  report: PositionReport | undefined,
  expected: number,
  originOf: (fill: Fill) => Origin,
  instrument: Instrument,
  closing = 0,
): Holding {
  const sorted = inOrder(fills).filter((fill) => !isPayment(fill));
  const signed = (fill: Fill): Size => signedSize(fill, instrument);
  let split: Split = { ours: 0n, foreign: 0n };
  const parts: Part[] = [];
  for (const fill of sorted) {
    const origin = originOf(fill);
    const after = applied(split, signed(fill), origin);
    parts.push({ fill, origin, ours: abs(after.ours - split.ours), beside: abs(after.foreign) });
    split = after;
  }
  const executed = split.ours + split.foreign;
  // What the newest report does not contain yet is added to it.
  const size =
    report === undefined
      ? executed
      : sorted.reduce(
          (sum, fill) => (fill.seq > report.seq ? sum + signed(fill) : sum),
          reportedSize(report, instrument),
        );
  const { ours, foreign } = adopted(split, size, sizeOf(expected, instrument), sizeOf(closing, instrument));
  const whole = nearestLots(size, instrument);
  // Mostly it is all ours and told by executions: one division does, for this is asked at every event.
  const lots = (exact: Size): number => (exact === size ? whole : nearestLots(exact, instrument));
  return {
    ours: lots(ours),
    foreign: lots(foreign),
    size: whole,
    executed: lots(executed),
    exactOurs: ours,
    exactForeign: foreign,
    parts,
  };
}

/**
 * As they happened, the same in whatever order they were told. Of one moment: nothing is closed before it was opened; but an order
 * that turns the position round has closed the one side before it opens the other, and takes the better prices first.
 */
export function inOrder(fills: Iterable<Fill>): Fill[] {
  // By their ids first: of three fills of both sides in one moment each may go before another.
  return [...fills].sort(byId).sort(before);
}

function before(a: Fill, b: Fill): number {
  const opened = opens(b) - opens(a);
  const walked = (b.tick - a.tick) * TOWARD_TOUCH[TAKES[a.side]];
  return a.seq - b.seq || a.timeMs - b.timeMs || (a.side === b.side ? -opened || walked : opened);
}

function byId(a: Fill, b: Fill): number {
  return a.execId < b.execId ? -1 : a.execId > b.execId ? 1 : 0;
}

/** 0: it only closes; 1: it turns the position round; 2: it only opens. */
function opens({ lots, closedLots }: Fill): 0 | 1 | 2 {
  return closedLots === 0 ? 2 : closedLots < lots ? 1 : 0;
}

function applied({ ours, foreign }: Split, change: Size, origin: Origin): Split {
  if (origin === 'entry') {
    // One-way: what a stranger holds on the other side is closed before anything of ours is opened.
    const against = foreign * change < 0n ? least(abs(foreign), abs(change)) * signOf(change) : 0n;
    return { ours: ours + change - against, foreign: foreign + against };
  }
  const size = ours + foreign;
  const isReducing = size * change < 0n;
  if (!isReducing) return { ours, foreign: foreign + change };
  // Our own closes take ours first; a stranger first undoes what is a stranger's.
  const first = origin === 'close' || origin === 'exchange' ? 'ours' : 'foreign';
  const cut = least(abs(change), abs(size));
  const sign = signOf(size);
  const oursHeld = positive(ours * sign);
  const foreignHeld = positive(foreign * sign);
  const ofOurs = first === 'ours' ? least(cut, oursHeld) : positive(least(oursHeld, cut - foreignHeld));
  const over = change + sign * cut;
  return { ours: ours - sign * ofOurs, foreign: foreign - sign * (cut - ofOurs) + over };
}

/**
 * The size that the exchange reports is the truth. What is missing of it a close of ours has taken from ours, as far as one may
 * have, and else somebody from a stranger's first, as he is known to; what is too much is a stranger's.
 */
function adopted({ ours, foreign }: Split, size: Size, expected: Size, closing: Size): Split {
  if (size === ours + foreign) return { ours, foreign };
  const sign = signOf(size);
  const surplus = positive((size - ours - foreign) * sign);
  const coming = least(surplus, positive(expected * sign));
  const taken = least(positive((ours + foreign - size) * sign), closing);
  const kept = least(positive(ours * sign + coming - taken), abs(size)) * sign;
  return { ours: kept, foreign: size - kept };
}

const abs = (size: Size): Size => (size < 0n ? -size : size);
const signOf = (size: Size): Size => (size > 0n ? 1n : size < 0n ? -1n : 0n);
const least = (a: Size, b: Size): Size => (a < b ? a : b);
const positive = (size: Size): Size => (size > 0n ? size : 0n);

/** From the fill alone; link ids are known to the caller. */
export function exchangeMade(fill: Fill): boolean {
  return forcedReason(fill) !== undefined || isStopFill(fill);
}
