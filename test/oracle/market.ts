// What does a scripted market show to a subscriber? Moves in, trades and book messages out, as the exchange would send them.
import { ASK, BID, SIDES, TOWARD_TOUCH, isBetter, opposite } from '../../src/market/side.ts';
import type { Side } from '../../src/market/side.ts';
import type { Tick } from '../../src/market/units.ts';
import type { PlainLevel } from './density.ts';
import type { PlainChange, PlainMessage, PlainTrade } from './life-record.ts';

/** One thing that happens; "the wall" is the largest level of the side. */
export type Move =
  | { readonly kind: 'level'; readonly side: Side; readonly offset: number; readonly lot: number }
  /** Takers go through everything before the wall and take this share of it. */
  | {
      readonly kind: 'eat';
      readonly side: Side;
      readonly percent: number;
      /** `late`: the trades arrive after the message that shows them; `ahead`: their time is later than that message's. */
      readonly when: 'before' | 'late' | 'ahead';
    }
  | { readonly kind: 'cancel' | 'refill' | 'iceberg'; readonly side: Side; readonly percent: number }
  | { readonly kind: 'move'; readonly side: Side; readonly ticks: number; readonly sizePercent: number }
  | { readonly kind: 'run'; readonly side: Side; readonly offset: number; readonly lots: readonly number[] }
  | {
      readonly kind: 'grid';
      readonly side: Side;
      readonly offset: number;
      readonly step: number;
      readonly count: number;
      readonly lot: number;
    }
  | { readonly kind: 'drift'; readonly ticks: number }
  /** The wall and what stands within two ticks of it come to this share of their size. */
  | { readonly kind: 'fade'; readonly side: Side; readonly percent: number }
  /** The wall that last changed is what it was before. */
  | { readonly kind: 'return'; readonly side: Side }
  /** A trade at the wall that takes nothing from it. */
  | { readonly kind: 'print'; readonly side: Side; readonly lot: number; readonly as: 'rpi' | 'block' | 'late' };

export interface Beat {
  readonly moves: readonly Move[];
  readonly afterMs: number;
}

export type PlainStep =
  | { readonly kind: 'trade'; readonly trade: PlainTrade }
  | { readonly kind: 'message'; readonly message: PlainMessage };

const MID = 1_002;
const START_MS = 1_000_000;

const baseLot = (tick: number): number => 4 + ((tick * 7) % 9);

/** The exchange's own book, deeper than the subscriber's window. */
class Market {
  readonly sides: readonly [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  readonly wallBefore: [PlainLevel | undefined, PlainLevel | undefined] = [undefined, undefined];

  levels(side: Side): PlainLevel[] {
    const all = [...this.sides[side]].map(([tick, lot]) => ({ tick, lot }));
    return all.toSorted((a, b) => (b.tick - a.tick) * TOWARD_TOUCH[side]);
  }

  best(side: Side): number {
    const other = this.levels(opposite(side))[0]?.tick ?? MID;
    return this.levels(side)[0]?.tick ?? other - TOWARD_TOUCH[side];
  }

  lot(side: Side, tick: number): number {
    return this.sides[side].get(tick) ?? 0;
  }

  /** An order that would cross is not placed. */
  set(side: Side, tick: number, lot: number): void {
    const other = this.levels(opposite(side))[0];
    const crosses = other !== undefined && !isBetter(side, other.tick as Tick, tick as Tick);
    if (lot <= 0) this.sides[side].delete(tick);
    else if (!crosses && tick > 0) this.sides[side].set(tick, lot);
  }

  at(side: Side, offset: number): number {
    return this.best(side) - offset * TOWARD_TOUCH[side];
  }

  wall(side: Side): PlainLevel | undefined {
    return this.levels(side).toSorted((a, b) => b.lot - a.lot)[0];
  }

  /** Ordinary levels far out, so that a side is never short of what the window shows. */
  topUp(count: number): void {
    for (const side of SIDES) {
      while (this.sides[side].size < count) {
        const worst = this.levels(side).at(-1)?.tick ?? this.best(side);
        const tick = worst - TOWARD_TOUCH[side];
        this.sides[side].set(tick, baseLot(tick));
      }
    }
  }
}

interface Print {
  readonly side: Side;
  readonly tick: number;
  readonly lot: number;
  readonly as: 'before' | 'late' | 'ahead' | 'rpi' | 'block';
}

function apply(market: Market, move: Move): Print[] {
  switch (move.kind) {
    case 'level':
      market.set(move.side, market.at(move.side, move.offset), move.lot);
      return [];
    case 'run':
      for (const [i, lot] of move.lots.entries()) market.set(move.side, market.at(move.side, move.offset + i), lot);
      return [];
    case 'grid': {
      const from = market.at(move.side, move.offset);
      for (let i = 0; i < move.count; i++)
        market.set(move.side, from - i * move.step * TOWARD_TOUCH[move.side], move.lot);
      return [];
    }
    case 'drift': {
      const retreating = move.ticks > 0 ? ASK : BID;
      const following = opposite(retreating);
      const gone = market.levels(retreating).filter((_, i) => i < Math.abs(move.ticks));
      for (const { tick } of gone) market.set(retreating, tick, 0);
      for (const { tick } of gone.slice(0, -1)) market.set(following, tick, baseLot(tick));
      return [];
    }
    case 'return': {
      const before = market.wallBefore[move.side];
      if (before !== undefined) market.set(move.side, before.tick, before.lot);
      return [];
    }
    default:
      return applyToWall(market, move);
  }
}

type WallMove = Exclude<Move, { kind: 'level' | 'run' | 'grid' | 'drift' | 'return' }>;

function applyToWall(market: Market, move: WallMove): Print[] {
  const { side } = move;
  const wall = market.wall(side);
  if (wall === undefined) return [];
  const { tick, lot } = wall;
  market.wallBefore[side] = wall;
  switch (move.kind) {
    case 'fade':
      for (const level of market.levels(side)) {
        if (Math.abs(level.tick - tick) <= 2) market.set(side, level.tick, Math.ceil((level.lot * move.percent) / 100));
      }
      return [];
    case 'cancel':
      market.set(side, tick, lot - Math.ceil((lot * move.percent) / 100));
      return [];
    case 'refill':
      market.set(side, tick, lot + Math.ceil((lot * move.percent) / 100));
      return [];
    case 'iceberg':
      return [{ side, tick, lot: Math.ceil((lot * move.percent) / 100), as: 'before' }];
    case 'move':
      market.set(side, tick, 0);
      market.set(side, tick + move.ticks, Math.round((lot * move.sizePercent) / 100));
      return [];
    case 'print':
      return [{ side, tick, lot: move.lot, as: move.as }];
    case 'eat': {
      const before = market.levels(side).filter((level) => isBetter(side, level.tick as Tick, tick as Tick));
      for (const level of before) market.set(side, level.tick, 0);
      const taken = Math.ceil((lot * move.percent) / 100);
      market.set(side, tick, lot - taken);
      return [...before, { tick, lot: taken }].map((level) => ({ side, ...level, as: move.when }));
    }
  }
}

/** The levels that differ between two windows, as a delta lists them. */
export function changesBetween(side: Side, before: readonly PlainLevel[], after: readonly PlainLevel[]): PlainChange[] {
  const old = new Map(before.map(({ tick, lot }) => [tick, lot]));
  const now = new Map(after.map(({ tick, lot }) => [tick, lot]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((tick) => ({ side, tick, oldLot: old.get(tick) ?? 0, newLot: now.get(tick) ?? 0 }))
    .filter((change) => change.oldLot !== change.newLot)
    .toSorted((a, b) => (b.tick - a.tick) * TOWARD_TOUCH[side]);
}

/** The first message shows the whole book out of nothing, as after a snapshot. */
export function playMarket(beats: readonly Beat[], depth: number): PlainStep[] {
  const market = new Market();
  const levelsMin = Math.min(depth, 14) + 4;
  market.topUp(levelsMin);
  const steps: PlainStep[] = [];
  let shown: readonly [readonly PlainLevel[], readonly PlainLevel[]] = [[], []];
  let cts = START_MS;

  for (const [i, beat] of [{ moves: [], afterMs: 0 }, ...beats].entries()) {
    const previous = cts;
    cts += beat.afterMs;
    const prints = beat.moves.flatMap((move) => apply(market, move));
    market.topUp(levelsMin);
    const sent = (print: Print, n: number): PlainStep => {
      const T = print.as === 'ahead' ? cts + 1 + (n % 7) : Math.min(cts, previous + 1 + (n % 5));
      const { tick, lot } = print;
      const taker = print.side === BID ? 'sell' : 'buy';
      return { kind: 'trade', trade: { T, taker, tick, lot, rpi: print.as === 'rpi', block: print.as === 'block' } };
    };
    steps.push(...prints.filter((print) => print.as !== 'late').map(sent));
    const sides = SIDES.map((side) => market.levels(side).slice(0, depth)) as [PlainLevel[], PlainLevel[]];
    const changes = SIDES.flatMap((side) => changesBetween(side, shown[side], sides[side]));
    const [bestBid, bestAsk] = sides.map((levels) => levels[0]?.tick ?? 0) as [number, number];
    steps.push({ kind: 'message', message: { changes, u: i + 1, cts, bestBid, bestAsk, sides } });
    steps.push(...prints.filter((print) => print.as === 'late').map(sent));
    shown = sides;
  }
  return steps;
}
