// Which trade is open in one symbol? What changes of it goes to the journal in the same moment.
import type { Ended } from '../../order/journal.ts';
import type { LossEvent } from '../../risk/losses.ts';
import type { Core } from '../core.ts';
import type { Ledger } from './ledger.ts';
import { tradeBody, type Trade } from './trade.ts';

export class HeldTrade {
  readonly #core: Core;
  readonly #symbol: string;
  readonly #ledger: Ledger;
  #trade: Trade | undefined;

  constructor(core: Core, symbol: string, ledger: Ledger) {
    this.#core = core;
    this.#symbol = symbol;
    this.#ledger = ledger;
  }

  /** Undefined: no trade is open. */
  get trade(): Trade | undefined {
    return this.#trade;
  }

  /** As the journal has it. */
  restore(trade: Trade): void {
    this.#trade = trade;
  }

  begin(trade: Trade): void {
    this.#trade = trade;
    this.#write(trade);
  }

  change(change: Partial<Trade>): void {
    if (this.#trade === undefined) return;
    this.#trade = { ...this.#trade, ...change };
    this.#write(this.#trade);
  }

  /** Ours no more; `ended` where it has a result, which the day is told by `events`. */
  end(ended: Ended | undefined, events: readonly LossEvent[]): void {
    this.#trade = undefined;
    this.#core.guard.book(
      { kind: 'POSITION', body: { symbol: this.#symbol, trade: null, ...(ended === undefined ? {} : { ended }) } },
      events,
    );
  }

  #write(trade: Trade): void {
    const { instrument } = this.#ledger.contract;
    this.#core.record({ kind: 'POSITION', body: { symbol: this.#symbol, trade: tradeBody(trade, instrument) } });
  }
}
