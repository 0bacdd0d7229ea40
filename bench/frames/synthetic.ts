// Where do reproducible Bybit frames come from? A deeper book is evolved from a seed; each frame is the difference of its top-N window.
import { createRng } from '../../src/lib/rng.ts';
import type { Rng } from '../../src/lib/rng.ts';
import { createInstrument, priceText, sizeText, tickFromDecimal } from '../../src/market/instrument.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import { ASK, BID, TOWARD_TOUCH, opposite } from '../../src/market/side.ts';
import type { Side } from '../../src/market/side.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { hashFrames } from './frame-set.ts';
import type { FrameSet } from './frame-set.ts';
import { BENCH_SYMBOLS } from './symbols.ts';

const START_MS = 1_786_310_820_000;
const INTERVAL_MS = 20;
/** Level events a message: 2 + three exponentials, which gives the published spread (5 % at 3, 99 % at 26 to 28). */
const EVENTS_MIN = 2;
const EVENT_MEAN = 2.55;
const PRICE_MOVES = 0.12;
const PRICE_MOVE_TICKS_MAX = 4;
/** Levels beyond the window, so that those who enter it are real ones. */
const BEYOND_WINDOW = 40;

interface Row {
  tick: number;
  lot: number;
}

interface Market extends Sizes {
  readonly instrument: Instrument;
  /** Touch outward, longer than the window. */
  readonly rows: readonly [Row[], Row[]];
  /** The window as it was last sent. */
  sent: readonly [Row[], Row[]];
  u: number;
  seq: number;
  ms: number;
}

/**
 * Log-normal sizes around 2,000 USDT a level, as coins have them that move most; the recorded majors have ten times that, and
 * twenty densities a book. One level in 150 is worth a density.
 */
const LEVEL_USDT_MEDIAN = 2_000;
const LEVEL_SIGMA = 1.3;
/**
 * Small levels flicker, large ones rest: in the recording one message in fourteen brings a new density, and the median one
 * lives for minutes. A large level is changed by a few percent, and goes or comes once in so many times.
 */
const LARGE_FACTOR = 25;
const LARGE_CHANGES = 0.06;
const LARGE_ARRIVES = 1 / 10;

interface Sizes {
  readonly rng: Rng;
  readonly lotMedian: number;
}

const lotDraw = ({ rng, lotMedian }: Sizes): number =>
  Math.max(1, Math.round(lotMedian * Math.exp(LEVEL_SIGMA * rng.normal())));

/** What becomes of a level whose size changes; undefined where it is a large one and stays. */
function nextLot(lot: number, sizes: Sizes): number | undefined {
  const { rng, lotMedian } = sizes;
  const large = LARGE_FACTOR * lotMedian;
  if (lot >= large)
    return rng.next() < 0.5 ? undefined : Math.max(1, Math.round(lot * (1 + LARGE_CHANGES * (rng.next() - 0.5))));
  const drawn = lotDraw(sizes);
  return drawn < large || rng.next() < LARGE_ARRIVES ? drawn : Math.max(1, Math.round(lotMedian * rng.next()));
}

/** Places a level `distance` ticks outward of the touch, or at the first empty tick beyond. */
function insertLevel(rows: Row[], side: Side, distance: number, sizes: Sizes): void {
  const outward = -TOWARD_TOUCH[side];
  let tick = (rows[0] as Row).tick + outward * distance;
  let at = 0;
  while (at < rows.length && ((rows[at] as Row).tick - tick) * outward < 0) at++;
  while (at < rows.length && (rows[at] as Row).tick === tick) {
    tick += outward;
    at++;
  }
  rows.splice(at, 0, { tick, lot: nextLot(0, sizes) ?? 1 });
}

function extendOutward(rows: Row[], side: Side, length: number, sizes: Sizes): void {
  while (rows.length < length) {
    const gap = sizes.rng.next() < 0.8 ? 1 : 2;
    rows.push({ tick: (rows.at(-1) as Row).tick - TOWARD_TOUCH[side] * gap, lot: lotDraw(sizes) });
  }
}

function startMarket(index: number, depth: number, seed: number): Market {
  const row = BENCH_SYMBOLS[index] as (typeof BENCH_SYMBOLS)[number];
  const instrument = createInstrument(row.symbol, row.tickSize, row.qtyStep, row.priceScale) as Instrument;
  const rng = createRng(seed).fork(row.symbol);
  const bestBid = tickFromDecimal(row.price, instrument) as Tick;
  const sizes = { rng, lotMedian: LEVEL_USDT_MEDIAN / (bestBid * instrument.notionalUnit) };
  const bids: Row[] = [{ tick: bestBid, lot: lotDraw(sizes) }];
  const asks: Row[] = [{ tick: bestBid + 1, lot: lotDraw(sizes) }];
  extendOutward(bids, BID, depth + BEYOND_WINDOW, sizes);
  extendOutward(asks, ASK, depth + BEYOND_WINDOW, sizes);
  // The service's own restart number: each pass over the stream may then begin with these snapshots again.
  const market: Market = {
    instrument,
    ...sizes,
    rows: [bids, asks],
    sent: [[], []],
    u: 1,
    seq: 7_000_000_000 + index,
    ms: START_MS,
  };
  market.sent = [window(market, BID, depth), window(market, ASK, depth)];
  return market;
}

function window(market: Market, side: Side, depth: number): Row[] {
  return market.rows[side].slice(0, depth).map((row) => ({ tick: row.tick, lot: row.lot }));
}

/** The market trades through 1 to 4 ticks of one side; the other side follows. */
function movePrice(market: Market): void {
  const { rng, rows } = market;
  const eaten: Side = rng.next() < 0.5 ? BID : ASK;
  const ticks = 1 + rng.below(PRICE_MOVE_TICKS_MAX);
  const limit = (rows[eaten][0] as Row).tick - TOWARD_TOUCH[eaten] * ticks;
  while (((rows[eaten][0] as Row).tick - limit) * TOWARD_TOUCH[eaten] > 0) rows[eaten].shift();
  const follower = opposite(eaten);
  const best = (rows[eaten][0] as Row).tick + TOWARD_TOUCH[eaten];
  while ((best - (rows[follower][0] as Row).tick) * TOWARD_TOUCH[follower] > 0) {
    rows[follower].unshift({ tick: (rows[follower][0] as Row).tick + TOWARD_TOUCH[follower], lot: lotDraw(market) });
  }
}

function evolve(market: Market, depth: number): void {
  const { rng, rows } = market;
  const events =
    EVENTS_MIN + Math.round(rng.exponential(EVENT_MEAN) + rng.exponential(EVENT_MEAN) + rng.exponential(EVENT_MEAN));
  if (rng.next() < PRICE_MOVES) movePrice(market);
  for (let event = 0; event < events; event++) {
    const side: Side = rng.next() < 0.5 ? BID : ASK;
    const distance = Math.floor(rng.exponential(depth / 4));
    const kind = rng.next();
    if (kind < 0.7) {
      const row = rows[side][distance];
      const lot = row === undefined ? undefined : nextLot(row.lot, market);
      if (row !== undefined && lot !== undefined) row.lot = lot;
    } else if (kind < 0.85) {
      // The best level goes only with the price: the touch is what the two sides agree on.
      const row = rows[side][distance];
      if (
        distance > 0 &&
        row !== undefined &&
        (row.lot < LARGE_FACTOR * market.lotMedian || rng.next() < LARGE_CHANGES)
      ) {
        rows[side].splice(distance, 1);
      }
    } else insertLevel(rows[side], side, 1 + distance, market);
  }
  for (const side of [BID, ASK] as const) {
    extendOutward(rows[side], side, depth + BEYOND_WINDOW, market);
    rows[side].length = Math.min(rows[side].length, depth + 2 * BEYOND_WINDOW);
  }
}

/** Levels that changed between two windows, touch outward; one that left comes with size 0. */
function differences(before: readonly Row[], after: readonly Row[], side: Side): Row[] {
  const changed: Row[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const old = before[i];
    const now = after[j];
    const order = old === undefined ? 1 : now === undefined ? -1 : (now.tick - old.tick) * TOWARD_TOUCH[side];
    if (order < 0) {
      changed.push({ tick: (old as Row).tick, lot: 0 });
      i++;
    } else if (order > 0) {
      changed.push(now as Row);
      j++;
    } else {
      if ((old as Row).lot !== (now as Row).lot) changed.push(now as Row);
      i++;
      j++;
    }
  }
  return changed;
}

function rowsText(rows: readonly Row[], instrument: Instrument): string {
  return rows
    .map(
      ({ tick, lot }) =>
        `["${priceText(tick as Tick, instrument)}","${lot === 0 ? '0' : sizeText(lot as Lot, instrument)}"]`,
    )
    .join(',');
}

/** In the exchange's own order of fields. */
function frameText(
  market: Market,
  depth: number,
  type: 'snapshot' | 'delta',
  bids: readonly Row[],
  asks: readonly Row[],
): Buffer {
  const { instrument } = market;
  return Buffer.from(
    `{"topic":"orderbook.${depth}.${instrument.symbol}","type":"${type}","ts":${market.ms + 2},"data":{"s":"${instrument.symbol}",` +
      `"b":[${rowsText(bids, instrument)}],"a":[${rowsText(asks, instrument)}],"u":${market.u},"seq":${market.seq}},"cts":${market.ms}}`,
  );
}

/** `symbols` markets of `depth` levels a side, `deltas` frames in all; the same arguments give the same bytes. */
export function syntheticFrames(depth: number, symbols: number, deltas: number, seed: number): FrameSet {
  const markets = Array.from({ length: symbols }, (_, index) => startMarket(index, depth, seed));
  const snapshots = markets.map((market) => frameText(market, depth, 'snapshot', ...market.sent));
  const order = createRng(seed).fork('order');
  const frames: Buffer[] = [];
  let changes = 0;
  const turn = markets.map((_, index) => index);
  for (let place = 0; frames.length < deltas; place = (place + 1) % symbols) {
    // Every market once a round, each round in another order.
    const other = place + order.below(symbols - place);
    [turn[place], turn[other]] = [turn[other] as number, turn[place] as number];
    const market = markets[turn[place] as number] as Market;
    evolve(market, depth);
    market.ms += INTERVAL_MS;
    const after = [window(market, BID, depth), window(market, ASK, depth)] as const;
    const bids = differences(market.sent[BID], after[BID], BID);
    const asks = differences(market.sent[ASK], after[ASK], ASK);
    market.sent = after;
    // An interval without change sends nothing.
    if (bids.length + asks.length === 0) continue;
    market.u++;
    market.seq += 1 + market.rng.below(40);
    changes += bids.length + asks.length;
    frames.push(frameText(market, depth, 'delta', bids, asks));
  }
  const grids = BENCH_SYMBOLS.slice(0, symbols).map(({ symbol, tickSize, qtyStep, priceScale }) => ({
    symbol,
    tickSize,
    qtyStep,
    priceScale,
  }));
  return {
    source: 'synthetic',
    depth,
    grids,
    snapshots,
    deltas: frames,
    changes,
    sha256: hashFrames(snapshots, frames),
  };
}
