// For which symbols is `orderbook.1` subscribed too? A few in turn, the pinned, and the silent.
import type { Ms } from '../../lib/brand.ts';

const PROBE_MS = 60_000;

/** `orderbook.1` is pushed up to 100 times a second for a busy symbol: for all at once it would be most of the load. */
export class TouchRotation {
  readonly #places: number;
  readonly #turnMs: number;
  readonly #pinned = new Set<string>();
  readonly #probes = new Map<string, number>();
  #turn = 0;
  #turned = -Infinity;

  constructor(places: number, turnMs: Ms) {
    this.#places = places;
    this.#turnMs = turnMs;
  }

  /** Until unpinned: symbols with a position or an entry in flight. */
  pin(symbol: string): void {
    this.#pinned.add(symbol);
  }

  unpin(symbol: string): void {
    this.#pinned.delete(symbol);
  }

  /** For a minute: a symbol that has gone silent. */
  probe(symbol: string, now: Ms): void {
    this.#probes.set(symbol, now + PROBE_MS);
  }

  /** The symbols whose touch is wanted now. */
  wanted(symbols: readonly string[], now: Ms): Set<string> {
    if (now - this.#turned >= this.#turnMs) {
      this.#turned = now;
      this.#turn += this.#places;
    }
    const wanted = new Set<string>();
    for (let i = 0; i < Math.min(this.#places, symbols.length); i++) {
      wanted.add(symbols[(this.#turn + i) % symbols.length] as string);
    }
    for (const [symbol, until] of this.#probes) if (until <= now) this.#probes.delete(symbol);
    for (const symbol of symbols) if (this.#pinned.has(symbol) || this.#probes.has(symbol)) wanted.add(symbol);
    return wanted;
  }
}
