// What does trading make of what it is told of the account, and of what it is not told any more?
import { expect, test } from 'vitest';
import { contractRow } from '../src/backtest/contracts.ts';
import { createBooks } from '../src/book/layout.ts';
import { parseConfig } from '../src/config/load.ts';
import type { Ms } from '../src/lib/brand.ts';
import { createRng } from '../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../src/market/instrument.ts';
import { emptyJournal } from '../src/order/journal.ts';
import { createLives } from '../src/scan/layout.ts';
import { createTape } from '../src/tape/layout.ts';
import { createTrading } from '../src/trading.ts';
import { FIT } from './bybit/gateway/fit-account.ts';
import { createVirtualClock, type VirtualClock } from './bybit/virtual-clock.ts';

/** `isAnswered`: by who is asked what the account is set to. */
function room(clock: VirtualClock, isAnswered: () => boolean, isWanted: (symbol: string) => boolean) {
  const read = parseConfig('', 'the configuration of this test', { env: {} });
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const silent = () => undefined;
  return createTrading(
    {
      venue: () => ({
        gateway: { send: silent, tokens: () => ({ entries: 0, all: 0 }), close: () => Promise.resolve() },
        readSetup: () =>
          Promise.resolve(
            isAnswered() ? { ok: true, value: FIT } : { ok: false, reason: 'HTTP 502', keyRefused: undefined },
          ),
      }),
      account: 'test',
      instance: '5afe0001',
      epoch: 1,
      recovered: emptyJournal(),
      haltedFor: undefined,
      takerFee: 0.00055,
      append: silent,
      latch: silent,
      onResumed: silent,
    },
    {
      memory: { books: createBooks(1), tape: createTape(1), lives: createLives(1) },
      clock,
      rng: createRng(1),
      log: { debug: silent, info: silent, warn: silent, error: silent, fatal: silent },
      chronicle: { trade: silent, execution: silent, happened: silent },
      config: () => read.config,
      strategyOf: silent,
      coinOf: silent,
      instrument: silent,
      slotOf: silent,
      bookHeardAt: () => 0 as Ms,
      isWanted: ({ instrument }) => isWanted(instrument.symbol),
      onHeld: silent,
    },
  );
}

test('what was told of account and maintenance holds for an hour: with nobody telling it any more nothing is entered', async () => {
  const clock = createVirtualClock();
  let isAnswered = true;
  const trading = room(
    clock,
    () => isAnswered,
    () => true,
  );
  const isBlocked = (): boolean => trading.trader.status().blocks.includes('account.setup_old');
  trading.market({ listed: new Map(), listedAt: 0 as Ms, days: new Map() });
  await clock.advance(2 * 3_600_000);
  expect(isBlocked()).toBe(false);
  isAnswered = false;
  await clock.advance(3_000_000);
  expect(isBlocked()).toBe(false);
  await clock.advance(610_000);
  expect(isBlocked()).toBe(true);
  isAnswered = true;
  await clock.advance(10_000);
  expect(isBlocked()).toBe(false);
  await trading.close();
});

test('what a person holds stays watched: a contract that is not to be watched takes no entry then, nor for a while after (X03, G07)', async () => {
  const trading = room(
    createVirtualClock(),
    () => true,
    (symbol) => symbol === 'SOLUSDT',
  );
  const told: unknown[] = [];
  trading.trader.contract = ({ instrument, isTrading }) => void told.push([instrument.symbol, isTrading]);
  const rows = ['SOLUSDT', 'HERSUSDT'].map((symbol) => {
    const instrument = createInstrument(symbol, '0.01', '0.1') as Instrument;
    return [symbol, contractRow(instrument, new Map()).row] as const;
  });
  trading.market({ listed: new Map(rows), listedAt: 0 as Ms, days: new Map() });
  expect(told).toEqual([
    ['SOLUSDT', true],
    ['HERSUSDT', false],
  ]);
  await trading.close();
});
