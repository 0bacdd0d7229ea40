// What does trading make of what it is told of the account, and of what it is not told any more?
import { expect, test } from 'vitest';
import { createBooks } from '../src/book/layout.ts';
import { parseConfig } from '../src/config/load.ts';
import type { Ms } from '../src/lib/brand.ts';
import { createRng } from '../src/lib/rng.ts';
import { emptyJournal } from '../src/order/journal.ts';
import { createLives } from '../src/scan/layout.ts';
import { createTape } from '../src/tape/layout.ts';
import { createTrading } from '../src/trading.ts';
import { FIT } from './bybit/gateway/fit-account.ts';
import { createVirtualClock } from './bybit/virtual-clock.ts';

test('what was told of account and maintenance holds for an hour: with nobody telling it any more nothing is entered', async () => {
  const clock = createVirtualClock();
  const read = parseConfig('', 'the configuration of this test', { env: {} });
  if (!read.ok) throw new Error(read.errors.join('\n'));
  let isAnswered = true;
  const silent = () => undefined;
  const trading = createTrading(
    {
      venue: () => ({
        gateway: { send: silent, tokens: () => ({ entries: 0, all: 0 }), close: () => Promise.resolve() },
        readSetup: () =>
          Promise.resolve(
            isAnswered ? { ok: true, value: FIT } : { ok: false, reason: 'HTTP 502', keyRefused: undefined },
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
      onHeld: silent,
    },
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
