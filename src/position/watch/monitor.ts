// What does the market say of an open position? Main's own book and tape, at every change and at least once a second.
//
// A decision needs a second look: another message that says the same, or a mark price that agrees with the book (B22).
// While a side is empty the mark stands for the middle. Nothing is sold where nobody buys: then only the stop follows it (B21).
import { LIVE } from '../../book/trust.ts';
import { VIEW_MESSAGE, type BookView } from '../../book/read.ts';
import type { Ms } from '../../lib/brand.ts';
import { ASK, BID, CLOSES, EARNS, TAKES, type PositionSide } from '../../market/side.ts';
import type { Slot, Tick } from '../../market/units.ts';
import { breakevenMove, type Average } from './breakeven.ts';
import { CounterWalls } from './counter-walls.ts';
import { restsAt, wallExit } from './exit.ts';
import type { MarketPort } from './market-port.ts';
import type { ExitReason } from '../close/reason.ts';
import { takeProfit, type Course } from './take-profit.ts';
import type { Trade } from '../trade/trade.ts';

export type Decision =
  | { readonly kind: 'none' }
  | { readonly kind: 'exit'; readonly reason: ExitReason }
  | { readonly kind: 'breakeven'; readonly tick: Tick };

const NONE: Decision = { kind: 'none' };
/** Book and mark agree within this part of the price. */
const AGREES_PERCENT = 0.5;
const MARK_AGE_MS_MAX = 10_000;
/** The epoch of a book that went with an earlier process. */
const LOST = -1;
const KEEP_MS = 1_000;
/** Mids kept of one slowdown window. */
const SAMPLES = 64;

interface Sample {
  readonly at: Ms;
  readonly middle: number;
}

export class Watch {
  readonly #openedAt: Ms;
  readonly #ahead = new CounterWalls();
  #samples: Sample[] = [];
  /** The middle farthest in our favour. */
  #best: number | undefined;
  #keptAt = -Infinity;
  /** Of the book that the wall was last seen in. */
  #epoch: number | undefined;
  #last: Decision = NONE;
  #lastMessage = -1;
  /** Monotonic: of the last look at a live book in which somebody stands to close with (I-13). */
  evaluatedAt: Ms | undefined;

  /** `openedAt`: monotonic, also of a position that an earlier process has opened. */
  constructor(openedAt: Ms, isRestored: boolean) {
    this.#openedAt = openedAt;
    if (isRestored) this.#epoch = LOST;
  }

  /** `entry`: of what is ours and still open. `mayTighten`: no stop is under way, and it was not given up. */
  look(
    trade: Trade,
    entry: Average,
    slot: Slot,
    view: BookView,
    market: MarketPort,
    mayTighten: boolean,
    now: Ms,
  ): Decision {
    if (!market.readBook(slot, view) || view.trust !== LIVE) return NONE;
    const message = view.stamps[VIEW_MESSAGE] as number;
    const ofBook = middleOf(view);
    const mark = freshMark(market, slot, now);
    const middle = ofBook ?? (mark === undefined ? undefined : 2 * mark);
    if (middle === undefined) return NONE;
    const canClose = view.counts[TAKES[CLOSES[trade.side]]] !== 0;
    if (canClose) this.evaluatedAt = now;
    this.#note(middle, trade, now);
    const exit = canClose ? this.#exit(trade, entry, slot, view, market, middle, now) : undefined;
    const found: Decision =
      exit === undefined
        ? this.#breakeven(trade, entry, slot, view, market, mayTighten, middle)
        : { kind: 'exit', reason: exit };
    const isRepeated = sameDecision(found, this.#last) && message !== this.#lastMessage;
    const isSure = found.kind === 'none' || isRepeated || agrees(mark, ofBook);
    this.#last = found;
    this.#lastMessage = message;
    if (!isSure) return NONE;
    const isNew = canClose && this.#epoch !== view.epoch;
    if (isNew && (trade.wall === undefined || restsAt(trade.wall, view) !== undefined)) this.#epoch = view.epoch;
    return found;
  }

  /** What a restart must not forget, though its last second may be forgotten; undefined where nothing is new of it. */
  bestToKeep({ side, best: kept }: Trade, now: Ms): Tick | undefined {
    if (this.#best === undefined || now - this.#keptAt < KEEP_MS) return undefined;
    const tick = (side === 'long' ? Math.floor(this.#best / 2) : Math.ceil(this.#best / 2)) as Tick;
    if (kept !== undefined && (tick - kept) * EARNS[side] <= 0) return undefined;
    this.#keptAt = now;
    return tick;
  }

  #note(middle: number, trade: Trade, now: Ms): void {
    const best = this.#best ?? (trade.best === undefined ? middle : 2 * trade.best);
    this.#best = (middle - best) * EARNS[trade.side] > 0 ? middle : best;
    const spacing = trade.rules.tpSlowdownWindowMs / SAMPLES;
    const newest = this.#samples.at(-1);
    if (newest !== undefined && now - newest.at < spacing) return;
    this.#samples.push({ at: now, middle });
    // The youngest that is a window old stays: it is what the present is compared with.
    while ((this.#samples[1]?.at ?? now) <= now - trade.rules.tpSlowdownWindowMs) this.#samples.shift();
  }

  #exit(
    trade: Trade,
    entry: Average,
    slot: Slot,
    view: BookView,
    market: MarketPort,
    middle: number,
    now: Ms,
  ): ExitReason | undefined {
    const { side, rules, wall } = trade;
    if (trade.strategy === 'bounce' && wall !== undefined) {
      const isRebound = this.#epoch !== undefined && this.#epoch !== view.epoch;
      const reason = wallExit(wall, restsAt(wall, view), rules.bounceDensityErosionExitPercent, isRebound);
      if (reason !== undefined) return reason;
    }
    const resting = market.resting(slot, side === 'long' ? ASK : BID, rules);
    const ahead = resting === undefined ? undefined : this.#ahead.look(resting, view, rules.densityMinLifetimeMs, now);
    return takeProfit(
      this.#course(trade, entry, slot, market, closeTickOf(view, side, middle), middle, ahead, now),
      rules,
    );
  }

  #breakeven(
    trade: Trade,
    entry: Average,
    slot: Slot,
    view: BookView,
    market: MarketPort,
    mayTighten: boolean,
    middle: number,
  ): Decision {
    if (!mayTighten || trade.isBreakeven) return NONE;
    const { side, rules } = trade;
    const trigger = trade.stop.by === 'last' ? market.last(slot) : market.mark(slot)?.tick;
    const tick = breakevenMove(
      entry,
      closeTickOf(view, side, middle),
      trigger,
      side,
      trade.stop.tick,
      trade.takerFee,
      rules.breakoutBreakevenProfitPercent,
    );
    return tick === undefined ? NONE : { kind: 'breakeven', tick };
  }

  #course(
    trade: Trade,
    entry: Average,
    slot: Slot,
    market: MarketPort,
    closeTick: Tick,
    middle: number,
    counterTicks: readonly Tick[] | undefined,
    now: Ms,
  ): Course {
    const oldest = this.#samples[0];
    const isOld = oldest !== undefined && now - oldest.at >= trade.rules.tpSlowdownWindowMs;
    return {
      side: trade.side,
      entry,
      initialStop: trade.initialStop.tick,
      takerFee: trade.takerFee,
      closeTick,
      middle,
      // Of what was paid: a restart changes nothing of it.
      middleAtEntry: (2 * entry.units) / entry.lots,
      middleBefore: isOld ? { middle: oldest.middle, ageMs: now - oldest.at } : undefined,
      bestMiddle: this.#best ?? middle,
      heldMs: now - this.#openedAt,
      imbalance: market.imbalance(slot),
      counterTicks,
      extrema: trade.extrema,
    };
  }
}

function sameDecision(a: Decision, b: Decision): boolean {
  return a.kind === b.kind && (a.kind !== 'exit' || (b.kind === 'exit' && a.reason === b.reason));
}

function middleOf({ counts, ticks }: BookView): number | undefined {
  if (counts[BID] === 0 || counts[ASK] === 0) return undefined;
  return (ticks[BID][0] as number) + (ticks[ASK][0] as number);
}

/** What a close would hit; the middle where nobody stands there. */
function closeTickOf({ counts, ticks }: BookView, side: PositionSide, middle: number): Tick {
  const taken = TAKES[CLOSES[side]];
  return (counts[taken] === 0 ? middle / 2 : ticks[taken][0]) as Tick;
}

/** Undefined where it is old, or unknown. */
export function freshMark(market: MarketPort, slot: Slot, now: Ms): Tick | undefined {
  const mark = market.mark(slot);
  return mark === undefined || now - mark.readAt > MARK_AGE_MS_MAX ? undefined : mark.tick;
}

/** The mark bears out no book that it had to stand in for. */
function agrees(mark: Tick | undefined, middle: number | undefined): boolean {
  if (mark === undefined || middle === undefined) return false;
  return Math.abs(2 * mark - middle) * 100 <= AGREES_PERCENT * middle;
}
