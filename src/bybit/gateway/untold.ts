// Does the private stream tell what happens? One that answers pings can be deaf, wholly or in one topic: then only look-ups
// find what has become of an order, seconds later, and nobody misses what the others tell.
import type { Ms } from '../../lib/brand.ts';
import type { GatewayEvent, LookUp } from '../../order/gateway.ts';

/** A stream may lag behind a reading for so long. */
const LAG_MS = 10_000;
/** What happened while it was being subscribed, by a clock that may be a little off, proves nothing. */
const SUBSCRIBED_MS = 2_000;
const TOLD_MAX = 1_000;

export class Untold {
  /** Ids of orders and executions, the newest last. */
  readonly #told = new Set<string>();
  /** [id] when a look-up found what the stream had not told. */
  readonly #missed = new Map<string, Ms>();
  #sinceServerMs = Infinity;

  /** A stream is up: what happens from now on it has to tell. */
  begin(serverMs: Ms): void {
    this.#sinceServerMs = serverMs + SUBSCRIBED_MS;
    this.#missed.clear();
  }

  end(): void {
    this.#sinceServerMs = Infinity;
    this.#missed.clear();
  }

  tell(event: GatewayEvent): void {
    if (event.kind !== 'order' && event.kind !== 'fill') return;
    const id = event.kind === 'order' ? event.report.orderId : event.fill.execId;
    this.#missed.delete(id);
    this.#told.add(id);
    if (this.#told.size > TOLD_MAX) this.#told.delete(this.#told.values().next().value as string);
  }

  found({ orders, fills }: LookUp, now: Ms): void {
    for (const { orderId, updatedMs } of orders) this.#miss(orderId, updatedMs, now);
    for (const { execId, timeMs } of fills) this.#miss(execId, timeMs, now);
  }

  isDeaf(now: Ms): boolean {
    return [...this.#missed.values()].some((since) => now - since >= LAG_MS);
  }

  #miss(id: string, atServerMs: Ms, now: Ms): void {
    if (atServerMs >= this.#sinceServerMs && !this.#told.has(id) && !this.#missed.has(id)) this.#missed.set(id, now);
  }
}
