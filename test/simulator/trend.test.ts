// Where is the price of a market that runs for days? Within reach of where it began.
import { expect, test } from 'vitest';
import { createMarket } from '../../src/simulator/market.ts';

const START = 1_786_310_820_000;
const SECOND = 1_000;

test.each([1, 2])('a price that has gone far with its trend comes back (seed %i)', (seed) => {
  const market = createMarket({ seed, symbols: 1, startMs: START, truth: () => {} });
  const [contract] = market.contracts;
  if (contract === undefined) throw new Error('a market of one symbol has none');
  const { openTick, trendSide } = contract.profile;
  const away = (): number => Math.abs(contract.matching.lastTick / openTick - 1);
  while (away() < 0.12) {
    contract.outsider.push(trendSide === 1 ? 500 : -500, market.nowMs);
    market.advance(market.nowMs + SECOND);
  }
  market.advance(market.nowMs + 900 * SECOND);
  expect(away()).toBeLessThan(0.11);
});
