// Does a page see a market as it is, also on a machine whose calendar is wrong?
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { Board } from '../../src/operator/board.ts';
import { endingView, isEnding } from '../../src/operator/happened.ts';
import { mapMemory } from '../../src/operator/memory.ts';
import type { Digest } from '../../src/operator/port.ts';
import { FakeMarket } from './fake-market.ts';

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
