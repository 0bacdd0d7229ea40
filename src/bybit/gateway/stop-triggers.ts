// Which price sets off the stop of a symbol? A position's row does not say; its stop order does, and whoever set it did.
import type { StopPrice, TriggerBy } from '../../market/stop-price.ts';
import type { OrderReport, OrderStatus } from '../../order/words.ts';

/** The exchange's own where nothing is named. */
const UNNAMED: TriggerBy = 'last';
const OVER: ReadonlySet<OrderStatus> = new Set(['filled', 'cancelled', 'rejected', 'deactivated']);

export class StopTriggers {
  /** Of stop orders that wait. */
  readonly #live = new Map<string, { readonly orderId: string; readonly by: TriggerBy }>();
  readonly #ordered = new Map<string, TriggerBy>();

  /** An entry carries this stop: a position's row may come before the row of its stop order, and no word of one before it counts. */
  ordered(symbol: string, { by }: StopPrice): void {
    this.#live.delete(symbol);
    this.#ordered.set(symbol, by);
  }

  /** The exchange has accepted another stop for the position. */
  replaced(symbol: string, { by }: StopPrice): void {
    this.#ordered.set(symbol, by);
    const live = this.#live.get(symbol);
    if (live !== undefined) this.#live.set(symbol, { ...live, by });
  }

  told({ symbol, orderId, isStopLoss, status, trigger }: OrderReport): void {
    if (!isStopLoss) return;
    if (status === 'untriggered' && trigger !== undefined) this.#live.set(symbol, { orderId, by: trigger.by });
    else if (OVER.has(status) && this.#live.get(symbol)?.orderId === orderId) this.#live.delete(symbol);
  }

  of(symbol: string): TriggerBy {
    return this.#live.get(symbol)?.by ?? this.#ordered.get(symbol) ?? UNNAMED;
  }
}
