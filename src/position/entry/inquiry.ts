// What became of an entry without an answer? The exchange is asked until it answers, or until it is proven that there is no such order.
import type { Ms } from '../../lib/brand.ts';
import { NEGATIVES_APART_MS, weigh } from '../../order/unknown.ts';
import { isOver, type OrderState } from '../../order/state.ts';
import type { Core } from '../core.ts';
import type { TrackedOrder } from './tracked-order.ts';

/** Accepted, but the stream reports nothing. */
const QUIET_MS = 3_000;
const ACCEPTED: ReadonlySet<OrderState> = new Set(['acked', 'open', 'partial']);
/** By then every view has caught up. */
const UNTOLD_MS = 60_000;
/** Sent, but not even the gateway answers. */
const SENT_MS_MAX = 5_000;

interface Round {
  readonly linkId: string;
  readonly serverMs: Ms;
  look: 'found' | 'nothing' | 'failed' | undefined;
  lots: number | 'failed' | undefined;
}

export class Inquiry {
  readonly #core: Core;
  readonly #symbol: string;
  #askedAt: Ms | undefined;
  #untold: string | undefined;
  #round: Round | undefined;

  constructor(core: Core, symbol: string) {
    this.#core = core;
    this.#symbol = symbol;
  }

  /** Sends the requests that are due: orders, history and executions of the id, and the position. */
  act(order: TrackedOrder, areFillsMissing: boolean): void {
    const now = this.#core.now.mono;
    if (ACCEPTED.has(order.state) && now - order.changedAt >= UNTOLD_MS) this.#tellUntold(order);
    if (this.#round !== undefined || !this.#isDue(order, areFillsMissing, now)) return;
    this.#askedAt = now;
    this.#round = { linkId: order.linkId, serverMs: this.#core.serverMs, look: undefined, lots: undefined };
    const { linkId } = order;
    const symbol = this.#symbol;
    this.#core.ask({ kind: 'look-up', symbol, linkId }, this.#core.restPath, symbol, linkId);
    this.#core.ask({ kind: 'read-position', symbol }, this.#core.restPath, symbol);
  }

  #isDue(order: TrackedOrder, areFillsMissing: boolean, now: Ms): boolean {
    const since = Math.max(order.changedAt, this.#askedAt ?? 0);
    switch (order.state) {
      case 'draft':
      case 'journaled':
        return false;
      case 'sent':
        return now - since >= SENT_MS_MAX;
      case 'unknown':
        // At once, then as often as a negative may count.
        return (
          this.#askedAt === undefined || this.#askedAt < order.changedAt || now - this.#askedAt >= NEGATIVES_APART_MS
        );
      default:
        return (!isOver(order.state) || areFillsMissing) && now - since >= QUIET_MS;
    }
  }

  /** What was accepted keeps its symbol, its exposure and a kill going until it is told of, or proven absent. Told once. */
  #tellUntold({ linkId, state }: TrackedOrder): void {
    if (this.#untold === linkId) return;
    this.#untold = linkId;
    this.#core.tell('error', 'order.untold', this.#symbol, { linkId, state });
  }

  lookedUp(linkId: string, look: 'found' | 'nothing' | 'failed', order: TrackedOrder | undefined): boolean {
    if (this.#round?.linkId !== linkId) return false;
    this.#round.look = look;
    return this.#close(order);
  }

  /** `askedServerMs`: a position that was read before the look-up left says nothing beside it. */
  positionRead(lots: number | 'failed', askedServerMs: Ms, order: TrackedOrder | undefined): boolean {
    if (this.#round === undefined || askedServerMs < this.#round.serverMs || this.#round.lots !== undefined)
      return false;
    this.#round.lots = lots;
    return this.#close(order);
  }

  /** True where the order is now proven absent. */
  #close(order: TrackedOrder | undefined): boolean {
    const round = this.#round;
    if (round?.look === undefined || round.lots === undefined) return false;
    this.#round = undefined;
    if (order === undefined || order.linkId !== round.linkId || order.doubt === undefined) return false;
    const { look, serverMs: askedServerMs, lots } = round;
    const evidence =
      look === 'found' || look === 'failed' || lots === 'failed'
        ? ({ kind: look === 'found' ? 'found' : 'failed' } as const)
        : ({ kind: 'nothing-found', askedServerMs, positionLots: lots } as const);
    const weighed = weigh(order.doubt, evidence, this.#core.now.mono);
    order.doubt = weighed.doubt;
    return weighed.isAbsent && (order.state === 'unknown' || order.state === 'acked');
  }
}
