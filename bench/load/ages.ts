// How old are the books? Every frame is counted, from the moment at which it was to be sent: what a stalled sender or reader
// delays is not left out.

export interface AgePercentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Bins from a microsecond to twenty minutes, each a hundredth wider than the one before. */
const BIN_RATIO = Math.log(1.01);
const BINS = Math.ceil(Math.log(1.2e9) / BIN_RATIO);

export class AgeHistogram {
  readonly #counts = new Uint32Array(BINS);
  #total = 0;
  #max = 0;

  note(micros: number): void {
    const bin = micros <= 1 ? 0 : Math.min(BINS - 1, (Math.log(micros) / BIN_RATIO) | 0);
    this.#counts[bin] = (this.#counts[bin] as number) + 1;
    this.#total++;
    if (micros > this.#max) this.#max = micros;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#max = 0;
  }

  /** In ms, one percent too long at most; zeros where nothing was noted. */
  percentiles(): AgePercentiles {
    return { p50: this.#at(0.5), p99: this.#at(0.99), p999: this.#at(0.999), max: this.#max / 1_000 };
  }

  #at(share: number): number {
    let left = Math.ceil(share * this.#total);
    if (left === 0) return 0;
    for (let bin = 0; bin < BINS; bin++) {
      left -= this.#counts[bin] as number;
      if (left <= 0) return Math.min(this.#max, Math.exp((bin + 1) * BIN_RATIO)) / 1_000;
    }
    return this.#max / 1_000;
  }
}
