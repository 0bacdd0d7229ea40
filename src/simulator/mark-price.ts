// What is a contract worth, beyond its last trade? The mark follows the last price with a half-life of about four seconds.
const HALF_LIFE_MS = 4_000;
const INDEX_PREMIUM = 1.00002;

export class MarkPrice {
  #mark: number;
  #atMs: number;
  #apartTicks = 0;
  #apartUntilMs = 0;

  constructor(tick: number, nowMs: number) {
    this.#mark = tick;
    this.#atMs = nowMs;
  }

  /** Until now the last price was `lastTick`: called before it changes. Reading changes nothing, so readers leave no trace. */
  follow(lastTick: number, nowMs: number): void {
    this.#mark = this.#smoothed(lastTick, nowMs);
    this.#atMs = nowMs;
  }

  /** In ticks, with a fraction. */
  at(lastTick: number, nowMs: number): number {
    const apart = nowMs < this.#apartUntilMs ? this.#apartTicks : 0;
    return Math.max(1, this.#smoothed(lastTick, nowMs) + apart);
  }

  tick(lastTick: number, nowMs: number): number {
    return Math.round(this.at(lastTick, nowMs));
  }

  indexTick(lastTick: number, nowMs: number): number {
    return Math.round(this.at(lastTick, nowMs) * INDEX_PREMIUM);
  }

  /** Mark and last price part by so many ticks. */
  part(ticks: number, untilMs: number): void {
    this.#apartTicks = ticks;
    this.#apartUntilMs = untilMs;
  }

  #smoothed(lastTick: number, nowMs: number): number {
    const share = 1 - 2 ** (-(nowMs - this.#atMs) / HALF_LIFE_MS);
    return this.#mark + (lastTick - this.#mark) * share;
  }
}
