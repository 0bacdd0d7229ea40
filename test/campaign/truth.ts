// What does the exchange itself hold of our account? Kept from its own events, and from nothing that the engine says.
import type { Lot, Tick } from '../../src/market/units.ts';
import { notionalOf } from '../../src/market/money.ts';
import { parseLinkId } from '../../src/order/link-id.ts';
import type { Execution, Money, Order, Position, VenueEvent } from '../../src/simulator/venue/model.ts';

export interface Place {
  readonly symbol: string;
  lots: number;
  /** Signed: what our own orders have made of it. */
  ours: number;
  /** Signed lots by the executions, which come before the position that they make. */
  standing: number;
  stopTick: number | undefined;
  /** Of the order whose fill opened it: the stop that it carried, and the price of the fill. */
  opening: { readonly order: Order; readonly tick: number } | undefined;
  /** Link id of whoever's order it was. */
  openedBy: string;
  position: Position | undefined;
  /** Somebody else has traded here, or touched the stop, since it was last flat. */
  isMeddled: boolean;
  /** When a position of ours last lost its stop; undefined while it has one, or nothing is ours. */
  nakedSince: number | undefined;
  /** Who has taken it: the exchange did not keep the attached one, it was triggered and found too little, a fault; or we did. */
  nakedBy: 'refused' | 'triggered' | 'taken' | 'us' | undefined;
  triggeredAt: number;
  foreignSince: number | undefined;
  /** Entries of ours that may still fill. */
  readonly live: Map<string, Order>;
}

export interface OwnFill {
  readonly execution: Execution;
  readonly isOurs: boolean;
}

/** From a fault, or a trigger, to what comes of it. */
const TAKEN_MS = 1_000;

const isFinal = ({ status }: Order): boolean =>
  status === 'Filled' || status === 'Cancelled' || status === 'Rejected' || status === 'Deactivated';

export class Truth {
  readonly places = new Map<string, Place>();
  /** Every execution of the account, by id. */
  readonly fills = new Map<string, OwnFill>();
  /** Every entry of ours that the exchange has taken, by link id. */
  readonly entries = new Map<string, Order>();
  balance: Money;
  /** Profits less fees of all executions, and what was brought or taken away. */
  explained: Money;
  instances: ReadonlySet<string> = new Set();
  /** Times at which the exchange was told by a fault to take this symbol's stop. */
  readonly stripped = new Map<string, number>();
  onChange: (place: Place, before: { lots: number; stopTick: number | undefined }, atMs: number) => void = () =>
    undefined;
  /** With the order that had opened what stood there before. */
  onFill: (fill: OwnFill, opening: Order | undefined) => void = () => undefined;
  readonly #uid: number;

  constructor(uid: number, symbols: readonly string[], balance: Money) {
    this.#uid = uid;
    this.balance = balance;
    this.explained = balance;
    for (const symbol of symbols)
      this.places.set(symbol, {
        symbol,
        lots: 0,
        ours: 0,
        standing: 0,
        stopTick: undefined,
        opening: undefined,
        openedBy: '',
        position: undefined,
        isMeddled: false,
        nakedSince: undefined,
        nakedBy: undefined,
        triggeredAt: -Infinity,
        foreignSince: undefined,
        live: new Map(),
      });
  }

  place(symbol: string): Place {
    const place = this.places.get(symbol);
    if (place === undefined) throw new Error(`the exchange trades no ${symbol}`);
    return place;
  }

  isOurs(linkId: string): boolean {
    const parts = parseLinkId(linkId);
    return parts !== undefined && this.instances.has(parts.instance);
  }

  hear(event: VenueEvent): void {
    if (event.kind === 'order') this.#order(event.order, event.timeMs);
    else if (event.kind === 'execution') this.#execution(event.execution);
    else if (event.kind === 'position') this.#position(event.position, event.timeMs);
    else if (event.wallet.uid === this.#uid) this.balance = event.wallet.balance;
  }

  /** Somebody has brought money, or taken it. */
  transferred(amount: Money): void {
    this.explained += amount;
  }

  get exposure(): Money {
    let sum = 0n;
    for (const { position, lots } of this.places.values())
      if (position !== undefined && lots !== 0)
        sum += notionalOf(position.markTick as Tick, Math.abs(lots) as Lot, position.instrument);
    return sum;
  }

  get held(): number {
    let count = 0;
    for (const { ours } of this.places.values()) if (ours !== 0) count++;
    return count;
  }

  #order(order: Order, atMs: number): void {
    if (order.uid !== this.#uid) return;
    const place = this.place(order.instrument.symbol);
    // One that was triggered need not say so: it is filled, or finds nothing.
    const isTriggered = order.status === 'Triggered' || order.rejectReason === 'EC_NoImmediateQtyToFill';
    if (order.stopOrderType === 'StopLoss' && isTriggered) place.triggeredAt = atMs;
    const isEntry = this.isOurs(order.linkId) && parseLinkId(order.linkId)?.role === 'E';
    if (!isEntry) return;
    this.entries.set(order.linkId, order);
    if (isFinal(order)) place.live.delete(order.linkId);
    else place.live.set(order.linkId, order);
  }

  #execution(execution: Execution): void {
    if (execution.uid !== this.#uid) return;
    const { instrument, order, side, lots, type } = execution;
    this.explained += execution.pnl - execution.fee;
    const place = this.place(instrument.symbol);
    if (order?.stopOrderType === 'StopLoss') place.triggeredAt = execution.timeMs;
    const signed = side === 'Buy' ? lots : -lots;
    const isProtective = order !== undefined && order.stopOrderType !== '' && order.stopOrderType !== 'Stop';
    const isOwn = order !== undefined && this.isOurs(order.linkId);
    const isOurs = isOwn || isProtective || (type !== 'Trade' && place.ours !== 0);
    const fill = { execution, isOurs };
    const opening = place.ours === 0 ? undefined : place.opening?.order;
    this.fills.set(execution.id, fill);
    if (type === 'Funding') return this.onFill(fill, opening);
    const foreign = place.standing - place.ours;
    place.standing += signed;
    if (place.lots === 0) place.openedBy = order?.linkId ?? '';
    if (isOwn && place.lots === 0) place.opening = { order: order as Order, tick: execution.tick };
    if (isOurs && !place.isMeddled) place.ours += signed;
    else if (!isOurs) {
      place.isMeddled = true;
      // A person who trades against us takes ours first.
      if (place.ours !== 0 && Math.sign(signed) !== Math.sign(place.ours)) {
        const left = place.ours + signed;
        place.ours = Math.sign(left) === Math.sign(place.ours) ? left : 0;
      }
    } else {
      // What only reduces opens nothing of ours: it has taken what is a person's.
      const isReducing = isProtective || order?.reduceOnly === true;
      // One-way: what a person holds on the other side is closed before anything of ours is opened.
      const isAgainst = !isReducing && Math.sign(foreign) === -Math.sign(signed);
      const against = isAgainst ? Math.min(Math.abs(foreign), Math.abs(signed)) * Math.sign(signed) : 0;
      const left = place.ours + signed - against;
      const isGone = Math.sign(left) !== Math.sign(place.ours);
      place.ours = isGone && (place.ours !== 0 || isReducing) ? 0 : left;
    }
    this.onFill(fill, opening);
  }

  #whoTook(place: Place, before: { lots: number; stopTick: number | undefined }, atMs: number): Place['nakedBy'] {
    const isNew = before.lots === 0 || (before.stopTick === undefined && place.opening?.order.stopLoss !== undefined);
    if (isNew) return place.opening?.order.stopLoss === undefined ? 'us' : 'refused';
    if (atMs - place.triggeredAt <= TAKEN_MS) return 'triggered';
    return atMs - (this.stripped.get(place.symbol) ?? -Infinity) <= TAKEN_MS || place.isMeddled ? 'taken' : 'us';
  }

  #position(position: Position, atMs: number): void {
    if (position.uid !== this.#uid) return;
    const place = this.place(position.instrument.symbol);
    const before = { lots: place.lots, stopTick: place.stopTick };
    place.lots = position.lots;
    place.standing = position.lots;
    place.stopTick = position.stopLoss?.tick;
    place.position = position;
    if (place.lots === 0) {
      place.ours = 0;
      place.isMeddled = false;
      place.opening = undefined;
    }
    const isNaked = place.ours !== 0 && place.lots !== 0 && place.stopTick === undefined;
    if (!isNaked) {
      place.nakedSince = undefined;
      place.nakedBy = undefined;
    } else if (place.nakedSince === undefined) {
      place.nakedSince = atMs;
      place.nakedBy = this.#whoTook(place, before, atMs);
    }
    if (place.lots !== 0 && place.ours === 0) place.foreignSince ??= atMs;
    else place.foreignSince = undefined;
    this.onChange(place, before, atMs);
  }
}
