// Is the private stream complete? One that answers pings can still miss all events or those of one topic. Then only look-ups find
// what became of an order, seconds later, and what nobody looks up is missed.
import type { Ms } from '../../lib/brand.ts';
import type { GatewayEvent, LookUp } from '../../order/gateway.ts';

/** For how long the stream may lag behind a look-up. */
const LAG_MS = 10_000;
/** Events from while the stream was being subscribed prove nothing; the clock may be a little off. */
const SUBSCRIBED_MS = 2_000;
const SEEN_MAX = 1_000;

export class StreamCheck {
  /** Ids of orders and executions, the one told of last at the end. */
  readonly #seen = new Set<string>();
  /** [id] when a look-up found something that the stream had not reported. */
  readonly #missed = new Map<string, Ms>();
  #sinceServerMs = Infinity;

  /** A stream is up: from now on it must report everything that happens. */
  begin(serverMs: Ms): void {
    this.#sinceServerMs = serverMs + SUBSCRIBED_MS;
    this.#missed.clear();
  }

  end(): void {
    this.#sinceServerMs = Infinity;
    this.#missed.clear();
  }

  seen(event: GatewayEvent): void {
    if (event.kind !== 'order' && event.kind !== 'fill') return;
    const id = event.kind === 'order' ? event.report.orderId : event.fill.execId;
    this.#missed.delete(id);
    this.#seen.delete(id);
    this.#seen.add(id);
    if (this.#seen.size > SEEN_MAX) this.#seen.delete(this.#seen.values().next().value as string);
  }

  lookedUp({ orders, fills }: LookUp, now: Ms): void {
    for (const { orderId, updatedMs } of orders) this.#miss(orderId, updatedMs, now);
    for (const { execId, timeMs } of fills) this.#miss(execId, timeMs, now);
  }

  isIncomplete(now: Ms): boolean {
    return [...this.#missed.values()].some((since) => now - since >= LAG_MS);
  }

  #miss(id: string, atServerMs: Ms, now: Ms): void {
    if (atServerMs >= this.#sinceServerMs && !this.#seen.has(id) && !this.#missed.has(id)) this.#missed.set(id, now);
  }
}
