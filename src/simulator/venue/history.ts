// What was true a moment ago? Everything that happened to one account, and how it looked at any time of the last minute.
import type { ClosedTrade, Execution, Order, Position, Transaction, Wallet } from './words.ts';

const KEPT_MS = 60_000;

/** The same thing as it was told, time after time. */
class Versions<T> {
  #told: { readonly atMs: number; readonly value: T }[] = [];

  push(atMs: number, value: T): void {
    if (this.#told.at(-1)?.atMs === atMs) this.#told.pop();
    this.#told.push({ atMs, value });
    const old = this.#told.findLastIndex((version) => version.atMs < atMs - KEPT_MS);
    if (old > 0) this.#told.splice(0, old);
  }

  at(atMs: number): T | undefined {
    return this.#told.findLast((version) => version.atMs <= atMs)?.value;
  }
}

class VersionsByKey<T> {
  readonly #versions = new Map<string, Versions<T>>();

  push(key: string, atMs: number, value: T): void {
    let versions = this.#versions.get(key);
    if (versions === undefined) {
      versions = new Versions();
      this.#versions.set(key, versions);
    }
    versions.push(atMs, value);
  }

  at(key: string, atMs: number): T | undefined {
    return this.#versions.get(key)?.at(atMs);
  }

  /** Oldest first. */
  all(atMs: number): T[] {
    return [...this.#versions.values()].map((versions) => versions.at(atMs)).filter((value) => value !== undefined);
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
