// Who is on the other side? The exchange's own accounts: ordinary participants, the insurance fund, and fees.
import { signOf } from './live-position.ts';
import { valueOf } from './money.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Money, OrderSide } from './model.ts';

/** Money and lots of those who keep no position of their own: what they bought cost them its value at once. */
class Counterparty {
  cash: Money = 0n;
  readonly lots = new Map<string, number>();

  /** The other side of a client's fill. */
  mirror(instrument: Instrument, clientSide: OrderSide, tick: number, lots: number): void {
    const sign = signOf(clientSide);
    this.cash += BigInt(sign) * valueOf(tick * lots, instrument);
    this.lots.set(instrument.symbol, (this.lots.get(instrument.symbol) ?? 0) - sign * lots);
  }
}

export class House {
  /** Everybody who has no account here. */
  readonly market = new Counterparty();
  readonly insurance = new Counterparty();
  fees: Money = 0n;
  /** What has been paid in, less what has been paid out. */
  deposits: Money = 0n;
}
