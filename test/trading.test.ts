// What does trading make of what it is told of the account and of contracts, and of what it is not told any more?
import { expect, test } from 'vitest';
import { contractRow } from '../src/backtest/contracts.ts';
import { createBooks } from '../src/book/layout.ts';
import { parseConfig } from '../src/config/load.ts';
import type { Ms } from '../src/lib/brand.ts';
import { createRng } from '../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../src/market/instrument.ts';
import type { Slot } from '../src/market/units.ts';
import { emptyJournal } from '../src/order/journal.ts';
import type { AnalysisEvent } from '../src/scan/event.ts';
import { createLives } from '../src/scan/layout.ts';
import { createTape } from '../src/tape/layout.ts';
import { createTrading } from '../src/trading.ts';
import type { Venue } from '../src/venue.ts';
import { FIT } from './bybit/gateway/fit-account.ts';
import { createVirtualClock, type VirtualClock } from './bybit/virtual-clock.ts';
import { FakeExchange } from './position/fake-exchange.ts';

const silent = () => undefined;

/** An exchange that does nothing but answer, while it does, what the account is set to. */
function silentVenue(isAnswered: () => boolean): Venue {
  return () => ({
    gateway: { send: silent, close: () => Promise.resolve() },
    readSetup: () =>
      Promise.resolve(
        isAnswered() ? { ok: true, value: FIT } : { ok: false, reason: 'HTTP 502', keyRefused: undefined },
      ),
  });
}

function tradingAt(
  venue: Venue,
  clock: VirtualClock,
  isWanted: (symbol: string) => boolean = () => true,
  onResumed = silent,
) {
  const read = parseConfig('', 'the configuration of this test', { env: {} });
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const { config } = read;
  return createTrading(
    {
      venue,
      account: 'test',
      instance: '5afe0001',
      epoch: 1,
      recovered: emptyJournal(),
      haltedFor: undefined,
      takerFee: 0.00055,
      append: silent,
      latch: silent,
      onResumed,
    },
    {
      memory: { books: createBooks(1), tape: createTape(1), lives: createLives(1) },
      clock,
      rng: createRng(1),
      log: { debug: silent, info: silent, warn: silent, error: silent, fatal: silent },
      chronicle: { trade: silent, execution: silent, happened: silent },
      config: () => config,
      strategyOf: () => config.strategy,
      coinOf: silent,
      instrument: silent,
      slotOf: () => 0 as Slot,
      bookHeardAt: () => 0 as Ms,
      isWanted: ({ instrument }) => isWanted(instrument.symbol),
      onHeld: silent,
      onListDoubted: silent,
    },
  );
}

test('what was told of account and maintenance holds for an hour: with nobody telling it any more nothing is entered', async () => {
  const clock = createVirtualClock();
  let isAnswered = true;
  const trading = tradingAt(
    silentVenue(() => isAnswered),
    clock,
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

test('a contract that is watched late is as old as the list that told it, and one that was read alone is new (G08)', async () => {
  const clock = createVirtualClock();
  const { row } = contractRow(createInstrument('SOLUSDT', '0.01', '0.1') as Instrument, new Map());
  const trading = tradingAt((_, onEvent) => {
    const exchange = new FakeExchange(
      () => ({ mono: clock.monotonic(), wall: clock.wall() }),
      (delay, run) => void clock.after(delay as Ms, run),
      onEvent,
      createRng(1),
    );
    exchange.list(row.instrument, 9_998);
    const begin = (): void => {
      onEvent({ kind: 'clock', offsetMs: 0, errorMs: 1 });
      onEvent({ kind: 'link', link: 'private', up: true, reason: '' });
    };
    clock.after(0 as Ms, begin);
    clock.every(60_000 as Ms, () => onEvent({ kind: 'clock', offsetMs: 0, errorMs: 1 }));
    const gateway = {
      send: exchange.send.bind(exchange),
      close: () => Promise.resolve(),
    };
    return { gateway };
  }, clock);
  const { trader } = trading;
  trader.facts({ lockHeld: true, killedByFile: false, journalWritable: true, diskFreeBytes: 2 ** 35 });
  const refusal = (): string | undefined => {
    const signal = { ...({} as AnalysisEvent), signal: 'bounce', receivedMs: clock.monotonic() } as const;
    return trader.offer('SOLUSDT', signal)?.refusal;
  };
  trading.market({ listed: new Map([['SOLUSDT', row]]), listedAt: clock.monotonic(), days: new Map() });
  await clock.advance(3_590_000);
  trading.attached(0 as Slot, row);
  expect(refusal()).toBe('G09 book');
  await clock.advance(20_000);
  expect(refusal()).toBe('G08 contract_age');
  trading.attached(0 as Slot, { ...row });
  expect(refusal()).toBe('G09 book');
  await trading.close();
});

test('what a person holds stays watched: a contract that is not to be watched takes no entry then, nor for a while after (X03, G07)', async () => {
  const venue = silentVenue(() => true);
  const trading = tradingAt(venue, createVirtualClock(), (symbol) => symbol === 'SOLUSDT');
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

test('what an operator has resumed is forgiven once: the same command again, its answer lost on the way, forgives nothing of later (Y09)', async () => {
  let forgiven = 0;
  const venue = silentVenue(() => true);
  const trading = tradingAt(
    venue,
    createVirtualClock(),
    () => true,
    () => void forgiven++,
  );
  const { trader } = trading;
  const first = trader.command({ kind: 'resume', id: 'r1' });
  expect([first.accepted, forgiven]).toEqual([true, 1]);
  expect(trader.command({ kind: 'resume', id: 'r1' }).text).toBe(first.text);
  expect(forgiven).toBe(1);
  trader.command({ kind: 'resume', id: 'r2' });
  expect(forgiven).toBe(2);
  await trading.close();
});
