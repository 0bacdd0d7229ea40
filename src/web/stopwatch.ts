// How long did the last drawings take? The page shows its own cost beside the engine's.

const KEPT = 256;

export class Stopwatch {
  readonly #times = new Float64Array(KEPT);
  count = 0;

  note(ms: number): void {
    this.#times[this.count++ % KEPT] = ms;
  }

  /** Of the last 256; undefined before the first. */
  quantile(part: number): number | undefined {
    if (this.count === 0) return undefined;
    const sorted = this.#times.slice(0, Math.min(KEPT, this.count)).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  }
}
