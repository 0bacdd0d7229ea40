// How did the last trade of one symbol end, and what does an execution change of it that comes after its end?
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Money } from '../../market/money.ts';
import { OPENS } from '../../market/side.ts';
import type { Ended } from '../../order/journal.ts';
import type { Fill } from '../../order/words.ts';
import { reasonOf, type ExitReason } from '../close/reason.ts';
import type { Core } from '../core.ts';
import type { OwnOrders } from '../entry/own-orders.ts';
import { holdingOf, isPayment, type Part } from './holding.ts';
import { othersFees, resultOf, tradeRow, type Result } from './result.ts';
import type { Trade } from './trade.ts';

/** A trade may be known before its first execution is. */
const OPENED_SLACK_MS = 60_000;

/** A trade that is over. */
export interface Finished {
  readonly trade: Trade;
  /** Funding among them. */
  readonly fills: Map<string, Fill>;
  readonly atMs: Ms;
  /** Executions of up to here may belong to it. */
  readonly seq: number;
}

export interface Outcome {
  readonly result: Result;
  readonly reason: ExitReason;
  readonly isComplete: boolean;
  readonly atMs: Ms;
}

export class LastTrade {
  readonly #core: Core;
  readonly #orders: OwnOrders;
  readonly #instrument: () => Instrument;
  #finished: Finished | undefined;

  constructor(core: Core, orders: OwnOrders, instrument: () => Instrument) {
    this.#core = core;
    this.#orders = orders;
    this.#instrument = instrument;
  }

  /** As the journal keeps it. */
  get ended(): Ended | undefined {
    return this.#finished === undefined ? undefined : { atMs: this.#finished.atMs, seq: this.#finished.seq };
  }

  get parts(): readonly Part[] {
    return this.#finished === undefined ? [] : this.#partsOf(this.#finished);
  }

  restore(finished: Finished | undefined): void {
    this.#finished = finished;
  }

  /** Tells the result. */
  end(finished: Finished): Outcome {
    this.#finished = finished;
    return this.#tell(finished);
  }

  tellAgain(): (Finished & Outcome) | undefined {
    return this.#finished === undefined ? undefined : { ...this.#finished, ...this.#tell(this.#finished) };
  }

  /** It, where a fill belongs to it whose row was told without it. */
  lateOf(fill: Fill): Trade | undefined {
    if (this.#finished === undefined) return undefined;
    const { trade, fills, atMs, seq } = this.#finished;
    // Nothing ends before it was entered: what the exchange has closed so shortly before was of another one.
    const entries = [...fills.values()].filter(({ linkId }) => linkId === trade.id);
    const isBefore = entries.length > 0 && entries.every((entry) => fill.seq < entry.seq);
    const isWithin = fill.timeMs >= trade.openedMs - OPENED_SLACK_MS && fill.timeMs <= atMs + OPENED_SLACK_MS;
    const origin = this.#orders.originOf(fill);
    const isIts = isPayment(fill)
      ? fill.timeMs >= trade.openedMs && fill.timeMs <= atMs
      : origin === 'entry'
        ? fill.linkId === trade.id
        : origin !== 'stranger' && !isBefore && fill.seq <= seq && isWithin;
    return isIts ? trade : undefined;
  }

  /** Tells the row anew, with the fill. What that changes of what was booked at the end. */
  complete(fill: Fill): Money {
    if (this.#finished === undefined) return 0n;
    const before = this.#booked(this.#finished);
    this.#finished.fills.set(fill.execId, fill);
    this.#tell(this.#finished);
    return this.#booked(this.#finished) - before;
  }

  #booked(finished: Finished): Money {
    const parts = this.#partsOf(finished);
    return this.#resultOf(finished, parts).gross - othersFees(parts, this.#instrument());
  }

  #partsOf({ fills }: Finished): readonly Part[] {
    const originOf = (fill: Fill) => this.#orders.originOf(fill);
    return holdingOf(fills.values(), undefined, 0, originOf, this.#instrument()).parts;
  }

  #resultOf({ trade, fills }: Finished, parts: readonly Part[]): Result {
    return resultOf(trade, parts, [...fills.values()].filter(isPayment), this.#instrument());
  }

  #tell(finished: Finished): Outcome {
    const { trade } = finished;
    const parts = this.#partsOf(finished);
    const result = this.#resultOf(finished, parts);
    const last = lastExit(parts, trade);
    const atMs = last?.fill.timeMs ?? finished.atMs;
    const reason = reasonOf(last?.fill, last?.origin === 'close', trade.closing, trade.isBreakeven);
    const row = tradeRow(trade, result, { atMs, reason }, this.#instrument());
    this.#core.tellTrade(row);
    return { result, reason, isComplete: row.isComplete, atMs };
  }
}

export function lastExit(parts: readonly Part[], trade: Trade): Part | undefined {
  return parts.findLast(({ fill, ours }) => ours > 0n && fill.side !== OPENS[trade.side]);
}
