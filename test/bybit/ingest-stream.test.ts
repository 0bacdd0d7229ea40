// Can any stream of good, lost, repeated, reordered and damaged frames leave a wrong book marked live?
import { expect, test } from 'vitest';
import { createBooks } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng, type Rng } from '../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { createTape } from '../../src/tape/layout.ts';
import { damaged } from './frame-texts.ts';
import { readPlainly } from './plain-frame.ts';

const SYMBOL = 'SOLUSDT';
const SLOT = 0 as Slot;
/** Ticks of 0.05 printed with three decimals, lots of 0.5. */
const INSTRUMENT = createInstrument(SYMBOL, '0.050', '0.5', 3) as Instrument;
const FAR = 20;

type Sides = readonly [Map<number, number>, Map<number, number>];
const emptySides = (): Sides => [new Map(), new Map()];

/** The exchange: a book of at most FAR levels a side, and what it says about it. */
class Exchange {
  u = 0;
  middle = 1_000;
  sides = emptySides();
  readonly #rng: Rng;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  delta(): string {
    const rng = this.#rng;
    const said: [string[][], string[][]] = [[], []];
    const set = (side: 0 | 1, tick: number, lot: number): void => {
      if (lot === 0) this.sides[side].delete(tick);
      else this.sides[side].set(tick, lot);
      said[side].push([((tick * 50) / 1_000).toFixed(3), (lot / 2).toFixed(rng.below(3))]);
    };
    const middle = this.middle + rng.below(3) - 1;
    for (const side of [0, 1] as const) {
      for (const tick of this.sides[side].keys()) {
        const away = side === 0 ? middle - tick : tick - middle - 1;
        if (away < 0 || away >= FAR) set(side, tick, 0);
      }
      for (let i = rng.below(4); i > 0; i--) {
        const away = rng.below(FAR);
        set(side, side === 0 ? middle - away : middle + 1 + away, 2 * rng.below(50));
      }
    }
    this.middle = middle;
    return this.#frame('delta', ++this.u, said);
  }

  snapshot(): string {
    if (this.#rng.below(20) === 0) this.u = 0;
    const side = (map: Map<number, number>, sign: number) =>
      [...map]
        .toSorted((a, b) => (a[0] - b[0]) * sign)
        .map(([tick, lot]) => [((tick * 50) / 1_000).toFixed(3), (lot / 2).toFixed(1)]);
    return this.#frame('snapshot', ++this.u, [side(this.sides[0], -1), side(this.sides[1], 1)]);
  }

  #frame(type: string, u: number, [b, a]: [string[][], string[][]]): string {
    return JSON.stringify({
      topic: `orderbook.50.${SYMBOL}`,
      type,
      ts: 9,
      data: { s: SYMBOL, b, a, u, seq: u },
      cts: 8,
    });
  }
}

/** The rules of bybit-v5 4.4 over plain maps: undefined where nothing may be believed. */
class Follower {
  sides: Sides | undefined;
  u = 0;
  seq = 0;

  frame(bytes: Uint8Array): void {
    const plain = readPlainly(bytes);
    if (plain.kind !== 'book' || plain.symbol !== SYMBOL || plain.depth !== 50) return;
    const [u, seq] = plain.stamps as [number, number];
    if (!plain.snapshot && (this.sides === undefined || u !== this.u + 1 || seq < this.seq)) {
      this.sides = undefined;
      return;
    }
    const sides: Sides = plain.snapshot ? emptySides() : (this.sides as Sides);
    this.sides = undefined;
    for (const side of [0, 1] as const) {
      for (const [price, size] of [plain.bids, plain.asks][side] as [[number, number], [number, number]][]) {
        const tick = units(price, 3, 50);
        const lot = units(size, 1, 5);
        if (tick === undefined || tick === 0 || tick > 0x3fffffff || lot === undefined) return;
        if (lot === 0) sides[side].delete(tick);
        else sides[side].set(tick, lot);
      }
    }
    if (Math.max(...sides[0].keys()) >= Math.min(...sides[1].keys())) return;
    this.sides = sides;
    this.u = u;
    this.seq = seq;
  }

  levels(side: 0 | 1): number[][] {
    const sign = side === 0 ? -1 : 1;
    return [...(this.sides as Sides)[side]].toSorted((a, b) => (a[0] - b[0]) * sign);
  }
}

function units([digits, decimals]: [number, number], scale: number, unit: number): number | undefined {
  const scaled = BigInt(digits) * 10n ** BigInt(scale);
  const divisor = BigInt(unit) * 10n ** BigInt(decimals);
  return scaled % divisor === 0n ? Number(scaled / divisor) : undefined;
}

test('B01 B02 B03 B11: over forty thousand frames with every fault a book marked live is the book that was told', () => {
  let [live, lost] = [0, 0];
  for (let seed = 1; seed <= 4; seed++) {
    const rng = createRng(seed);
    const ingest = new Ingest(createBooks(1), createTape(1));
    ingest.attach(SLOT, INSTRUMENT, 50);
    ingest.bind(SLOT, 1);
    const exchange = new Exchange(rng);
    const follower = new Follower();
    const held: string[] = [];
    const hear = (bytes: Uint8Array): void => {
      const before = ingest.trust(SLOT);
      const outcome = ingest.frame(bytes, 1, 1 as Ms);
      follower.frame(bytes);
      // What nobody can read may have been ours: then the book is given up at once, otherwise its next u tells.
      if (outcome === 'unreadable' && before === 'live' && ingest.trust(SLOT) !== 'live') follower.sides = undefined;
      const wanted = follower.sides === undefined ? 'not live' : [follower.levels(0), follower.levels(1)];
      const told =
        ingest.trust(SLOT) === 'live' ? [ingest.readSide(SLOT, 0, 999), ingest.readSide(SLOT, 1, 999)] : 'not live';
      if (JSON.stringify(told) !== JSON.stringify(wanted))
        throw new Error(`seed ${seed}, ${outcome}: ${Buffer.from(bytes).toString('latin1')}`);
      if (told === 'not live') lost++;
      else live++;
    };
    for (let i = 0; i < 10_000; i++) {
      const snapshot = follower.sides === undefined ? rng.below(6) === 0 : rng.below(300) === 0;
      const text = snapshot ? exchange.snapshot() : exchange.delta();
      const fate = rng.below(60);
      if (fate === 0) continue; // lost
      if (fate === 1) hear(Buffer.from(text)); // and again below
      if (fate === 2) held.push(text);
      else if (fate <= 5) hear([...damaged(text, 1, rng)][1] as Uint8Array);
      else hear(Buffer.from(text));
      if (held.length > 0 && rng.below(3) === 0) hear(Buffer.from(held.shift() as string));
    }
  }
  expect(live).toBeGreaterThan(10_000);
  expect(lost).toBeGreaterThan(2_000);
});
