// Does the truth log tell the truth? Against the frames alone, and in the numbers a score needs.
import { expect, test } from 'vitest';
import { createMarket, type Market } from '../../src/simulator/market.ts';
import type { TruthNatural, TruthWall } from '../../src/simulator/truth.ts';
import { type BookMessage, PlainBook, type TradeMessage } from './plain-book.ts';

const START = 1_786_310_820_000;
const RUN_MS = 120_000;

/** The forty that a universe of twenty gainers and twenty losers would choose. */
function universe(market: Market): string[] {
  const rows = market.contracts
    .map(({ profile, ticker, listing }) => ({ symbol: listing.symbol, profile, fields: ticker.fields(market.nowMs) }))
    .filter(({ fields }) => Number(fields['turnover24h']) >= 1_000_000)
    .toSorted((x, y) => Number(y.fields['price24hPcnt']) - Number(x.fields['price24hPcnt']));
  return [...rows.slice(0, 20), ...rows.slice(-20)].map(({ symbol }) => symbol);
}

function clearMs(wall: TruthWall, endMs: number): number {
  return wall.view.reduce((sum, [from, ratio, inView], i) => {
    const to = wall.view[i + 1]?.[0] ?? wall.endedMs ?? endMs;
    return sum + (ratio >= 1.2 && inView === 1 ? to - from : 0);
  }, 0);
}

function countBy<T>(rows: readonly T[], key: (row: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[key(row)] = (counts[key(row)] ?? 0) + 1;
  return counts;
}

/** What a taker did, from the public trades alone. */
interface Traded {
  readonly price: number;
  readonly timeMs: number;
  readonly usdt: number;
}

type Trades = ReadonlyMap<string, readonly Traded[]>;

function tradedAt(wall: TruthWall, trades: Trades): number {
  const [low, high] = [Number(wall.lowPrice), Number(wall.highPrice)];
  let sum = 0;
  for (const { price, timeMs, usdt } of trades.get(`${wall.symbol} ${wall.side}`) ?? []) {
    const during = timeMs > wall.bornMs && timeMs <= (wall.endedMs ?? Infinity);
    if (during && price >= low && price <= high) sum += usdt;
  }
  return sum;
}

/** What in a wall's record contradicts itself, the other walls or the public trades. */
function untrue(wall: TruthWall, walls: readonly TruthWall[], trades: Trades): string[] {
  const { initial, eaten, pulled, refilled, final, ending } = wall;
  const successor = walls.find(({ id }) => id === wall.movedTo);
  const claims: Readonly<Record<string, boolean>> = {
    'the sums reconcile': Math.abs(initial - eaten - pulled + refilled - final) < 0.05,
    'what is held stands, all else is gone': ending === 'held' ? wall.endedMs === null && final > 0 : final === 0,
    'the larger sum names the ending': ending === 'eaten' ? eaten > pulled : ending !== 'pulled' || pulled >= eaten,
    'a moved wall goes on elsewhere': ending === 'moved' ? successor?.bornMs === wall.endedMs : successor === undefined,
    'a grid of several prices is never eaten, all else by exactly what was traded there':
      wall.decoy === 'grid' ? eaten === 0 : Math.abs(tradedAt(wall, trades) - eaten) <= 0.02 + eaten * 1e-9,
  };
  return Object.keys(claims)
    .filter((claim) => claims[claim] === false)
    .map((claim) => `wall ${wall.id}: ${claim}`);
}

test.each([1, 2])(
  'two minutes of seed %i hold enough walls of every kind, and trades explain what was eaten',
  (seed) => {
    const market = createMarket({ seed, symbols: 60, startMs: START });
    const traded = new Map<string, Traded[]>();
    const chosen = universe(market);
    expect(chosen).toHaveLength(40);
    market.onFrame((frame) => {
      if (frame.kind !== 'trade') return;
      for (const trade of (JSON.parse(frame.bytes.toString()) as TradeMessage).data) {
        if (trade.BT || trade.RPI) continue;
        const key = `${frame.symbol} ${trade.S === 'Buy' ? 'ask' : 'bid'}`;
        const price = Number(trade.p);
        const list = traded.get(key) ?? [];
        list.push({ price, timeMs: trade.T, usdt: price * Number(trade.v) });
        traded.set(key, list);
      }
    });
    for (const symbol of chosen) {
      market.subscribe(`orderbook.${market.contract(symbol)?.profile.homeDepth}.${symbol}`);
      market.subscribe(`publicTrade.${symbol}`);
    }
    market.advance(START + RUN_MS);
    market.close();

    const walls = market.truth
      .filter((record): record is TruthWall => record.kind === 'wall')
      .filter(({ symbol }) => chosen.includes(symbol));
    const positives = walls.filter((wall) => wall.decoy === null && clearMs(wall, START + RUN_MS) >= 6_000);
    const endings = countBy(positives, ({ ending }) => ending);
    const decoys = countBy(walls, ({ decoy }) => decoy ?? 'none');
    expect(positives.length).toBeGreaterThanOrEqual(300);
    for (const ending of ['eaten', 'pulled', 'moved', 'held']) expect(endings[ending]).toBeGreaterThanOrEqual(30);
    expect(1 - (decoys['none'] ?? 0) / walls.length).toBeGreaterThanOrEqual(0.2);
    for (const decoy of ['flicker', 'grid', 'edge', 'half-pulled']) expect(decoys[decoy]).toBeGreaterThanOrEqual(10);
    expect(walls.filter(({ refilled }) => refilled > 0).length).toBeGreaterThan(10);
    expect(walls.filter((wall) => wall.ending === 'pulled' && wall.eaten > 0).length).toBeGreaterThan(5);

    expect(walls.flatMap((wall) => untrue(wall, walls, traded))).toEqual([]);
    const naturals = market.truth.filter((record): record is TruthNatural => record.kind === 'natural');
    expect(naturals.length).toBeGreaterThan(0);
    expect(naturals.length).toBeLessThan(positives.length / 4);
  },
);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((x, y) => x - y);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

/** Strategy's three criteria for one level, written down again on plain texts. */
function plainRatio(levels: readonly [string, string][], price: string, mid: number): number | undefined {
  const index = levels.findIndex(([at]) => at === price);
  if (index < 0 || Math.abs(Number(price) - mid) > mid * 0.01) return undefined;
  const notional = ([at, size]: [string, string]): number => Number(at) * Number(size);
  const near = [...levels.slice(Math.max(0, index - 5), index), ...levels.slice(index + 1, index + 6)].map(notional);
  const total = levels
    .filter(([at]) => Math.abs(Number(at) - mid) <= mid * 0.01)
    .reduce((sum, level) => sum + notional(level), 0);
  const value = notional(levels[index] as [string, string]);
  return Math.min(value / 50_000, value / (3 * median(near)), value / (0.05 * total));
}

test('the history of a wall is what a subscriber who rebuilds the book by hand computes', () => {
  const market = createMarket({ seed: 9, symbols: 12, startMs: START });
  const symbols = ['SOLUSDT', 'DOGEUSDT', 'XRPUSDT'];
  const books = new Map<string, PlainBook>();
  const seen: { symbol: string; cts: number; b: [string, string][]; a: [string, string][] }[] = [];
  const apply = (text: string): void => {
    const message = JSON.parse(text) as BookMessage;
    const book = books.get(message.data.s) ?? new PlainBook();
    books.set(message.data.s, book);
    book.apply(message);
    if (message.type === 'delta') seen.push({ symbol: message.data.s, cts: message.cts, ...book.levels() });
  };
  market.onFrame((frame) => frame.kind === 'delta' && apply(frame.bytes.toString()));
  for (const symbol of symbols) {
    const depth = market.contract(symbol)?.profile.homeDepth;
    for (const frame of market.subscribe(`orderbook.${depth}.${symbol}`) ?? []) apply(frame.bytes.toString());
  }
  market.advance(START + 30_000);
  market.close();
  const walls = market.truth
    .filter((record): record is TruthWall => record.kind === 'wall')
    .filter((wall) => symbols.includes(wall.symbol) && wall.lowPrice === wall.highPrice);
  let compared = 0;
  for (const wall of walls) {
    for (const { symbol, cts, b, a } of seen) {
      if (symbol !== wall.symbol || cts < wall.bornMs || cts >= (wall.endedMs ?? Infinity)) continue;
      const point = wall.view.findLast(([from]) => from <= cts);
      const mid = (Number(b[0]?.[0]) + Number(a[0]?.[0])) / 2;
      const levels = wall.side === 'bid' ? b : a;
      const plain = plainRatio(levels, wall.lowPrice, mid);
      const [, ratio, inView] = point ?? [0, 0, 0];
      expect(inView).toBe(levels.some(([price], i) => price === wall.lowPrice && i < levels.length - 1) ? 1 : 0);
      expect(Math.abs(ratio - (plain ?? 0)), `${wall.symbol} ${wall.lowPrice} at ${cts}`).toBeLessThanOrEqual(
        0.0311 * Math.max(ratio, plain ?? 0),
      );
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(1_000);
});
