// How do densities end when it is not the market that ends them? (strategy 3; the rest is in the property tests of lives)
import { expect, test } from 'vitest';
import { ASK, BID, type Side } from '../../src/market/side.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { LIVES_MAX } from '../../src/scan/layout.ts';
import type { PlainLevel } from '../oracle/density.ts';
import type { PlainMessage } from '../oracle/life-record.ts';
import { changesBetween } from '../oracle/market.ts';
import { DEFAULTS } from '../oracle/params.ts';
import { FastMarket, RECEIVED_MS, type FastLife } from './fast-market.ts';
import { scanParams } from './plain-params.ts';

type Sides = readonly [readonly PlainLevel[], readonly PlainLevel[]];

/** A quiet book of ten lots a level around 2000, in which walls are put up and taken down. */
class Street {
  readonly market: FastMarket;
  readonly #depth: number;
  readonly #lots = [new Map<number, number>(), new Map<number, number>()] as const;
  #shown: Sides = [[], []];
  #u = 0;
  now = 1_000_000;

  constructor(depth = 200) {
    this.#depth = depth;
    this.market = new FastMarket(depth, 1, scanParams({ ...DEFAULTS, densityShareBandPercent: 10 }));
    for (let i = 0; i < 90; i++) this.put(BID, 1_999 - i, 10).put(ASK, 2_001 + i, 10);
    this.after(0);
  }

  put(side: Side, tick: number, lot: number): this {
    this.#lots[side].set(tick, lot);
    return this;
  }

  /** A trade that is told before the next message, made so long after the last one. */
  sell(tick: number, lot: number, afterMs = 1): void {
    this.market.trade({ T: this.now + afterMs, taker: 'sell', tick, lot, rpi: false, block: false });
  }

  buy(tick: number, lot: number): void {
    this.market.trade({ T: this.now + 1, taker: 'buy', tick, lot, rpi: false, block: false });
  }

  wall(tick: number): FastLife | undefined {
    return this.market.lives().find(({ lowTick }) => lowTick === tick);
  }

  /** The next message; its scan waits where `isScanned` is false. */
  next(ms: number, isSnapshot?: boolean, wrongMs = 0): void {
    this.now += ms;
    this.#u += 1;
    const side = (which: Side, sign: number): PlainLevel[] =>
      [...this.#lots[which]]
        .map(([tick, lot]) => ({ tick, lot }))
        .filter(({ lot }) => lot > 0)
        .toSorted((a, b) => (a.tick - b.tick) * sign)
        .slice(0, this.#depth);
    const sides: Sides = [side(BID, -1), side(ASK, 1)];
    const changes = ([BID, ASK] as const).flatMap((which) => changesBetween(which, this.#shown[which], sides[which]));
    this.#shown = sides;
    const message: PlainMessage = {
      changes,
      sides,
      u: this.#u,
      cts: this.now + wrongMs,
      bestBid: 1_999,
      bestAsk: 2_001,
    };
    this.market.take(message, isSnapshot, this.now);
  }

  after(ms: number, isSnapshot?: boolean): AnalysisEvent[] {
    this.next(ms, isSnapshot);
    return this.market.scan();
  }
}

const told = (events: readonly AnalysisEvent[]): string[] =>
  events.map(({ kind, low, state, label }) => {
    const what = kind === 'label' ? label : kind === 'state' ? state : '';
    return `${kind} ${low} ${what}`.trim();
  });

/** Walls of a hundred lots: one confirmed at 1990, one still forming at 1980. */
function twoWalls(): Street {
  const street = new Street();
  expect(told(street.put(BID, 1_990, 100).after(10))).toEqual(['birth 1990']);
  expect(told(street.put(BID, 1_980, 100).after(2_990))).toEqual(['birth 1980']);
  expect(told(street.after(10)).filter((one) => !one.startsWith('candidate'))).toEqual(['state 1990 confirmed']);
  return street;
}

/** Of the density at a price, without the candidates. */
const toldOf = (tick: number, events: readonly AnalysisEvent[]): string[] =>
  told(events.filter(({ kind, low }) => kind !== 'candidate' && low === tick));

test.each([
  [3_000, ['signal breakout']],
  [3_001, ['label eaten']],
])('what was eaten %d ms ago can be broken through to the last moment of three seconds: %s', (ms, last) => {
  const street = new Street();
  street.market.dayChange(5);
  street.put(ASK, 2_003, 100).after(10);
  street.after(3_000);
  street.buy(2_003, 100);
  expect(toldOf(2_003, street.put(ASK, 2_003, 0).after(10))).toEqual(['state 2003 gone']);
  // Who stood before it goes as well, and bids follow: the mid is half a tick beyond.
  for (const tick of [2_001, 2_002]) street.put(ASK, tick, 0);
  for (const tick of [2_000, 2_001, 2_002, 2_003]) street.put(BID, tick, 10);
  const events = street.after(ms).filter(({ kind }) => kind === 'signal' || kind === 'label');
  expect(events.map(({ kind, signal, label }) => `${kind} ${kind === 'label' ? label : signal}`)).toEqual(last);
});

test.each([
  [90, []],
  [89, ['state 1990 eroding']],
])('of a hundred confirmed lots %d are nine tenths of the peak, or less', (lots, said) => {
  expect(toldOf(1_990, twoWalls().put(BID, 1_990, lots).after(10))).toEqual(said);
});

test.each([
  [10, ['erosion 1990']],
  [9, ['state 1990 gone']],
])('of a hundred lots %d are a tenth of the peak, or less', (lots, said) => {
  const street = twoWalls();
  expect(toldOf(1_990, street.put(BID, 1_990, 11).after(10))).toEqual(['state 1990 eroding']);
  expect(toldOf(1_990, street.put(BID, 1_990, lots).after(10))).toEqual(said);
});

test.each([
  ['exactly 2 %', 49, ['state 1990 confirmed']],
  ['more', 48, []],
])(
  'a further fall of %s lets an eroding density be confirmed anew three seconds after the first, or not',
  (_, lots, said) => {
    const street = twoWalls();
    street.put(BID, 1_980, 10).put(BID, 1_990, 50).after(10);
    street.put(BID, 1_990, lots).after(1_000);
    const states = (ms: number): string[] => toldOf(1_990, street.after(ms)).filter((one) => one.startsWith('state'));
    expect([states(1_999), states(1)]).toEqual([[], said]);
  },
);

test('each tenth that erodes is told, at most once a second', () => {
  const street = twoWalls();
  const erodes = (lots: number, ms: number): string[] => toldOf(1_990, street.put(BID, 1_990, lots).after(ms));
  expect(erodes(85, 10)).toEqual(['state 1990 eroding']);
  expect(erodes(80, 10)).toEqual(['erosion 1990']);
  expect([erodes(70, 999), erodes(70, 1)]).toEqual([[], ['erosion 1990']]);
  expect([erodes(61, 1_000), erodes(60, 1)]).toEqual([[], ['erosion 1990']]);
});

/** A wall of 252,000 USDT at 2016 is cancelled, and so long after it another comes up. */
function comesUp(tick: number, lots: number, ms: number): string[] {
  const street = new Street();
  street.put(ASK, 2_016, 125).after(10);
  street.put(ASK, 2_016, 0).after(10);
  return told(street.put(ASK, tick, lots).after(ms)).filter((one) => !one.startsWith('candidate'));
}

test('a wall has moved within ten ticks, a tenth of its size and three seconds, and not beyond any of them', () => {
  const moved = (tick: number): string[] => ['label 2016 moved', `birth ${tick}`, `state ${tick} confirmed`];
  expect(comesUp(2_026, 125, 3_000)).toEqual(moved(2_026));
  expect(comesUp(2_027, 125, 3_000)).toEqual(['birth 2027']);
  expect(comesUp(2_026, 125, 3_001)).toEqual(['birth 2026', 'label 2016 pulled']);
  // 2025 × 112 are 226,800: nine tenths.
  expect(comesUp(2_025, 112, 3_000)).toEqual(moved(2_025));
  expect(comesUp(2_025, 111, 3_000)).toEqual(['birth 2025']);
});

test('what is told of a density is how the scan that tells it saw it, and of which message that was', () => {
  const street = new Street();
  const [first] = street.put(BID, 1_990, 100).after(10);
  const seen = { slot: 0, tenancy: 1, receivedMs: RECEIVED_MS };
  const size = { initial: 199_000, peak: 199_000, current: 199_000 };
  const standsOut = {
    typical: 19_900,
    relative: 10,
    sharePercent: (199_000 / 1_938_150) * 100,
    shareThreshold: 96_907.5,
  };
  expect(first).toMatchObject({ ...seen, ...size, ...standsOut, low: 1_990, high: 1_990, price: 1_990 });
  expect(first).toMatchObject({
    message: 2,
    updateId: 2,
    exchangeMs: 1_000_010,
    firstSeenMs: 1_000_010,
    confirmedMs: 0,
  });
  expect(first).toMatchObject({ cluster: false, round: false, touches: 0, crossed: false });
  for (let i = 0; i < 20; i++) street.put(ASK, 2_091 + i, 10);
  street.after(2_000, true);
  const [second] = street.put(ASK, 2_099, 35).put(ASK, 2_100, 45).after(10);
  expect(second).toMatchObject({ epoch: (first?.epoch ?? 0) + 1, message: 4, updateId: 4, exchangeMs: 1_002_020 });
  expect(second).toMatchObject({ low: 2_099, high: 2_100, price: 2_100, cluster: true, round: true, current: 167_965 });
});

test('a symbol that is watched no more leaves its densities held, and what had gone is told for what it was', () => {
  expect(told(twoWalls().market.remove()).toSorted()).toEqual(['label 1980 held', 'label 1990 held']);
  const street = twoWalls();
  expect(told(street.put(BID, 1_980, 0).after(10))).toContain('state 1980 gone');
  expect(told(street.market.remove()).toSorted()).toEqual(['label 1980 pulled', 'label 1990 held']);
});

test('an end in a book that was emptied for another symbol has the time at which the density was last seen', () => {
  expect(
    twoWalls()
      .market.remove()
      .map(({ exchangeMs }) => exchangeMs),
  ).toEqual([1_003_010, 1_003_010]);
});

test('at the end of a run what stands is held, once', () => {
  const { market } = twoWalls();
  expect(told(market.finish()).toSorted()).toEqual(['label 1980 held', 'label 1990 held']);
  expect(market.finish()).toEqual([]);
});

test('when a thread died in the middle of a scan nobody knows what became of its densities; those that stand begin anew', () => {
  const street = twoWalls();
  street.market.breakScan();
  const events = told(street.after(10)).toSorted();
  expect(events).toEqual(['birth 1980', 'birth 1990', 'label 1980 unknown', 'label 1990 unknown']);
  expect(told(street.after(10))).toEqual([]);
});

test('when more trades come between two messages than the change ring holds, densities begin anew once', () => {
  const street = twoWalls();
  for (let i = 0; i < 3_000; i++) street.sell(1_950, 1);
  const events = told(street.after(10)).toSorted();
  expect(events).toEqual(['birth 1980', 'birth 1990', 'label 1980 unknown', 'label 1990 unknown']);
  expect(told(street.after(10))).toEqual([]);
});

test('what main writes while a thread begins a book anew is not lost: what stands is born once, and goes on', () => {
  const street = twoWalls();
  for (let i = 0; i < 3_000; i++) street.sell(1_990, 1);
  street.next(10);
  street.market.scanBeside(() => street.next(10));
  const born = street.market.lives().map(({ id }) => id);
  expect(born).toHaveLength(2);
  expect(street.after(10)).toEqual([]);
  expect(street.market.lives().map(({ id }) => id)).toEqual(born);
});

test.each([
  ['is late', false, true],
  ['has died in the middle of a scan', true, true],
  ['has died, and no message has come since', false, false],
  ['has died in the middle of a scan, and no message has come since', true, false],
])(
  'what is traded while a thread %s is not taken for pulled: its densities begin with the message that shows it',
  (_, isDead, isNews) => {
    const street = twoWalls();
    if (isDead) street.market.breakScan();
    for (let i = 0; i < 3_000; i++) street.sell(1_990, 1);
    if (isNews) street.next(10);
    street.sell(1_990, 20);
    expect([told(street.market.scan()), told(street.market.scan())], 'however often one looks').toEqual([[], []]);
    street.sell(1_990, 5, 15); // the next message does not show it yet
    expect(told(street.put(BID, 1_990, 80).after(10)).toSorted()).toEqual([
      'birth 1980',
      'birth 1990',
      'label 1980 unknown',
      'label 1990 unknown',
    ]);
    street.sell(1_990, 5);
    street.put(BID, 1_990, 70).after(10);
    expect(street.wall(1_990)).toMatchObject({ eaten: 1_990 * 10, pulled: 0 });
  },
);

test('what was traded before messages were lost took nothing from the densities that begin anew', () => {
  const street = twoWalls();
  street.sell(1_990, 10, 50);
  street.after(10);
  for (let i = 0; i < 3_000; i++) {
    street.put(BID, 1_950, 10 + (i % 2));
    street.next(1);
  }
  street.after(1);
  street.sell(1_990, 10, 0);
  street.put(BID, 1_990, 90).after(10);
  expect(street.wall(1_990)).toMatchObject({ pulled: 1_990 * 10, eaten: 0 });
});

test('in a crowd of trades that wait for their message those that hit a density go first', () => {
  const street = twoWalls();
  for (let i = 0; i < 300; i++) street.sell(1_950, 1);
  street.sell(1_990, 20);
  street.put(BID, 1_990, 80).after(10);
  expect(street.wall(1_990)).toMatchObject({ pulled: 0, eaten: 1_990 * 20 });
});

test('a trade at the time of its message is of that message, one at the time of a birth of none', () => {
  const street = twoWalls();
  street.sell(1_990, 10, 10);
  street.after(10);
  street.put(BID, 1_990, 90).put(BID, 1_970, 100).after(10);
  street.put(BID, 1_970, 80).after(10);
  street.sell(1_970, 20, -10);
  street.after(10);
  expect(street.wall(1_990)).toMatchObject({ pulled: 1_990 * 10, eaten: 0 });
  expect(street.wall(1_970)).toMatchObject({ pulled: 1_970 * 20, eaten: 0 });
});

test('a level beyond the edge of which a density has shrunk away is its own no more when it is shown again', () => {
  const street = new Street(90);
  // Prices rise by three ticks, and three levels leave the book at its far end.
  const rise = (bid: number, ask: number): void => {
    for (let i = 0; i < 3; i++) street.put(BID, 2_000 + i, bid).put(ASK, 2_001 + i, ask);
  };
  for (const tick of [1_912, 1_913, 1_914]) street.put(BID, tick, 40);
  expect(told(street.after(10))).toEqual(['birth 1912']);
  rise(10, 0);
  street.after(10);
  street.put(BID, 1_914, 100).after(10);
  rise(0, 10);
  street.after(10);
  expect(street.wall(1_914)).toMatchObject({ highTick: 1_914, pulled: 0, current: 1_914 * 100 });
});

test('a density beyond the edge of the book is waited for a whole minute, and back in sight it goes on', () => {
  const outOfSight = (): Street => {
    const street = new Street(90);
    street.put(BID, 1_912, 100).after(10);
    for (let i = 0; i < 3; i++) street.put(BID, 2_000 + i, 10).put(ASK, 2_001 + i, 0);
    expect(toldOf(1_912, street.after(10))).toEqual([]);
    return street;
  };
  const street = outOfSight();
  expect(toldOf(1_912, street.after(59_999))).toEqual([]);
  expect(toldOf(1_912, street.after(1))).toEqual(['label 1912 out_of_view']);
  const other = outOfSight();
  expect(toldOf(1_912, other.after(59_999))).toEqual([]);
  for (let i = 0; i < 3; i++) other.put(BID, 2_000 + i, 0).put(ASK, 2_001 + i, 10);
  expect(toldOf(1_912, other.after(1))).toEqual(['state 1912 confirmed']);
});

test('of a book without a mid nothing is passed', () => {
  const street = twoWalls();
  for (let tick = 2_001; tick < 2_091; tick++) street.put(ASK, tick, 0);
  street.after(10);
  expect(street.market.finish().map(({ crossed }) => crossed)).toEqual([false, false]);
});

test('when more happened than the change ring holds it is the same', () => {
  const street = twoWalls();
  for (let i = 0; i < 3_000; i++) {
    street.put(BID, 1_950, 10 + (i % 2));
    street.next(1);
  }
  const events = street.after(1);
  expect(told(events).toSorted()).toEqual(['birth 1980', 'birth 1990', 'label 1980 unknown', 'label 1990 unknown']);
  const births = events.filter(({ kind }) => kind === 'birth');
  expect(births.map(({ firstSeenMs }) => firstSeenMs)).toEqual([street.now, street.now]);
});

test('after a snapshot a density that holds half its size goes on with the change unexplained, one that holds less is lost', () => {
  const street = twoWalls();
  street.put(BID, 1_990, 50).put(BID, 1_980, 49);
  const [lost, ...others] = street.after(10, true).filter(({ kind }) => kind !== 'candidate');
  expect(lost).toMatchObject({ kind: 'label', low: 1_980, label: 'unknown', eaten: 0, pulled: 0 });
  expect(told(others)).toEqual(['birth 1980', 'state 1990 eroding']);
  expect(others[1]).toMatchObject({ current: 1_990 * 50, adjusted: -1_990 * 50, eaten: 0, pulled: 0, refilled: 0 });
});

/** A wall of which sixty lots are eaten; then the rest is cancelled. Between the two the book may be lost. */
function eatenWall(isLost: boolean): AnalysisEvent | undefined {
  const street = twoWalls();
  const eat = (lot: number, ms: number, isTold: boolean): void => {
    if (!isTold) street.sell(1_990, 10);
    street.put(BID, 1_990, lot).after(ms);
  };
  for (let lot = 90; lot >= 40; lot -= 10) eat(lot, 100, false);
  if (isLost) {
    street.put(BID, 1_990, 100).after(-600, true);
    for (let lot = 90; lot >= 40; lot -= 10) eat(lot, 100, true);
  }
  street.put(BID, 1_990, 0).after(10);
  return street.after(3_001).find(({ kind, low }) => kind === 'label' && low === 1_990);
}

test('of a book that is not whole nothing is judged: what its last messages brought is seen when it is whole again', () => {
  const street = twoWalls();
  street.put(BID, 1_970, 100).put(BID, 1_980, 0).next(3_000);
  street.market.distrust();
  expect(street.market.scan()).toEqual([]);
  expect(told(street.after(10, true))).toContain('birth 1970');
});

test('what a snapshot from before the gap and the messages behind it tell again is not booked again', () => {
  const { label, eaten, pulled } = eatenWall(false) ?? {};
  expect({ label, eaten, pulled }).toEqual({ label: 'eaten', eaten: 1_990 * 60, pulled: 1_990 * 40 });
  expect(eatenWall(true)).toMatchObject({ label, eaten, pulled, adjusted: 0 });
});

test('a time from the future before a gap mutes what comes behind it for five seconds and no longer', () => {
  const street = twoWalls();
  street.after(3_600_000);
  street.after(-3_600_000, true);
  street.put(BID, 1_990, 80).after(5_000);
  street.put(BID, 1_990, 70).after(10);
  expect(street.wall(1_990)).toMatchObject({ pulled: 1_990 * 10 });
});

test('what was judged by a time from the future is known no more once the clock is right, and begins anew', () => {
  const street = twoWalls();
  expect(told(street.after(3_600_000))).toContain('state 1980 confirmed');
  expect(told(street.after(-3_600_000 + 10)).toSorted()).toEqual([
    'birth 1980',
    'birth 1990',
    'label 1980 unknown',
    'label 1990 unknown',
  ]);
  expect(told(street.after(3_000)).filter((one) => one.startsWith('state'))).toEqual([
    'state 1980 confirmed',
    'state 1990 confirmed',
  ]);
});

test.each([
  ['before', -600_000],
  ['after', 600_000],
])('one time of matching of minutes %s among right ones ends no density and confirms none', (_where, wrongMs) => {
  const street = twoWalls();
  street.next(10, false, wrongMs);
  expect(told(street.market.scan()).filter((one) => !one.startsWith('candidate'))).toEqual([]);
  expect(told(street.after(2_980)).filter((one) => !one.startsWith('candidate'))).toEqual(['state 1980 confirmed']);
});

test('whether a density has moved is told by its size at the last message before, scanned or not', () => {
  const street = new Street();
  expect(told(street.put(BID, 1_990, 100).after(10))).toEqual(['birth 1990']);
  street.put(BID, 1_990, 120).next(10);
  expect(told(street.put(BID, 1_990, 0).put(BID, 1_987, 125).after(10))).toEqual(['label 1990 moved', 'birth 1987']);
});

test('a density that was cut down and stands has not moved to where another one of its size comes up', () => {
  const street = new Street();
  expect(told(street.put(BID, 1_990, 100).after(10))).toEqual(['birth 1990']);
  expect(told(street.put(BID, 1_990, 47).after(10))).toEqual([]);
  expect(told(street.put(BID, 1_987, 51).after(10))).toEqual(['birth 1987']);
});

test('when a cluster comes apart its wall goes on, though the rest of the cluster is nearer the touch', () => {
  const street = new Street();
  street.put(BID, 1_990, 32).put(BID, 1_989, 38).after(10);
  expect(street.market.lives()).toMatchObject([{ id: 0, lowTick: 1_989, highTick: 1_990 }]);
  street.put(BID, 1_991, 38).put(BID, 1_989, 60).after(10);
  expect(street.market.lives()).toMatchObject([
    { id: 0, lowTick: 1_989, highTick: 1_989 },
    { id: 1, lowTick: 1_990, highTick: 1_991 },
  ]);
});

test('a cluster whose largest level an older density takes over goes on in what is left of it', () => {
  const street = new Street();
  street.put(BID, 1_987, 20).put(BID, 1_986, 44).after(10);
  street.put(BID, 1_990, 34).put(BID, 1_989, 36).after(10);
  expect(street.market.lives()).toMatchObject([
    { id: 0, lowTick: 1_986, highTick: 1_987 },
    { id: 1, lowTick: 1_989, highTick: 1_990 },
  ]);
  street.put(BID, 1_991, 36).put(BID, 1_988, 40).put(BID, 1_987, 44).put(BID, 1_986, 10).after(10);
  expect(street.market.lives()).toMatchObject([
    { id: 0, lowTick: 1_987, highTick: 1_989 },
    { id: 1, lowTick: 1_990, highTick: 1_991 },
  ]);
});

test('a density that has moved is as old as it was: where it meets one that was born between, that one is absorbed', () => {
  const street = new Street();
  street.put(BID, 1_990, 100).after(10);
  expect(told(street.put(BID, 1_984, 100).after(10))).toEqual(['birth 1984']);
  expect(told(street.put(BID, 1_990, 0).put(BID, 1_983, 100).after(10))).toEqual(['label 1990 moved', 'birth 1983']);
  expect(told(street.put(BID, 1_984, 40).put(BID, 1_983, 40).after(10))).toEqual(['label 1984 absorbed']);
});

test('a trade too large for exact sums leaves nothing behind in what flows into a density', () => {
  const street = twoWalls();
  const eat = (lot: number): void => street.sell(1_990, lot);
  const flows = (): number[] => street.market.flows();
  eat(3);
  eat(900_000_000_000_000);
  street.after(10);
  expect(flows()).toEqual([1_990 * 3, 0]);
  street.now += 6_000;
  eat(1);
  street.after(10);
  expect(flows()).toEqual([1_990, 0]);
});

test('what flowed into a density that has ended lessens nothing that flows into the next one', () => {
  const street = new Street();
  street.put(BID, 1_990, 100).after(10);
  street.sell(1_990, 60);
  street.put(BID, 1_990, 0).after(10);
  expect(told(street.after(3_001))).toEqual(['label 1990 eaten']);
  expect(told(street.put(BID, 1_980, 100).after(10))).toEqual(['birth 1980']);
  street.sell(1_980, 1);
  street.after(2_500);
  street.sell(1_980, 2);
  street.after(10);
  expect(street.market.flows()).toEqual([1_980 * 3]);
});

test('another symbol in the same place knows nothing of what was seen before', () => {
  const street = twoWalls();
  street.after(-100, true);
  street.market.replace();
  street.after(-1_900, true);
  street.put(BID, 1_990, 80).after(10);
  expect(street.wall(1_990)).toMatchObject({ pulled: 1_990 * 20 });
});

test('what stands in the book of a symbol that comes while a thread looks is not told under the name of the one before', () => {
  const street = twoWalls();
  const another = (): void => {
    street.market.replace();
    street.next(10, true);
  };
  another();
  street.market.scanBeside(another);
  expect(street.market.lives()).toEqual([]);
  expect(street.market.scan().map(({ kind, tenancy }) => `${kind} ${tenancy}`)).toEqual(['birth 5', 'birth 5']);
});

test('when the table is full, the unconfirmed density that was none for longest makes room, and births are labels', () => {
  const street = new Street();
  let births = 0;
  let labels = 0;
  const count = (events: readonly AnalysisEvent[]): readonly AnalysisEvent[] => {
    births += events.filter(({ kind }) => kind === 'birth').length;
    labels += events.filter(({ kind }) => kind === 'label').length;
    return events;
  };
  // One after the other is put up and cut down to an eighth: no density any more, but not gone. The first had been confirmed.
  count(street.put(BID, 1_998, 100).after(2));
  count(street.after(3_000));
  count(street.put(BID, 1_998, 12).after(2));
  for (let i = 1; i < LIVES_MAX; i++) {
    count(street.put(BID, 1_996 - i, 100).after(2));
    count(street.put(BID, 1_996 - i, 12).after(2));
  }
  expect({ births, labels }).toEqual({ births: LIVES_MAX, labels: 0 });
  expect(told(count(street.put(ASK, 2_010, 100).after(2)))).toEqual(['label 1995 pulled', 'birth 2010']);
  expect(told(count(street.put(ASK, 2_020, 100).after(2)))).toEqual(['label 1994 pulled', 'birth 2020']);
  count(street.market.finish());
  expect({ births, labels }).toEqual({ births: LIVES_MAX + 2, labels: LIVES_MAX + 2 });
});
