// Has this execution been counted? Once, from wherever and however often it comes.

/** Ids kept: far more than come back late. */
const KEPT = 20_000;

/** The executions that were applied, oldest forgotten first. */
export class AppliedFills {
  readonly #ids: Set<string>;

  constructor(ids: Iterable<string> = []) {
    this.#ids = new Set(ids);
  }

  /** False for one that was applied before. */
  apply(execId: string): boolean {
    if (this.#ids.has(execId)) return false;
    this.#ids.add(execId);
    if (this.#ids.size > KEPT) for (const oldest of this.#ids) return this.#ids.delete(oldest);
    return true;
  }

  has(execId: string): boolean {
    return this.#ids.has(execId);
  }
}

/**
 * The filled size of an order after one more report: a lower one is only late, one above the order's size is a contradiction
 * (I-12), returned as undefined.
 */
export function raiseFilled(known: number, told: number, orderLots: number | undefined): number | undefined {
  if (orderLots !== undefined && told > orderLots) return undefined;
  return Math.max(known, told);
}
