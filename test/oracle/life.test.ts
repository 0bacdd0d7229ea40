// Does a density live and die as strategy 3 tells it? A scripted market of one wall, and random ones for what must always hold.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASK, BID, SIDES } from '../../src/market/side.ts';
import type { Side } from '../../src/market/side.ts';
import { arbitrarySession } from './arbitrary.ts';
import type { PlainSession } from './arbitrary.ts';
import { PlainLives } from './life.ts';
import type { PlainEvent, PlainLabel, PlainLife, PlainTrade } from './life-record.ts';
import { changesBetween } from './market.ts';
import { DEFAULTS } from './params.ts';
import type { PlainParams } from './params.ts';

const LABELS: readonly PlainLabel[] = ['eaten', 'pulled', 'moved', 'absorbed', 'out_of_view', 'unknown', 'held'];
const DEPTH = 10;

/** Bids from 1 000 down and asks from 1 001 up in ordinary sizes, one wall of 100 at 998 unless told otherwise. */
class Street {
  readonly lives: PlainLives;
  readonly lots: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  now = 10_000;
  #u = 0;

  constructor(params: Partial<PlainParams> = {}) {
    this.lives = new PlainLives(DEPTH, { notionalUnit: 1 }, { ...DEFAULTS, ...params });
    for (let i = 0; i < 40; i++) {
      this.lots[BID].set(1_000 - i, 10 + (i % 3));
      this.lots[ASK].set(1_001 + i, 10 + (i % 3));
    }
  }

  put(side: Side, tick: number, lot: number): this {
    if (lot === 0) this.lots[side].delete(tick);
    else this.lots[side].set(tick, lot);
    return this;
  }

  /** `ago`: how long before the next message's time the trade was made. */
  sell(tick: number, lot: number, more: Partial<PlainTrade> = {}): this {
    this.lives.trade({ T: this.now + 1, taker: 'sell', tick, lot, rpi: false, block: false, ...more });
    return this;
  }

  /** The next message, and what its scan says. */
  after(ms: number, kind: 'message' | 'resync' = 'message'): PlainEvent[] {
    this.now += ms;
    const side = (which: Side, sign: number) =>
      [...this.lots[which]]
        .map(([tick, lot]) => ({ tick, lot }))
        .toSorted((a, b) => (a.tick - b.tick) * sign)
        .slice(0, DEPTH);
    const sides = [side(BID, -1), side(ASK, 1)] as const;
    this.#u += 1;
    const [bestBid, bestAsk] = [sides[0][0]?.tick ?? 0, sides[1][0]?.tick ?? 0];
    return this.lives[kind]({ changes: [], u: this.#u, cts: this.now, bestBid, bestAsk, sides });
  }

  get only(): PlainLife {
    const [life, ...others] = this.lives.all;
    if (life === undefined || others.length > 0) throw new Error(`${others.length + (life ? 1 : 0)} lives, not one`);
    return life;
  }
}

/** A wall of 100 lots at 998 that has been confirmed. */
function confirmedWall(params: Partial<PlainParams> = {}): Street {
  const street = new Street(params).put(BID, 998, 100);
  street.after(0);
  street.after(3_000);
  expect(street.only.state).toBe('confirmed');
  return street;
}

const state = (street: Street): string => street.only.state;
const sums = ({ eaten, pulled, refilled, traded }: PlainLife): number[] =>
  [eaten, pulled, refilled, traded].map((sum) => sum / 998);

describe('from forming to confirmed', () => {
  test('a wall is born forming and confirmed when it has stood for the minimum life', () => {
    const street = new Street().put(BID, 998, 100);
    expect(street.after(0)).toEqual([
      {
        kind: 'born',
        id: 0,
        side: BID,
        lowTick: 998,
        highTick: 998,
        firstSeenMs: street.now,
        notional: 99_800,
      },
    ]);
    expect(street.after(2_999)).toEqual([]);
    expect(street.after(1)).toEqual([{ kind: 'state', id: 0, state: 'confirmed' }]);
    expect(street.only.confirmedMs).toBe(13_000);
  });
  test('one that is no longer detected stays forming, followed all the same', () => {
    const street = new Street().put(BID, 998, 100);
    street.after(0);
    street.put(BID, 998, 40).after(3_000);
    expect(state(street)).toBe('forming');
    street.put(BID, 998, 100).after(10);
    expect(state(street)).toBe('confirmed');
  });
  test('a flicker is gone before it is confirmed, and ends with a label', () => {
    const street = new Street().put(BID, 998, 100);
    street.after(0);
    expect(street.put(BID, 998, 0).after(100)).toEqual([{ kind: 'state', id: 0, state: 'gone' }]);
    expect(street.after(3_001)).toEqual([{ kind: 'label', id: 0, label: 'pulled' }]);
    expect(street.only.confirmedMs).toBeUndefined();
  });
  test('gone and back within the window, a forming wall is forming again', () => {
    const street = new Street().put(BID, 998, 100);
    street.after(0);
    street.put(BID, 998, 0).after(100);
    street.put(BID, 998, 100).after(100);
    expect(state(street)).toBe('forming');
  });
});

describe('erosion', () => {
  test('ninety percent of the peak is whole, less is eroding', () => {
    const street = confirmedWall();
    street.put(BID, 998, 90).after(10);
    expect(state(street)).toBe('confirmed');
    street.put(BID, 998, 89).after(10);
    expect(state(street)).toBe('eroding');
  });
  test('the peak that counts is the largest of the last minute', () => {
    const street = confirmedWall();
    street.put(BID, 998, 95).after(10);
    street.after(59_999);
    street.put(BID, 998, 89).after(0);
    expect(state(street)).toBe('eroding');
    const patient = confirmedWall();
    patient.put(BID, 998, 95).after(10);
    patient.after(60_000);
    patient.put(BID, 998, 89).after(0);
    expect(state(patient)).toBe('confirmed');
    expect(patient.only.peak).toBe(99_800);
  });
  test('a size that held through a silence still was the peak', () => {
    const street = confirmedWall();
    street.put(BID, 998, 60).after(600_000);
    expect(state(street)).toBe('eroding');
  });
  test('it is confirmed again after the minimum life without a further fall over 2 %', () => {
    const street = confirmedWall();
    street.put(BID, 998, 80).after(10);
    street.put(BID, 998, 79).after(2_000);
    street.after(999);
    expect(state(street)).toBe('eroding');
    street.after(1);
    expect(state(street)).toBe('confirmed');
    street.after(10);
    expect(state(street)).toBe('confirmed');
    const falling = confirmedWall();
    falling.put(BID, 998, 80).after(10);
    falling.put(BID, 998, 78).after(2_000);
    falling.after(1_000);
    expect(state(falling)).toBe('eroding');
    falling.after(2_000);
    expect(state(falling)).toBe('confirmed');
  });
  test('but only while it is still detected', () => {
    const street = confirmedWall();
    street.put(BID, 998, 40).after(10);
    street.after(5_000);
    expect(state(street)).toBe('eroding');
  });
  test('under a tenth of the peak it is gone; back over the floor it is eroding', () => {
    const street = confirmedWall();
    street.put(BID, 998, 10).after(10);
    expect(state(street)).toBe('eroding');
    street.put(BID, 998, 9).after(10);
    expect(state(street)).toBe('gone');
    street.put(BID, 998, 100).after(2_999);
    expect(state(street)).toBe('eroding');
    street.after(3_000);
    expect(state(street)).toBe('confirmed');
    expect(street.lives.all).toHaveLength(1);
  });
});

describe('where the size went', () => {
  const cases: [string, number, number, number[]][] = [
    ['a fall without trades is pulled', 60, 0, [0, 40, 0, 0]],
    ['a fall that trades explain is eaten', 60, 40, [40, 0, 0, 40]],
    ['what trades leave unexplained is pulled', 60, 30, [30, 10, 0, 30]],
    ['what trades more than it fell is refilled', 60, 50, [40, 0, 10, 50]],
    ['an iceberg: traded and as large as before', 100, 25, [0, 0, 25, 25]],
    ['grown in spite of trades', 110, 25, [0, 0, 35, 25]],
    ['grown', 110, 0, [0, 0, 10, 0]],
  ];
  test.each(cases)('%s', (_, left, volume, expected) => {
    const street = confirmedWall();
    if (volume > 0) street.sell(998, volume);
    street.put(BID, 998, left).after(10);
    expect(sums(street.only)).toEqual(expected);
    expect(street.only.current).toBe(998 * left);
  });
  test('only takers of the right side at the right price count', () => {
    const street = confirmedWall();
    street.sell(998, 40, { taker: 'buy' }).sell(999, 40).sell(997, 40);
    street.put(BID, 998, 60).after(10);
    expect(sums(street.only)).toEqual([0, 40, 0, 0]);
  });
  test('retail-improvement trades are summed apart, block trades not at all', () => {
    const street = confirmedWall();
    street.sell(998, 40, { rpi: true }).sell(998, 40, { block: true });
    street.put(BID, 998, 60).after(10);
    expect(sums(street.only)).toEqual([0, 40, 0, 0]);
    expect(street.only.rpi).toBe(998 * 40);
  });
  test('a trade made after the message waits for the next', () => {
    const street = confirmedWall();
    street.sell(998, 30, { T: street.now + 15 });
    street.put(BID, 998, 80).after(10);
    expect(sums(street.only)).toEqual([0, 20, 0, 0]);
    street.put(BID, 998, 50).after(10);
    expect(sums(street.only)).toEqual([30, 20, 0, 30]);
  });
  test('a trade that comes after its message turns pulled into eaten, and is refilled beyond that', () => {
    const street = confirmedWall();
    street.put(BID, 998, 60).after(10);
    street.sell(998, 50, { T: street.now });
    expect(sums(street.only)).toEqual([40, 0, 10, 50]);
    expect(street.only.current).toBe(998 * 60);
  });
  test('nothing is moved once the label is final', () => {
    const street = confirmedWall();
    street.put(BID, 998, 0).after(10);
    street.after(3_001);
    street.sell(998, 100, { T: street.now - 3_001 });
    expect(street.only.label).toBe('pulled');
    expect(sums(street.only)).toEqual([0, 100, 0, 0]);
  });
  test('what happened up to its birth is not counted', () => {
    const street = new Street();
    street.after(0);
    street.sell(998, 50);
    street.put(BID, 998, 100).after(10);
    street.sell(998, 50, { T: street.now });
    expect(sums(street.only)).toEqual([0, 0, 0, 0]);
  });
});

describe('labels', () => {
  test('the larger sum decides between eaten and pulled when the window ends', () => {
    const eaten = confirmedWall();
    eaten.sell(998, 51).put(BID, 998, 0).after(10);
    expect(eaten.after(3_000)).toEqual([]);
    expect(eaten.after(1)).toEqual([{ kind: 'label', id: 0, label: 'eaten' }]);
    const pulled = confirmedWall();
    pulled.sell(998, 50).put(BID, 998, 0).after(10);
    expect(pulled.after(3_001)).toEqual([{ kind: 'label', id: 0, label: 'pulled' }]);
  });
  test('the same size nearby is the wall that moved, in the same message or within the window, and keeps its age', () => {
    for (const laterMs of [0, 2_000]) {
      const street = confirmedWall();
      street.put(BID, 998, 0);
      if (laterMs > 0) street.after(10);
      const events = street.put(BID, 992, 91).after(10 + laterMs);
      expect(events).toMatchObject([
        { kind: 'label', id: 0, label: 'moved' },
        { kind: 'born', id: 1, lowTick: 992, firstSeenMs: 10_000 },
        { kind: 'state', id: 1, state: 'confirmed' },
      ]);
    }
  });
  test.each([
    ['too late', 992, 100, 3_001, 0],
    ['too small', 992, 89, 10, 0],
    ['too large', 992, 112, 10, 0],
    ['too far', 987, 100, 10, 0],
    ['when it was eaten', 992, 100, 10, 60],
  ])('but not %s', (_, tick, lot, ms, sold) => {
    const street = new Street({ densityShareBandPercent: 5 }).put(BID, 998, 100);
    // The worst bids leave, so that 987 is visible.
    for (const gap of [999, 997, 996, 995, 994]) street.put(BID, gap, 0);
    street.after(0);
    street.after(3_000);
    if (sold > 0) street.sell(998, sold);
    street.put(BID, 998, 0).after(10);
    street.put(BID, tick, lot).after(ms);
    expect(street.lives.all).toHaveLength(2);
    street.after(10_000);
    expect(street.lives.all[0]!.label).toBe(sold > 0 ? 'eaten' : 'pulled');
    expect(street.lives.all[1]!.firstSeenMs).toBeGreaterThan(13_000);
  });
  test('out of view for long enough; until then its size is frozen', () => {
    const street = confirmedWall();
    for (let i = 0; i < 20; i++) street.put(BID, 1_001 + i, 12).put(ASK, 1_001 + i, 0);
    expect(street.after(10)).toEqual([]);
    expect(street.only).toMatchObject({ current: 99_800, pulled: 0, state: 'confirmed' });
    expect(street.after(59_999)).toEqual([]);
    expect(street.after(1)).toEqual([{ kind: 'label', id: 0, label: 'out_of_view' }]);
  });
  test('back in view smaller, the rest was pulled out of sight; the clock of absence starts anew', () => {
    const street = confirmedWall();
    const rise = (lot: number): void => {
      for (let i = 0; i < 20; i++) street.put(BID, 1_001 + i, lot).put(ASK, 1_001 + i, 12 - lot);
    };
    rise(12);
    street.after(10);
    rise(0);
    street.put(BID, 998, 70).after(50_000);
    expect(sums(street.only)).toEqual([0, 30, 0, 0]);
    expect(state(street)).toBe('eroding');
    rise(12);
    street.after(50_000);
    street.after(59_999);
    expect(street.only.label).toBeUndefined();
  });
  test('cancelled out of sight, it is seen to be missing when its price is visible again', () => {
    const street = confirmedWall();
    for (let i = 0; i < 20; i++) street.put(BID, 1_001 + i, 12).put(ASK, 1_001 + i, 0);
    street.after(10);
    for (let i = 0; i < 20; i++) street.put(BID, 1_001 + i, 0).put(ASK, 1_001 + i, 12);
    street.put(BID, 998, 0).after(10);
    expect(state(street)).toBe('gone');
    expect(sums(street.only)).toEqual([0, 100, 0, 0]);
  });
  test('on a side that is not full nothing is out of view', () => {
    const street = confirmedWall();
    for (let i = 0; i < 40; i++) street.put(BID, 1_000 - i, i < 5 ? 10 : 0);
    street.put(BID, 998, 0).after(10);
    expect(state(street)).toBe('gone');
  });
  test('a lost book: half the size still there goes on, less is unknown', () => {
    const street = confirmedWall();
    street.sell(998, 20).put(BID, 998, 50).after(10, 'resync');
    expect(street.only).toMatchObject({ unknown: -49_900, eaten: 0, pulled: 0, state: 'eroding', label: undefined });
    expect(street.put(BID, 998, 24).after(10, 'resync')).toEqual([{ kind: 'label', id: 0, label: 'unknown' }]);
    expect(confirmedWall().lives.lose()).toEqual([{ kind: 'label', id: 0, label: 'unknown' }]);
  });
  test('at the end of the run what lives is held, what is gone has its cause', () => {
    expect(confirmedWall().lives.finish()).toEqual([{ kind: 'label', id: 0, label: 'held' }]);
    const gone = confirmedWall();
    gone.sell(998, 100).put(BID, 998, 0).after(10);
    expect(gone.lives.finish()).toEqual([{ kind: 'label', id: 0, label: 'eaten' }]);
  });
  test('crossed: the mid went past the far price while the label was open', () => {
    const street = confirmedWall();
    street.put(BID, 1_000, 0).put(BID, 999, 0).put(BID, 998, 0).put(ASK, 999, 5).put(ASK, 998, 5).after(10);
    // Bid 997 and ask 998: the mid is below 998.
    expect(street.only.crossed).toBe(true);
    const near = confirmedWall();
    near.put(BID, 1_000, 0).put(BID, 999, 0).put(BID, 998, 0).put(ASK, 999, 5).after(10);
    // Bid 997 and ask 999: the mid is at 998, not past it.
    expect(near.only.crossed).toBe(false);
  });
});

describe('one density, several extents', () => {
  // Two levels that are dense only together, beside one that comes to be dense alone.
  const params = { densityThresholdAbs: 70_000, clusterMaxLevels: 2 };
  test('a cluster that comes down to a single level is the same life', () => {
    const street = new Street(params).put(BID, 998, 60).put(BID, 997, 55);
    street.after(0);
    expect(street.only).toMatchObject({ lowTick: 997, highTick: 998, initial: 998 * 60 + 997 * 55 });
    street.sell(998, 1).put(BID, 998, 59).after(10);
    street.put(BID, 998, 120).put(BID, 997, 10).after(10);
    expect(street.only).toMatchObject({ lowTick: 998, highTick: 998, current: 998 * 120, peak: 998 * 120 });
    expect(street.only).toMatchObject({ initial: 998 * 60 + 997 * 55, eaten: 998, extentChanges: 1 });
  });
  test('a single that grows into a cluster is the same life', () => {
    const street = new Street(params).put(BID, 998, 80);
    street.after(0);
    street.put(BID, 998, 60).put(BID, 997, 55).after(10);
    expect(street.only).toMatchObject({ lowTick: 997, highTick: 998, current: 998 * 60 + 997 * 55 });
  });
  test('of a cluster whose near level is eaten away the share that was eaten is of all that stood, and the rest erodes', () => {
    const street = new Street({ ...params, clusterMaxLevels: 3 }).put(BID, 998, 40).put(BID, 997, 45).put(BID, 996, 45);
    street.after(0);
    street.after(5_000);
    expect(street.only).toMatchObject({ lowTick: 996, highTick: 998, state: 'confirmed' });
    street.sell(998, 40).put(BID, 998, 0).after(10);
    // The level behind it, of twelve lots, is of the cluster now, and was never eaten.
    const rest = 997 * 45 + 996 * 45 + 995 * 12;
    expect(street.only).toMatchObject({ lowTick: 995, highTick: 997, current: rest, extentChanges: 1 });
    expect(street.only).toMatchObject({ peak: rest + 998 * 40, eaten: 998 * 40, state: 'eroding' });
  });
  test('a level that is more there than before is no erosion when it leaves the cluster', () => {
    const street = new Street(params).put(BID, 998, 60).put(BID, 997, 55);
    street.after(0);
    street.after(5_000);
    street.put(BID, 998, 120).put(BID, 997, 10).after(10);
    expect(street.only).toMatchObject({ lowTick: 998, peak: 998 * 120, state: 'confirmed' });
  });
  test('a cluster comes apart: the wall in it is the same life, though what is left of the cluster is nearer the touch', () => {
    const street = new Street(params).put(BID, 998, 50).put(BID, 997, 60);
    street.after(0);
    street.put(BID, 999, 45).put(BID, 997, 80).after(10);
    expect(street.lives.alive).toMatchObject([
      { id: 0, lowTick: 997, highTick: 997, firstSeenMs: street.lives.alive[1]!.firstSeenMs - 10 },
      { id: 1, lowTick: 998, highTick: 999 },
    ]);
  });
  test('two lives inside one detection: the older goes on, the other is absorbed', () => {
    const street = new Street(params).put(BID, 997, 80);
    street.after(0);
    street.put(BID, 998, 85).after(10);
    expect(street.lives.alive).toHaveLength(2);
    const events = street.put(BID, 998, 60).put(BID, 997, 55).after(10);
    expect(events).toEqual([{ kind: 'label', id: 1, label: 'absorbed' }]);
    expect(street.lives.alive).toMatchObject([{ id: 0, lowTick: 997, highTick: 998 }]);
  });
});

function run(session: PlainSession, visit: (lives: PlainLives, events: PlainEvent[]) => void): PlainEvent[] {
  const lives = new PlainLives(session.depth, session.instrument, session.params);
  const all: PlainEvent[] = [];
  for (const step of session.steps) {
    if (step.kind === 'trade') lives.trade(step.trade);
    const events = step.kind === 'message' ? lives.message(step.message) : [];
    all.push(...events);
    visit(lives, events);
  }
  all.push(...lives.finish());
  return all;
}

describe('in every market', () => {
  test('the sums reconcile with the size of each life of constant extent', () => {
    fc.assert(
      fc.property(arbitrarySession(), (session) => {
        run(session, (lives) => {
          for (const life of lives.all) {
            if (life.extentChanges > 0) continue;
            expect(life.current).toBe(life.initial + life.refilled - life.pulled - life.traded + life.unknown);
            expect(Math.min(life.eaten, life.pulled, life.refilled)).toBeGreaterThanOrEqual(0);
            expect(life.eaten).toBeLessThanOrEqual(life.traded);
          }
        });
      }),
    );
  });
  test('births equal labels, one each, and no life shares a price with another', () => {
    fc.assert(
      fc.property(arbitrarySession(), (session) => {
        const events = run(session, (lives) => {
          for (const side of SIDES) {
            const own = lives.alive.filter((life) => life.side === side).toSorted((a, b) => a.lowTick - b.lowTick);
            for (const [i, life] of own.entries()) expect(own[i - 1]?.highTick ?? -1).toBeLessThan(life.lowTick);
          }
        });
        const ids = (kind: string): number[] =>
          events
            .filter((event) => event.kind === kind)
            .map((event) => event.id)
            .toSorted((a, b) => a - b);
        expect(ids('label')).toEqual(ids('born'));
      }),
    );
  });
  test('books are sorted, never crossed, and changes are the difference of two windows', () => {
    fc.assert(
      fc.property(arbitrarySession(), ({ steps, depth }) => {
        let shown: Parameters<typeof changesBetween>[1][] = [[], []];
        for (const step of steps) {
          if (step.kind === 'trade') continue;
          const { sides, changes, bestBid, bestAsk } = step.message;
          expect(bestBid).toBeLessThan(bestAsk);
          expect(sides[BID].map((level) => level.tick)).toEqual(
            [...new Set(sides[BID].map((level) => level.tick))].toSorted((a, b) => b - a),
          );
          expect(sides[ASK].map((level) => level.tick)).toEqual(
            [...new Set(sides[ASK].map((level) => level.tick))].toSorted((a, b) => a - b),
          );
          expect(Math.max(sides[BID].length, sides[ASK].length)).toBeLessThanOrEqual(depth);
          expect(changes).toEqual(SIDES.flatMap((side) => changesBetween(side, shown[side]!, sides[side])));
          shown = [...sides];
        }
      }),
    );
  });
  test('every fate is frequent', () => {
    const count: Record<string, number> = Object.fromEntries(LABELS.map((label) => [label, 0]));
    const bump = (what: string): void => {
      count[what] = (count[what] ?? 0) + 1;
    };
    for (const session of fc.sample(arbitrarySession(), { numRuns: 300, seed: 7 })) {
      const lives = new PlainLives(session.depth, session.instrument, session.params);
      for (const step of session.steps) {
        if (step.kind === 'trade') lives.trade(step.trade);
        else for (const event of lives.message(step.message)) if (event.kind === 'state') bump(event.state);
      }
      lives.finish();
      for (const life of lives.all) {
        bump(life.label!);
        if (life.crossed) bump('crossed');
        if (life.rpi > 0) bump('rpi');
        if (life.refilled > 0) bump('refilled');
        if (life.extentChanges > 0) bump('extent');
        if (life.confirmedMs !== undefined) bump(`confirmed ${life.label!}`);
        if (life.lowTick !== life.highTick) bump('cluster');
      }
    }
    // No book is lost in these markets.
    expect(count['unknown']).toBe(0);
    const rare = Object.entries(count).filter(([what, times]) => what !== 'unknown' && times < 10);
    expect(rare).toEqual([]);
  });
});
