// Do executions, fees and funding explain the wallet? (I-18)
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import { percentOf, type Money } from '../../market/money.ts';
import type { Fill, PositionReport } from '../../order/words.ts';
import { isPayment } from '../trade/holding.ts';
import { valueOf } from '../trade/result.ts';

/** Of the wallet: averages are rounded, and another trader on the account may be charged what no execution reports. */
const UNEXPLAINED_PERCENT = 0.5;
/** Long enough for late executions to arrive. */
const APART_MS = 10_000;

export class Equity {
  /** Net cash flow of all executions. The rest of the wallet's change should be the cost of the open positions. */
  #flow: Money = 0n;
  #base: Money | undefined;
  #last: { readonly rest: Money; readonly at: Ms } | undefined;

  /** A new execution, ours or not. */
  heard(fill: Fill, instrument: Instrument): void {
    if (!isInUsdt(fill)) return;
    const value = isPayment(fill) ? 0n : valueOf(fill, instrument);
    this.#flow += (fill.side === 'buy' ? -value : value) - (fill.isFeeElsewhere === true ? 0n : fill.fee);
  }

  /**
   * The change that nothing explains, once. Wallet, positions and executions of a reading are not of one moment: what one of
   * them shows is believed when a later one shows it too.
   */
  read(balance: Money, positions: readonly PositionReport[], now: Ms): Money | undefined {
    if (this.#last !== undefined && now - this.#last.at < APART_MS) return undefined;
    const costs = positions.filter(isInUsdt).map(({ lots, entryValue }) => (lots > 0 ? entryValue : -entryValue));
    const rest = costs.reduce((left, cost) => left - cost, balance - this.#flow);
    const limit = percentOf(balance, UNEXPLAINED_PERCENT);
    const isFar = (a: Money, b: Money): boolean => a - b > limit || b - a > limit;
    const isSeenTwice = this.#last !== undefined && !isFar(rest, this.#last.rest);
    this.#last = { rest, at: now };
    if (!isSeenTwice) return undefined;
    const base = (this.#base ??= rest);
    if (!isFar(rest, base)) return undefined;
    this.#base = rest;
    return rest - base;
  }
}

/** USDC is another wallet. */
function isInUsdt({ symbol }: { readonly symbol: string }): boolean {
  return symbol.includes('USDT');
}
