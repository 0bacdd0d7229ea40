// What does an exchange say to a book that is watched closely: the ordinary, the odd and the impossible?
import { formatDecimal } from '../../../src/market/decimal.ts';
import type { Rng } from '../../../src/lib/rng.ts';

export const DEPTH = 50;
const TICK = 5; // 0.05
const MIDDLE = 100_000;
const FAR = 9_000;

type Row = readonly [price: string, size: string];

/** One symbol: follows its own `u`, and forgets nothing else. */
export class Market {
  u = 1;
  middle = MIDDLE;
  readonly symbol: string;
  readonly #rng: Rng;

  constructor(symbol: string, rng: Rng) {
    this.symbol = symbol;
    this.#rng = rng;
  }

  snapshot(): string {
    this.u = 1 + this.#rng.below(5);
    this.middle = MIDDLE + this.#rng.below(300);
    const side = (sign: number) =>
      Array.from({ length: 1 + this.#rng.below(DEPTH) }, (_, i) =>
        this.#row(this.middle + sign * (1 + i * (1 + this.#rng.below(2))), this.#lot()),
      );
    return this.#text('snapshot', side(-1), side(1));
  }

  delta(): string {
    const rng = this.#rng;
    const sides: [Row[], Row[]] = [[], []];
    for (const side of [0, 1] as const) {
      for (let count = rng.below(7); count > 0; count--) sides[side].push(this.#change(side));
      if (rng.below(40) === 0) for (let i = 0; i < 70; i++) sides[side].push(this.#row(this.#tick(side, i), 9));
      if (rng.below(60) === 0) for (let i = 0; i < 900; i++) sides[side].push(this.#row(this.#tick(side, i), 0));
      if (rng.below(20) === 0 && sides[side].length > 0) sides[side].push(sides[side][0] as Row);
    }
    if (rng.below(6) === 0) this.middle += rng.below(9) - 4;
    if (rng.below(400) === 0) this.middle += rng.below(2 * FAR) - FAR;
    const fault = rng.below(150);
    if (fault > 1) this.u++;
    if (fault === 1) this.u += 2;
    return this.#text('delta', ...sides);
  }

  #tick(side: 0 | 1, away: number): number {
    return side === 0 ? this.middle - 1 - away : this.middle + 1 + away;
  }

  #change(side: 0 | 1): Row {
    const rng = this.#rng;
    const away = rng.below(50) === 0 ? rng.below(FAR) : rng.below(30);
    const tick = rng.below(400) === 0 ? this.#tick(side, -5) : this.#tick(side, away);
    const row = this.#row(tick, rng.below(3) === 0 ? 0 : this.#lot());
    if (rng.below(300) === 0) return [`${row[0]}1`, row[1]];
    if (rng.below(900) === 0) return [`${row[0]}${'0'.repeat(10)}`, row[1]]; // more digits than are exact
    return rng.below(300) === 0 ? [row[0], '0.00001'] : row;
  }

  #lot(): number {
    return this.#rng.below(500) === 0
      ? 40_000_000_000_000 + this.#rng.below(1_000_000_000)
      : 1 + this.#rng.below(5_000);
  }

  /** Prices with two decimals, sizes of steps of 0.002 with three; now and then with others that say the same. */
  #row(tick: number, lot: number): Row {
    const rng = this.#rng;
    const price = formatDecimal(tick * TICK, 2);
    const size = lot === 0 ? ['0', '0.000', '0.0'][rng.below(3)] : formatDecimal(lot * 2, 3);
    const odd = rng.below(30);
    if (odd === 0) return [`${price}000`, size as string];
    if (odd === 1 && price.endsWith('0')) return [price.slice(0, -1), size as string];
    if (odd === 2) return [price, `${size}${size?.includes('.') === true ? '' : '.'}0`];
    return [price, size as string];
  }

  #text(type: string, b: readonly Row[], a: readonly Row[]): string {
    const rng = this.#rng;
    const data = { s: this.symbol, b, a, u: this.u, seq: 7 * this.u };
    const sent = 1_786_310_000_000 + this.u;
    const frame = {
      topic: `orderbook.${DEPTH}.${this.symbol}`,
      type,
      ts: rng.below(60) === 0 ? sent + rng.below(20_001) - 10_000 : sent,
      data,
      cts: rng.below(60) === 0 ? sent + rng.below(20_001) - 10_000 : sent - 4,
    };
    if (rng.below(25) !== 0) return JSON.stringify(frame);
    const shuffled = <Value extends object>(value: Value): object =>
      Object.fromEntries(
        Object.entries(value)
          .map((entry) => [rng.next(), entry] as const)
          .toSorted(([one], [other]) => one - other)
          .map(([, entry]) => entry),
      );
    return JSON.stringify(shuffled({ ...frame, data: shuffled(data) }));
  }
}
