// Does a page see a market as it is, also on a machine whose calendar is wrong?
import { expect, test } from 'vitest';
import { CHANGE_BUY, CHANGE_RPI_BUY, CHANGE_RPI_SELL, CHANGE_SELL } from '../../../src/book/layout.ts';
import { createView, readBook } from '../../../src/book/read.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { Board } from '../../../src/operator/board/board.ts';
import { endingView, isEnding } from '../../../src/operator/board/happened.ts';
import { mapMemory } from '../../../src/operator/board/memory.ts';
import { HeatMaps } from '../../../src/operator/board/heat-maps.ts';
import type { Digest, WatchedSymbol } from '../../../src/operator/port.ts';
import { readColumns, type Column } from '../../../src/operator/page/protocol-columns.ts';
import type { MarketView, SymbolView } from '../../../src/operator/page/protocol-market.ts';
import { SLOT_WORDS, TENANCY } from '../../../src/scan/layout.ts';
import { readFlow } from '../../../src/tape/flow.ts';
import { FACT_CHANGE, FACT_MARK, FACT_TRADES, readFact, tradeAt } from '../../../src/tape/layout.ts';
import { setFact } from '../../../src/tape/write.ts';
import { FakeMarket } from '../fake-market.ts';

test.each([0, 60_000, -60_000])(
  'what has flowed is counted, and what rests is dated, as it was: our calendar is %d ms before the exchange’s',
  (aheadMs) => {
    const ages: number[] = [];
    const market = new FakeMarket(7, 1, (event, instrument) => {
      if (!isEnding({ event, instrument })) return;
      const atMs = (event.exchangeMs + aheadMs) as Ms;
      const told = endingView({ kind: 'analysis', atMs, instrument, event, signalId: undefined, refusal: undefined });
      ages.push(told.atMs - told.firstSeenMs);
    });
    market.advance(30_000);
    const exchangeMs = market.exchange.market.nowMs;
    const clock = { ...systemClock, wall: () => (exchangeMs + aheadMs) as Ms };
    const board = new Board(mapMemory(market.arenas), clock);
    const digest = { feed: { clockOffsetMs: -aheadMs }, analysis: {} } as Digest;
    board.take({ kind: 'digest', digest, symbols: market.symbols });
    const [watched] = market.symbols;
    const view = watched === undefined ? undefined : board.markets.market(watched);
    expect(view?.flow.trades).toBeGreaterThan(0);
    ages.push(...(view?.lives ?? []).map(({ firstSeenMs }) => clock.wall() - firstSeenMs));
    expect(ages.length).toBeGreaterThan(view?.lives.length ?? NaN);
    expect(ages.filter((age) => age < 0 || age > 30_000)).toEqual([]);
    expect(Math.max(...ages)).toBeGreaterThan(0);
  },
);

test('a market is told as its book, its tape and its densities are', () => {
  const market = new FakeMarket(6, 1, () => undefined, 1_764_072_000_000);
  market.advance(60_000);
  const exchangeMs = market.exchange.market.nowMs as Ms;
  const clock = { ...systemClock, wall: () => exchangeMs };
  const memory = mapMemory(market.arenas);
  const board = new Board(memory, clock);
  board.take({
    kind: 'digest',
    digest: {
      feed: { clockOffsetMs: 0 },
      analysis: { excluded: [0] },
      desk: { positions: market.symbols.map(({ instrument: { symbol } }) => ({ symbol })), blocks: [] },
    } as unknown as Digest,
    symbols: market.symbols,
  });
  const watched = market.symbols[0] as WatchedSymbol;
  const { slot, instrument } = watched;
  const view = createView();
  expect(readBook(memory.books, slot, view)).toBe(true);
  const [bid, ask] = [view.ticks[0][0] as number, view.ticks[1][0] as number];
  const mid = (bid + ask) / 2;
  const tickSize = instrument.tickScaled / 10 ** instrument.priceScale;

  const told = board.markets.market(watched) as MarketView;
  const flow = readFlow(memory.tape, slot, exchangeMs, 10_000 as Ms);
  expect(flow.bought).not.toBe(flow.sold);
  const unit = instrument.notionalUnit;
  expect(told.flow).toMatchObject({ bought: flow.bought * unit, sold: flow.sold * unit });
  expect([told.bidTotal, told.askTotal]).toEqual([...view.totals].map((total) => total * unit));
  const lotSize = instrument.lotScaled / 10 ** instrument.lotScale;
  for (const [side, ladder] of [told.bids, told.asks].entries()) {
    const ticks = [...(view.ticks[side as 0 | 1] ?? [])].slice(0, Math.min(30, view.counts[side] as number));
    expect(ladder.map(([tick]) => tick)).toEqual(ticks);
    for (const [i, [tick, size, usdt]] of ladder.entries()) {
      const lots = view.lots[side as 0 | 1][i] as number;
      expect([size, usdt]).toEqual([expect.closeTo(lots * lotSize, 9), expect.closeTo(tick * lots * unit, 1)]);
    }
  }
  expect(told.ageMs).toBeLessThan(60_000);
  expect(told.ageMs).toBeGreaterThan(0);

  const [line] = board.symbolViews() as [SymbolView];
  const standing = told.lives.filter(({ isConfirmed, state, inView }) => isConfirmed && state !== 'gone' && inView);
  expect(told.lives.length).toBeGreaterThan(standing.length);
  const away = (price: number): number => (Math.abs(price - mid) / mid) * 100;
  for (const side of ['bid', 'ask'] as const) {
    const own = standing.filter((life) => life.side === side).toSorted((a, b) => away(a.price) - away(b.price));
    expect(own.length).toBeGreaterThan(1);
    const near = side === 'bid' ? line.nearestBid : line.nearestAsk;
    expect(near?.price).toBeCloseTo((own[0]?.price as number) * tickSize, 9);
    expect(near?.distancePercent).toBeCloseTo(away(own[0]?.price as number), 12);
  }
  expect(line.densities).toBe(standing.filter(({ price }) => away(price) <= 1).length);
  expect([line.bid, line.ask]).toEqual([expect.closeTo(bid * tickSize, 9), expect.closeTo(ask * tickSize, 9)]);
  expect(line.spreadPercent).toBeCloseTo(((ask - bid) / mid) * 100, 12);
  expect(line).toMatchObject({
    changePercent: readFact(memory.tape, slot, FACT_CHANGE),
    isHeld: true,
    isExcluded: true,
  });
  expect(board.markets.prices(watched)).toEqual({ mid: mid * tickSize, mark: readFact(memory.tape, slot, FACT_MARK) });

  setFact(memory.tape, slot, FACT_CHANGE, NaN);
  setFact(memory.tape, slot, FACT_MARK, 0);
  expect(board.symbolViews()[0]?.changePercent).toBeUndefined();
  expect(board.markets.prices(watched).mark).toBeUndefined();
  expect(Math.abs(told.pressure ?? NaN)).toBeLessThanOrEqual(1);
  // The slot has another symbol now: what is still told of the former one's densities is not this one's.
  const tenancy = slot * SLOT_WORDS + TENANCY;
  memory.lives.words[tenancy] = (memory.lives.words[tenancy] as number) + 1;
  expect(board.markets.market(watched)).toMatchObject({ lives: [], pressure: undefined });
});

test('another mode, block or position is told at once, what else is new with the next look', () => {
  const market = new FakeMarket(6, 1, () => undefined);
  const board = new Board(mapMemory(market.arenas), systemClock);
  const position = { symbol: 'SOLUSDT', state: 'protected', size: '1', stop: undefined, closing: undefined };
  const take = (desk: object, loop = 0): boolean => {
    const all = { mode: 'ACTIVE', isKilled: false, blocks: [], positions: [position], ...desk };
    const digest = { feed: {}, analysis: {}, loop, desk: all } as unknown as Digest;
    return board.take({ kind: 'digest', digest });
  };
  expect([take({}), take({}), take({}, 1)]).toEqual([true, false, false]);
  const changes = [
    { mode: 'HALTED' },
    { isKilled: true },
    { latch: 'risk.runaway' },
    { blocks: [{ reason: 'operator.paused' }] },
    { positions: [] },
    { positions: [{ ...position, size: '2' }] },
    { positions: [{ ...position, closing: 'manual' }] },
    { positions: [{ ...position, stop: { price: '1', isConfirmed: false } }] },
  ];
  expect(changes.map((change) => [take(change), take({})])).toEqual(changes.map(() => [true, true]));
});

/** What one more column tells, the tape and the book being what they are. */
function nextColumn(market: FakeMarket, maps: HeatMaps): Column {
  maps.record(market.symbols, new Map());
  const { symbol } = (market.symbols[0] as WatchedSymbol).instrument;
  const message = maps.get(symbol, 1)?.message(1);
  return readColumns((message as Buffer).buffer as ArrayBuffer)?.columns[0] as Column;
}

test('a column tells how far the book could be seen, and what was bought and sold since the one before it', () => {
  const market = new FakeMarket(7, 1, () => undefined);
  market.advance(5_000);
  const memory = mapMemory(market.arenas);
  const maps = new HeatMaps(memory, systemClock);
  expect(nextColumn(market, maps).trades).toEqual([]);

  const { slot, instrument } = market.symbols[0] as WatchedSymbol;
  const view = createView();
  expect(readBook(memory.books, slot, view)).toBe(true);
  const { tape } = memory;
  // Forty prices, more than one column tells apart.
  const kinds = [CHANGE_BUY, CHANGE_RPI_BUY, CHANGE_SELL, CHANGE_RPI_SELL, CHANGE_BUY];
  const all = Array.from({ length: 40 }, (_, i) => ({
    tick: (view.ticks[0][0] as number) + i,
    lots: i + 1,
    kind: kinds[Math.floor(i / 8)] as number,
  }));
  for (const { tick, lots, kind } of all) {
    const ordinal = readFact(tape, slot, FACT_TRADES);
    tape.numbers.set([0, tick, lots, kind], tradeAt(slot, ordinal));
    setFact(tape, slot, FACT_TRADES, ordinal + 1);
  }
  const column = nextColumn(market, maps);
  const sum = (usdt: readonly number[]): number => usdt.reduce((a, b) => a + b, 0);
  for (const side of ['buy', 'sell'] as const) {
    const told = sum(column.trades.filter((trade) => trade.side === side).map(({ usdt }) => usdt));
    const traded = all.filter((_, i) => (i < 16 || i >= 32) === (side === 'buy'));
    const exact = sum(traded.map(({ tick, lots }) => tick * lots * instrument.notionalUnit));
    expect(Math.abs(told / exact - 1)).toBeLessThan(0.002);
  }
  expect(nextColumn(market, maps).trades).toEqual([]);

  const edge = (side: 0 | 1): number => view.ticks[side][(view.counts[side] as number) - 1] as number;
  const isWhole = [0, 1].map((side) => (view.counts[side] as number) < view.depth);
  expect([column.lowest, column.highest]).toEqual([
    isWhole[0] === true ? -0x80000000 : edge(0),
    isWhole[1] === true ? 0x7fffffff : edge(1),
  ]);
});
