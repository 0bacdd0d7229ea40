// Is what has become of the wallet what executions, fees and funding have made of it? (I-18)
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import { percentOf, type Money } from '../../market/money.ts';
import type { Fill, PositionReport } from '../../order/words.ts';
import { isPayment } from '../trade/holding.ts';
import { valueOf } from '../trade/result.ts';

/** Of the wallet: averages are rounded, and who trades beside us may be charged what no execution tells. */
const UNEXPLAINED_PERCENT = 0.5;
/** By then what lags behind has come. */
const APART_MS = 10_000;

export class Equity {
  /** What all executions have paid and taken in: of the wallet's change nothing is left but what the open positions have cost. */
  #flow: Money = 0n;
  #base: Money | undefined;
  #last: { readonly rest: Money; readonly at: Ms } | undefined;

  /** A new execution, of whomever. */
  heard(fill: Fill, instrument: Instrument): void {
    if (!isInUsdt(fill)) return;
    const value = isPayment(fill) ? 0n : valueOf(fill, instrument);
    this.#flow += (fill.side === 'buy' ? -value : value) - fill.fee;
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
