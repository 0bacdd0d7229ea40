// How large is the position, and how much of it is ours? A pure function of everything the exchange has said: the same
// reports in any order, any number of times, give the same answer.
import type { Fill, PositionReport } from '../../order/words.ts';
import { forcedReason, isStopFill } from '../close/reason.ts';

/** Whose order an execution belongs to: ours to open, ours to close, the exchange's, or anybody else's. */
export type Origin = 'entry' | 'close' | 'exchange' | 'stranger';

/** Signed lots: positive long. */
export interface Split {
  readonly ours: number;
  readonly foreign: number;
}

export interface Part {
  readonly fill: Fill;
  readonly origin: Origin;
  /** How many of its lots belong to our trade. */
  readonly ourLots: number;
}

export interface Holding extends Split {
  readonly size: number;
  readonly parts: readonly Part[];
  /** Sum of the executions; differs from `size` while some are missing (I-09). */
  readonly executed: number;
}

/** Is `a` what the exchange said later than `b`? */
export function isNewer(a: PositionReport, b: PositionReport): boolean {
  return a.seq !== b.seq ? a.seq > b.seq : a.updatedMs >= b.updatedMs;
}

export function signedLots(fill: Fill): number {
  const lots: number = fill.lots;
  return fill.side === 'buy' ? lots : -lots;
}

/**
 * Money for what is held, by nobody's order: it changes no size. What has no name yet is taken for one where it closes nothing
 * and is no order's of ours: a size that it has changed all the same is told by the next report.
 */
export function isPayment({ kind, linkId, closedLots }: Fill): boolean {
  return kind === 'funding' || (kind === 'unknown' && linkId === '' && closedLots === 0);
}

/**
 * `fills`: since the symbol was last flat. `report`: the newest of all reports. `expected`: signed lots of our entry whose
 * executions have not come yet, or may still: a position may be told of before them.
 */
export function holdingOf(
  fills: Iterable<Fill>,
  report: PositionReport | undefined,
  expected: number,
  originOf: (fill: Fill) => Origin,
): Holding {
  const sorted = [...fills].filter((fill) => !isPayment(fill)).sort(inOrder);
  let split: Split = { ours: 0, foreign: 0 };
  const parts: Part[] = [];
  for (const fill of sorted) {
    const origin = originOf(fill);
    const after = applied(split, fill, origin);
    parts.push({ fill, origin, ourLots: Math.abs(after.ours - split.ours) });
    split = after;
  }
  const executed = split.ours + split.foreign;
  // What the newest report does not contain yet is added to it.
  const size =
    report === undefined
      ? executed
      : sorted.reduce((sum, fill) => (fill.seq > report.seq ? sum + signedLots(fill) : sum), report.lots);
  return { ...adopted(split, size, expected), size, parts, executed };
}

/** As they happened. Of one moment: nothing is closed before it was opened. */
export function inOrder(a: Fill, b: Fill): number {
  return a.seq - b.seq || a.timeMs - b.timeMs || closes(a) - closes(b) || byId(a, b);
}

function byId(a: Fill, b: Fill): number {
  return a.execId < b.execId ? -1 : a.execId > b.execId ? 1 : 0;
}

function closes({ closedLots }: Fill): number {
  return closedLots > 0 ? 1 : 0;
}

function applied({ ours, foreign }: Split, fill: Fill, origin: Origin): Split {
  const lots = signedLots(fill);
  if (origin === 'entry') {
    // One-way: what a stranger holds on the other side is closed before anything of ours is opened.
    const against = foreign * lots < 0 ? Math.min(Math.abs(foreign), Math.abs(lots)) * Math.sign(lots) : 0;
    return { ours: ours + lots - against, foreign: foreign + against };
  }
  const size = ours + foreign;
  const isReducing = size * lots < 0;
  if (!isReducing) return { ours, foreign: foreign + lots };
  // Our own closes take ours first; a stranger first undoes what is a stranger's.
  const first = origin === 'close' || origin === 'exchange' ? 'ours' : 'foreign';
  const cut = Math.min(Math.abs(lots), Math.abs(size));
  const sign = Math.sign(size);
  const oursHeld = Math.max(0, ours * sign);
  const foreignHeld = Math.max(0, foreign * sign);
  const ofOurs = first === 'ours' ? Math.min(cut, oursHeld) : Math.max(0, Math.min(oursHeld, cut - foreignHeld));
  const over = lots + sign * cut;
  return { ours: ours - sign * ofOurs, foreign: foreign - sign * (cut - ofOurs) + over };
}

/** The size that the exchange reports is the truth: what is missing of it was ours, what is too much is a stranger's. */
function adopted({ ours, foreign }: Split, size: number, expected: number): Split {
  if (size === ours + foreign) return { ours, foreign };
  const sign = Math.sign(size);
  const surplus = Math.max(0, (size - ours - foreign) * sign);
  const coming = Math.min(surplus, Math.max(0, expected * sign));
  const kept = Math.min(Math.max(0, ours * sign) + coming, Math.abs(size)) * sign;
  return { ours: kept + 0, foreign: size - kept };
}

/** From the fill alone; link ids are known to the caller. */
export function exchangeMade(fill: Fill): boolean {
  return forcedReason(fill) !== undefined || isStopFill(fill);
}
