// Which price sets off the stop of a symbol? A position's row does not say; its stop order does, and whoever set it did.
import type { StopPrice, TriggerBy } from '../../market/stop-price.ts';
import type { Tick } from '../../market/units.ts';
import type { OrderReport, OrderStatus } from '../../order/words.ts';

/** The exchange's own where nothing is named. */
const UNNAMED: TriggerBy = 'last';
const OVER: ReadonlySet<OrderStatus> = new Set(['filled', 'cancelled', 'rejected', 'deactivated']);

export class StopTriggers {
  /** Of stop orders that wait. */
  readonly #live = new Map<
    string,
    { readonly orderId: string; readonly updatedMs: number; readonly stop: StopPrice }
  >();
  readonly #ordered = new Map<string, StopPrice>();

  /** An entry carries this stop: a position's row may come before the row of its stop order, and no word of one before it counts. */
  ordered(symbol: string, stop: StopPrice): void {
    this.#live.delete(symbol);
    this.#ordered.set(symbol, stop);
  }

  /** The exchange has accepted another stop for the position. */
  replaced(symbol: string, stop: StopPrice): void {
    this.#ordered.set(symbol, stop);
    const live = this.#live.get(symbol);
    if (live !== undefined) this.#live.set(symbol, { ...live, stop });
  }

  /** The exchange has nothing to change of it: as asked for, unless its order says otherwise. */
  stands(symbol: string, stop: StopPrice): void {
    this.#ordered.set(symbol, stop);
  }

  told({ symbol, orderId, isStopLoss, status, trigger, updatedMs }: OrderReport): void {
    const live = this.#live.get(symbol);
    const isSame = live?.orderId === orderId;
    // A reading may be older than what the stream has told since it was asked for.
    if (!isStopLoss || (isSame && updatedMs < live.updatedMs)) return;
    if (status === 'untriggered' && trigger !== undefined)
      this.#live.set(symbol, { orderId, updatedMs, stop: trigger });
    else if (OVER.has(status) && isSame) this.#live.delete(symbol);
  }

  /** Of the stop that a position's row shows, which may be older than what was told of the stop since. */
  of(symbol: string, tick: Tick): TriggerBy {
    const known = [this.#live.get(symbol)?.stop, this.#ordered.get(symbol)].filter((stop) => stop !== undefined);
    return (known.find((stop) => stop.tick === tick) ?? known[0])?.by ?? UNNAMED;
  }
}
