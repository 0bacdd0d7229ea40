// Which price counts for stops, margins and funding? Mark prices from tickers, last trades from the tape.
import type { Instrument } from '../market/instrument.ts';
import type { TriggerBy } from '../market/stop-price.ts';
import type { Slot } from '../market/units.ts';
import { FACT_LAST, FACT_MARK, FACT_TRADES, readFact, type TapeMemory, tradeAt, TRADES } from '../tape/layout.ts';
import type { PaperContract } from './contract.ts';
import type { Liquidity } from './liquidity.ts';

/** In ticks, of which a mark need not be whole. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export class Prices {
  readonly #tape: TapeMemory;
  readonly #liquidity: Liquidity;

  constructor(tape: TapeMemory, liquidity: Liquidity) {
    this.#tape = tape;
    this.#liquidity = liquidity;
  }

  /** Trades of the slot ever: those from here on are new. */
  trades(slot: Slot): number {
    return readFact(this.#tape, slot, FACT_TRADES);
  }

  /** Where no ticker has told the mark, the mid stands for it. */
  mark({ slot, instrument }: PaperContract): number | undefined {
    return toTicks(readFact(this.#tape, slot, FACT_MARK), instrument) ?? this.#liquidity.mid(slot);
  }

  /** The price that sets a stop off. No public topic that we take tells the index: the mark stands for it. */
  now(contract: PaperContract, by: TriggerBy): number | undefined {
    if (by !== 'last') return this.mark(contract);
    const { slot, instrument } = contract;
    const trades = this.trades(slot);
    if (trades > 0) return this.#print(slot, trades - 1);
    return toTicks(readFact(this.#tape, slot, FACT_LAST), instrument) ?? this.#liquidity.mid(slot);
  }

  /** Through which prices has it gone since trade `seen`? Undefined where nobody knows, or nothing was traded. */
  range(contract: PaperContract, by: TriggerBy, seen: number): Range | undefined {
    const { slot } = contract;
    const trades = this.trades(slot);
    if (by !== 'last' || trades === 0) {
      const price = this.now(contract, by);
      return price === undefined ? undefined : { low: price, high: price };
    }
    let low = Infinity;
    let high = -Infinity;
    for (let i = Math.max(seen > trades ? 0 : seen, trades - TRADES); i < trades; i++) {
      const tick = this.#print(slot, i);
      if (tick < low) low = tick;
      if (tick > high) high = tick;
    }
    return low === Infinity ? undefined : { low, high };
  }

  #print(slot: Slot, ordinal: number): number {
    return this.#tape.numbers[tradeAt(slot, ordinal) + 1] as number;
  }
}

function toTicks(price: number, { priceScale, tickScaled }: Instrument): number | undefined {
  return price > 0 ? Math.round(price * 10 ** priceScale) / tickScaled : undefined;
}
