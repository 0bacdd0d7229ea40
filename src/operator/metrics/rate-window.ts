// By how much has a counter grown within a window? Samples, thinned out so that an hour needs no more of them than a minute.

const SAMPLES = 120;

export class RateWindow {
  readonly #windowMs: number;
  #samples: { readonly at: number; readonly value: number }[] = [];
  #last: { readonly at: number; readonly value: number } | undefined;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(at: number, value: number): void {
    // A counter that has fallen has begun anew.
    if (this.#last !== undefined && value < this.#last.value) this.#samples = [];
    this.#last = { at, value };
    const newest = this.#samples.at(-1);
    if (newest === undefined || at - newest.at >= this.#windowMs / SAMPLES) this.#samples.push(this.#last);
    // The sample just outside of the window is its begin.
    while ((this.#samples[1]?.at ?? Infinity) <= at - this.#windowMs) this.#samples.shift();
  }

  get growth(): number {
    return (this.#last?.value ?? 0) - (this.#samples[0]?.value ?? 0);
  }

  get perSecond(): number {
    const begin = this.#samples[0];
    if (begin === undefined || this.#last === undefined || this.#last.at <= begin.at) return 0;
    return (this.growth * 1_000) / (this.#last.at - begin.at);
  }
}
