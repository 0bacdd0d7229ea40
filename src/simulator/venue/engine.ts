// When does the matching engine take up what was accepted? A few milliseconds after the ack, in order for each contract.
import type { Rng } from '../../lib/rng.ts';
import type { Client } from './client.ts';

const LATENCY_MS_MAX = 3;

interface Accepted {
  readonly dueMs: number;
  readonly run: () => void;
}

export class Engine {
  #accepted: Accepted[] = [];
  readonly #rng: Rng;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** One account's requests for one contract are never reordered. */
  accept(client: Client, symbol: string, nowMs: number, run: () => void): void {
    const latency = this.#rng.below(LATENCY_MS_MAX + 1);
    const dueMs = Math.max(nowMs + latency, client.busyUntilMs.get(symbol) ?? 0);
    client.busyUntilMs.set(symbol, dueMs);
    this.#accepted.push({ dueMs, run });
  }

  step(nowMs: number): void {
    if (this.#accepted.length === 0) return;
    const due = this.#accepted.filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length === 0) return;
    this.#accepted = this.#accepted.filter(({ dueMs }) => dueMs > nowMs);
    for (const { run } of due.toSorted((a, b) => a.dueMs - b.dueMs)) run();
  }
}
