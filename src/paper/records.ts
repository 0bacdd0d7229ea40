// Which orders and fills does the exchange still remember?
import type { Ms } from '../lib/brand.ts';
import type { Instrument } from '../market/instrument.ts';
import type { LookUp } from '../order/gateway.ts';
import type { Fill, OrderReport } from '../order/words.ts';
import { fillOn, orderOn } from './regrid.ts';

/** Of each kind, the newest: weeks of trading. */
const KEPT_MAX = 50_000;

export class Records {
  readonly #orders = new Map<string, OrderReport>();
  readonly #links = new Map<string, string>();
  #fills: Fill[] = [];

  knows(linkId: string): boolean {
    return this.#links.has(linkId);
  }

  /** An order as it now stands. */
  keep(report: OrderReport): void {
    this.#orders.set(report.orderId, report);
    if (report.linkId !== '') this.#links.set(report.linkId, report.orderId);
    if (this.#orders.size <= KEPT_MAX) return;
    // A stop that still waits is told from its position: nothing that lives is lost here.
    const [oldest] = this.#orders.values();
    if (oldest === undefined) return;
    this.#orders.delete(oldest.orderId);
    this.#links.delete(oldest.linkId);
  }

  keepFill(fill: Fill): void {
    this.#fills.push(fill);
    if (this.#fills.length > 2 * KEPT_MAX) this.#fills = this.#fills.slice(-KEPT_MAX);
  }

  /** Its contract has gone over to another grid. */
  regrid(symbol: string, from: Instrument, to: Instrument): void {
    this.#fills = this.#fills.map((fill) => (fill.symbol === symbol ? fillOn(fill, from, to) : fill));
    for (const [id, order] of this.#orders) if (order.symbol === symbol) this.#orders.set(id, orderOn(order, from, to));
  }

  ofLink(linkId: string): LookUp {
    const order = this.#orders.get(this.#links.get(linkId) ?? '');
    if (order === undefined) return { orders: [], fills: [] };
    return { orders: [order], fills: this.#fills.filter(({ orderId }) => orderId === order.orderId) };
  }

  fillsSince(sinceMs: Ms): Fill[] {
    return this.#fills.filter(({ timeMs }) => timeMs >= sinceMs);
  }
}
