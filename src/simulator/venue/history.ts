// What was true a moment ago? Everything that happened to one account, and how it looked at any time of the last minute.
import { getOrInsert } from '../../lib/get-or-insert.ts';
import type { ClosedTrade, Execution, Order, Position, Transaction, Wallet } from './model.ts';

const KEPT_MS = 60_000;

/** One thing as it was at each event. */
class Versions<T> {
  #versions: { readonly atMs: number; readonly value: T }[] = [];

  push(atMs: number, value: T): void {
    if (this.#versions.at(-1)?.atMs === atMs) this.#versions.pop();
    this.#versions.push({ atMs, value });
    const old = this.#versions.findLastIndex((version) => version.atMs < atMs - KEPT_MS);
    if (old > 0) this.#versions.splice(0, old);
  }

  at(atMs: number): T | undefined {
    return this.#versions.findLast((version) => version.atMs <= atMs)?.value;
  }
}

class VersionsByKey<T> {
  readonly #byKey = new Map<string, Versions<T>>();

  push(key: string, atMs: number, value: T): void {
    getOrInsert(this.#byKey, key, () => new Versions()).push(atMs, value);
  }

  at(key: string, atMs: number): T | undefined {
    return this.#byKey.get(key)?.at(atMs);
  }

  /** Oldest first. */
  all(atMs: number): T[] {
    return [...this.#byKey.values()].map((versions) => versions.at(atMs)).filter((value) => value !== undefined);
  }
}

export class History {
  /** Oldest first, like all lists here. */
  readonly executions: Execution[] = [];
  readonly closedTrades: ClosedTrade[] = [];
  readonly transactions: Transaction[] = [];
  readonly orders = new VersionsByKey<Order>();
  readonly positions = new VersionsByKey<Position>();
  readonly wallet = new Versions<Wallet>();
  /** What was closed before is forgotten by those who ask for open orders and the latest closed ones. */
  forgottenMs = -Infinity;
}
