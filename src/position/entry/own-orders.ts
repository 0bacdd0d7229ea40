// Which orders of this symbol are ours, and how far is each? The entry among them decides what may still come.
import { sizeText, type Instrument } from '../../market/instrument.ts';
import type { Lot } from '../../market/units.ts';
import { ownerOf, parseLinkId } from '../../order/link-id.ts';
import { isOver, type OrderEvent } from '../../order/state.ts';
import type { Fill } from '../../order/words.ts';
import type { Core } from '../core.ts';
import { exchangeMade, type Origin } from '../trade/holding.ts';
import { advance, type TrackedOrder } from './tracked-order.ts';

const FORGOTTEN_MS = 86_400_000;

export class OwnOrders {
  /** The newest entry, until its trade is over. */
  entry: TrackedOrder | undefined;
  readonly #core: Core;
  readonly #symbol: string;
  readonly #instrument: () => Instrument;
  readonly #onIllegal: (order: TrackedOrder, event: OrderEvent) => void;
  readonly #all = new Map<string, TrackedOrder>();

  constructor(
    core: Core,
    symbol: string,
    instrument: () => Instrument,
    onIllegal: (order: TrackedOrder, event: OrderEvent) => void,
  ) {
    this.#core = core;
    this.#symbol = symbol;
    this.#instrument = instrument;
    this.#onIllegal = onIllegal;
  }

  find(linkId: string | undefined): TrackedOrder | undefined {
    return linkId === undefined ? undefined : this.#all.get(linkId);
  }

  all(): Iterable<TrackedOrder> {
    return this.#all.values();
  }

  adopt(order: TrackedOrder): void {
    this.#all.set(order.linkId, order);
  }

  get isEntryOpen(): boolean {
    return this.entry !== undefined && !isOver(this.entry.state);
  }

  /** Moves an order on and writes it down. */
  advance(order: TrackedOrder, event: OrderEvent, why = '', isRecorded = true): void {
    const core = this.#core;
    const outcome = advance(order, event, core.now.mono);
    if (outcome === 'illegal') return this.#onIllegal(order, event);
    if (outcome === 'same' || !isRecorded) return;
    const { linkId, state, orderId } = order;
    if (state === 'acked') core.record({ kind: 'ACK', body: { linkId, orderId } });
    else if (state === 'unknown') core.record({ kind: 'UNKNOWN', body: { linkId, why } });
    else if (state === 'rejected' || state === 'aborted') core.record({ kind: 'REJECT', body: { linkId, state, why } });
    else if (state !== 'journaled') {
      const filled = sizeText(order.filled as Lot, this.#instrument());
      core.record({ kind: 'RESOLVED', body: { linkId, state, filled, ...(orderId === '' ? {} : { orderId }) } });
    }
    if (state === 'zombie') this.#raise(order);
  }

  originOf(fill: Fill): Origin {
    const role = this.#all.get(fill.linkId)?.role ?? this.#foundRole(fill.linkId);
    if (role !== undefined) return role === 'E' ? 'entry' : 'close';
    return exchangeMade(fill) ? 'exchange' : 'stranger';
  }

  forgetOld(): void {
    const since = this.#core.now.mono - FORGOTTEN_MS;
    for (const [linkId, { state, changedAt, role }] of this.#all) {
      if ((role !== 'E' || isOver(state)) && changedAt < since) this.#all.delete(linkId);
    }
  }

  /** A stale entry lives after all: what it fills is protected, and then closed. */
  #raise(order: TrackedOrder): void {
    this.#core.tell('critical', 'order.zombie', this.#symbol, { linkId: order.linkId });
    if (!this.isEntryOpen) this.entry = order;
  }

  /** An id of ours that we do not remember; another instance's only where it was there before us. */
  #foundRole(linkId: string): 'E' | 'C' | undefined {
    const parts = parseLinkId(linkId);
    if (parts === undefined) return undefined;
    const isOurs = ownerOf(linkId, this.#core.options) === 'ours' || this.#core.adopted.has(parts.instance);
    return isOurs ? (parts.role === 'E' ? 'E' : 'C') : undefined;
  }
}
