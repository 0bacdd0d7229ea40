// Is there a reason to exit the open trade, or to tighten its stop? By time, by the price of its entry, by the market.
import type { Ms } from '../../lib/brand.ts';
import { priceText } from '../../market/instrument.ts';
import { moneyText } from '../../market/money.ts';
import type { Tick } from '../../market/units.ts';
import { averagePrice } from '../trade/average-price.ts';
import type { Average } from './breakeven.ts';
import type { Core } from '../core.ts';
import { isTimedOut, isWorseThan } from './exit.ts';
import type { Ledger } from '../trade/ledger.ts';
import { Watch, type Decision } from './monitor.ts';
import type { ExitReason } from '../close/reason.ts';
import type { Trade } from '../trade/trade.ts';

/** What is delisted is left so long before it is settled: by then nobody is there to trade with (P13). */
const DELIVERY_MS = 86_400_000;

const exit = (reason: ExitReason): Decision => ({ kind: 'exit', reason });

export class Lookout {
  readonly #core: Core;
  readonly #symbol: string;
  readonly #ledger: Ledger;
  #watch: Watch | undefined;
  #isRestored = false;

  constructor(core: Core, symbol: string, ledger: Ledger) {
    this.#core = core;
    this.#symbol = symbol;
    this.#ledger = ledger;
  }

  /** Monotonic: of the last look at a live book (I-13). */
  get evaluatedAt(): Ms | undefined {
    return this.#watch?.evaluatedAt;
  }

  look(trade: Trade, mayTighten: boolean): Decision {
    const { serverMs, now, view, options } = this.#core;
    if (isTimedOut(trade.openedMs, serverMs, trade.rules.maxHoldingMinutes)) return exit('timeout');
    const { contract, slot } = this.#ledger;
    const { deliveryMs } = contract;
    if (deliveryMs !== 0 && deliveryMs - serverMs < DELIVERY_MS) return exit('settlement');
    const entry = this.#ledger.averageEntry(trade);
    if (entry === undefined) return { kind: 'none' };
    if (this.#isBeyondCap(trade, entry)) return exit('stop_loss_failed');
    this.#watch ??= new Watch((now.mono - (serverMs - trade.openedMs)) as Ms, this.#isRestored);
    return this.#watch.look(trade, entry, slot, view, options.market, mayTighten, now.mono);
  }

  /** How far it has gone, where that is worth a record. */
  bestToKeep(trade: Trade): Tick | undefined {
    return this.#watch?.bestToKeep(trade, this.#core.now.mono);
  }

  /** The trade is of an earlier process: the book that it was watched in is lost. */
  restore(): void {
    this.#isRestored = true;
  }

  /** Of a trade that is over. */
  forget(): void {
    this.#watch = undefined;
    this.#isRestored = false;
  }

  /** A market order's bound is counted from the exchange's own touch: beyond ours the stop is farther away than was approved (O28). */
  #isBeyondCap({ id, side, strategy, capTick }: Trade, entry: Average): boolean {
    if (strategy === 'recovered' || !isWorseThan(capTick, entry, side)) return false;
    const { instrument } = this.#ledger.contract;
    const entryPrice = moneyText(averagePrice(entry, instrument) ?? 0n);
    this.#core.tell('error', 'entry.beyond_cap', this.#symbol, { id, entryPrice, cap: priceText(capTick, instrument) });
    return true;
  }
}
