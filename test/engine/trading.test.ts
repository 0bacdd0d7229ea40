// What does trading make of what it is told of the account and of contracts, and of what it is not told any more?
import { expect, test, vi } from 'vitest';
import { contractRow } from '../../src/backtest/contracts.ts';
import { createBooks } from '../../src/book/layout.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Setup } from '../../src/bybit/gateway/setup.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot, Usdt } from '../../src/market/units.ts';
import type { OnGatewayEvent } from '../../src/order/gateway.ts';
import { emptyJournal } from '../../src/order/journal.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { createLives } from '../../src/scan/layout.ts';
import { createTape } from '../../src/tape/layout.ts';
import { createTrading, type TradingRoom } from '../../src/engine/trading.ts';
import type { ListedInstrument } from '../../src/universe/listing.ts';
import type { Venue } from '../../src/engine/venue.ts';
import { FIT } from '../bybit/gateway/fit-account.ts';
import { createVirtualClock, type VirtualClock } from '../bybit/virtual-clock.ts';
import { FakeExchange } from '../position/fake-exchange.ts';

const silent = () => undefined;

/** An exchange that does nothing but answer, while it does, what the account is set to. */
function silentVenue(isAnswered: () => boolean, setup: () => Setup = () => FIT): Venue {
  return () => ({
    gateway: { send: silent, close: () => Promise.resolve() },
    readSetup: () =>
      Promise.resolve(
        isAnswered() ? { ok: true, value: setup() } : { ok: false, reason: 'HTTP 502', keyRefused: undefined },
      ),
  });
}

function tradingAt(venue: Venue, clock: VirtualClock, own: Partial<TradingRoom> = {}, onResumed = silent) {
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
      hasCandles: () => true,
      isDeaf: () => false,
      isWanted: () => true,
      onHeld: silent,
      onListDoubted: silent,
      ...own,
    },
  );
}

const rowOf = (symbol: string, tick = '0.01'): ListedInstrument =>
  contractRow(createInstrument(symbol, tick, '0.1') as Instrument, new Map()).row;

const bounceAt = (clock: VirtualClock): AnalysisEvent => ({
  ...({} as AnalysisEvent),
  signal: 'bounce',
  receivedMs: clock.monotonic(),
});

/** An exchange that lists SOLUSDT and tells its time. */
function atExchange(clock: VirtualClock, own: Partial<TradingRoom> = {}, onResumed = silent) {
  let exchange: FakeExchange | undefined;
  const trading = tradingAt(
    (_, onEvent) => {
      const made = new FakeExchange(
        () => ({ mono: clock.monotonic(), wall: clock.wall() }),
        (delay, run) => void clock.after(delay as Ms, run),
        onEvent,
        createRng(1),
      );
      exchange = made;
      made.list(rowOf('SOLUSDT').instrument, 9_998);
      const begin = (): void => {
        onEvent({ kind: 'clock', offsetMs: 0, errorMs: 1 });
        onEvent({ kind: 'link', link: 'private', up: true, reason: '' });
      };
      clock.after(0 as Ms, begin);
      clock.every(60_000 as Ms, () => onEvent({ kind: 'clock', offsetMs: 0, errorMs: 1 }));
      return { gateway: { send: made.send.bind(made), close: () => Promise.resolve() } };
    },
    clock,
    own,
    onResumed,
  );
  return { trading, exchange: exchange as FakeExchange };
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
  const row = rowOf('SOLUSDT');
  const { trading } = atExchange(clock);
  const { trader } = trading;
  trader.facts({ lockHeld: true, killedByFile: false, journalWritable: true, diskFreeBytes: 2 ** 35 });
  const refusal = (): string | undefined => trader.offer('SOLUSDT', bounceAt(clock))?.refusal;
  trading.market({ listed: new Map([['SOLUSDT', row]]), listedAt: clock.monotonic(), days: new Map() });
  await clock.advance(3_590_000);
  trading.attached(row);
  expect(refusal()).toBe('G09 book');
  await clock.advance(20_000);
  expect(refusal()).toBe('G08 contract_age');
  trading.attached({ ...row });
  expect(refusal()).toBe('G09 book');
  await trading.close();
});

test('what a person holds stays watched: a contract that is not to be watched takes no entry then, nor for a while after (X03, G07)', async () => {
  const venue = silentVenue(() => true);
  const trading = tradingAt(venue, createVirtualClock(), {
    isWanted: ({ instrument }) => instrument.symbol === 'SOLUSDT',
  });
  const told: unknown[] = [];
  trading.trader.contract = ({ instrument, isTrading }) => void told.push([instrument.symbol, isTrading]);
  const rows = ['SOLUSDT', 'HERSUSDT'].map((symbol) => [symbol, rowOf(symbol)] as const);
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
  const trading = tradingAt(venue, createVirtualClock(), {}, () => void forgiven++);
  const { trader } = trading;
  const first = trader.command({ kind: 'resume', id: 'r1' });
  expect([first.accepted, forgiven]).toEqual([true, 1]);
  expect(trader.command({ kind: 'resume', id: 'r1' }).text).toBe(first.text);
  expect(forgiven).toBe(1);
  trader.command({ kind: 'resume', id: 'r2' });
  expect(forgiven).toBe(2);
  await trading.close();
});

test('the desk goes by what the account is set to now: fees, margin mode and each maintenance, and enters nothing where it is unfit', async () => {
  const clock = createVirtualClock();
  let setup: Setup = FIT;
  const venue = silentVenue(
    () => true,
    () => setup,
  );
  const trading = tradingAt(venue, clock);
  const { trader } = trading;
  const contracts = vi.spyOn(trader, 'contract');
  const facts = vi.spyOn(trader, 'facts');
  trading.market({ listed: new Map([['SOLUSDT', rowOf('SOLUSDT')]]), listedAt: 0 as Ms, days: new Map() });
  const fee = (): number | undefined => contracts.mock.lastCall?.[0].takerFee;
  const isUnfit = (): boolean => trader.status().blocks.includes('account.unfit');
  await clock.advance(1_000);
  expect([fee(), isUnfit(), await trading.judged]).toEqual([0.00055, false, []]);
  const maintenance = [600_000, 1_800_000].map((beginMs) => ({
    title: 'upgrade',
    state: 'scheduled' as const,
    beginMs: beginMs as Ms,
    endMs: (beginMs + 600_000) as Ms,
  }));
  setup = {
    ...FIT,
    marginMode: 'cross',
    maintenance,
    takerFees: new Map([['SOLUSDT', '0.001']]),
  };
  await clock.advance(600_000);
  expect([fee(), isUnfit()]).toEqual([0.001, true]);
  expect(facts).toHaveBeenCalledWith({
    isIsolated: false,
    maintenance: [
      { fromMs: 600_000, untilMs: 1_200_000 },
      { fromMs: 1_800_000, untilMs: 2_400_000 },
    ],
  });
  setup = FIT;
  await clock.advance(600_000);
  expect([fee(), isUnfit()]).toEqual([0.00055, false]);
  expect(facts).toHaveBeenCalledWith({ isIsolated: true, maintenance: [] });
  await trading.close();
});

test('of a key that ends is warned once a day for two weeks, and in its last two days nothing is entered with it (O25)', async () => {
  const clock = createVirtualClock();
  const dayMs = 86_400_000;
  let daysLeft = 14.5;
  const venue = silentVenue(
    () => true,
    () => ({ ...FIT, key: { ...FIT.key, expiresMs: (clock.wall() + daysLeft * dayMs) as Ms } }),
  );
  const warn = vi.fn<(fields: object, event: string) => void>();
  const trading = tradingAt(venue, clock, { log: { debug: silent, info: silent, warn, error: silent, fatal: silent } });
  const isUnfit = (): boolean => trading.trader.status().blocks.includes('account.unfit');
  await clock.advance(1_000);
  expect([isUnfit(), await trading.judged]).toEqual([false, []]);
  for (daysLeft of [13.5, 13.4]) await clock.advance(600_000);
  expect(isUnfit()).toBe(false);
  expect(warn.mock.calls.filter(([, name]) => name === 'account.key_ends')).toEqual([
    [{ daysLeft: 13 }, 'account.key_ends'],
  ]);
  daysLeft = 2;
  await clock.advance(600_000);
  expect(isUnfit()).toBe(true);
  await trading.close();
});

test('a book whose symbol is held is looked at with each of its changes while it is watched, whichever came first', async () => {
  const clock = createVirtualClock();
  let slot: Slot | undefined = 0 as Slot;
  const { trading, exchange } = atExchange(clock, { slotOf: () => slot });
  const row = rowOf('SOLUSDT');
  trading.market({ listed: new Map([['SOLUSDT', row]]), listedAt: clock.monotonic(), days: new Map() });
  await clock.advance(10_000);
  const take = vi.spyOn(trading.trader, 'take');
  const isLookedAt = (): boolean => {
    take.mockClear();
    trading.moved(0 as Slot);
    return take.mock.calls.some(([event]) => event.kind === 'market');
  };
  expect(isLookedAt()).toBe(false);
  exchange.human('SOLUSDT', 3);
  await clock.advance(10_000);
  expect([...trading.trader.held()]).toEqual(['SOLUSDT']);
  expect(isLookedAt()).toBe(true);
  slot = undefined;
  trading.detached(0 as Slot);
  expect(isLookedAt()).toBe(false);
  slot = 0 as Slot;
  trading.attached(row);
  expect(isLookedAt()).toBe(true);
  await trading.close();
});

test('while an end is waited for the desk is told the time ten times a second, else once', async () => {
  const clock = createVirtualClock();
  const { trading } = atExchange(clock);
  const { trader } = trading;
  trading.market({ listed: new Map([['SOLUSDT', rowOf('SOLUSDT')]]), listedAt: clock.monotonic(), days: new Map() });
  await clock.advance(5_000);
  const take = vi.spyOn(trader, 'take');
  const timesIn = async (ms: number): Promise<number> => {
    take.mockClear();
    await clock.advance(ms);
    return take.mock.calls.filter(([{ kind }]) => kind === 'time').length;
  };
  expect(await timesIn(5_000)).toBe(5);
  void trader.drain('leave_protected');
  expect(await timesIn(5_000)).toBe(55);
  await trading.close();
});

test('what is answered is of the question: not of the symbol before, and nothing is accepted after the end', async () => {
  const clock = createVirtualClock();
  const { trading } = atExchange(clock);
  const { trader } = trading;
  trading.market({ listed: new Map([['SOLUSDT', rowOf('SOLUSDT')]]), listedAt: clock.monotonic(), days: new Map() });
  await clock.advance(10_000);
  const answers = ['SOLUSDT', 'HERSUSDT'].map((symbol) => trader.offer(symbol, bounceAt(clock))?.symbol);
  expect(answers).toEqual(['SOLUSDT', undefined]);
  expect(trader.command({ kind: 'pause', id: 'pause-1' }).accepted).toBe(true);
  await trading.close();
  expect(trader.command({ kind: 'pause', id: 'pause-2' })).toEqual({
    accepted: false,
    text: 'the engine has ended',
  });
});

test('crashes and dead files are forgiven by a resume that is accepted, and by none that is refused (Y05)', async () => {
  const clock = createVirtualClock();
  let forgiven = 0;
  const { trading } = atExchange(clock, {}, () => void forgiven++);
  const { trader } = trading;
  trading.market({ listed: new Map([['SOLUSDT', rowOf('SOLUSDT')]]), listedAt: clock.monotonic(), days: new Map() });
  await clock.advance(1);
  // Nobody has told yet what is held.
  trader.command({ kind: 'kill', id: 'kill-0001' });
  const isResumed = (id: string): boolean => trader.command({ kind: 'resume', id }).accepted;
  expect([isResumed('resume-1'), forgiven]).toEqual([false, 0]);
  await clock.advance(10_000);
  expect([isResumed('resume-2'), forgiven]).toEqual([true, 1]);
  await trading.close();
});

test('leverage is what it was at the start, whatever the file says meanwhile', async () => {
  const clock = createVirtualClock();
  const read = parseConfig('', 'the configuration of this test', { env: {} });
  if (!read.ok) throw new Error(read.errors.join());
  let { config } = read;
  const { trading, exchange } = atExchange(clock, { config: () => config });
  trading.market({ listed: new Map([['SOLUSDT', rowOf('SOLUSDT')]]), listedAt: clock.monotonic(), days: new Map() });
  await clock.advance(30_000);
  config = { ...config, trading: { ...config.trading, leverage: 50 } };
  await clock.advance(60_000);
  expect(exchange.sent.filter(({ kind }) => kind === 'set-leverage')).toEqual([]);
  expect(exchange.sent.some(({ kind }) => kind === 'read-position')).toBe(true);
  await trading.close();
});

test('equity counts what is not realised, and days are those of the exchange', async () => {
  const clock = createVirtualClock();
  let tell: OnGatewayEvent = silent;
  const times: number[] = [];
  const trading = tradingAt(
    (_, onEvent) => {
      tell = onEvent;
      return { gateway: { send: silent, close: () => Promise.resolve() } };
    },
    clock,
    { isWanted: (_, exchangeMs) => times.push(exchangeMs) > 0 },
  );
  tell({ kind: 'clock', offsetMs: 86_400_000, errorMs: 1 });
  tell({ kind: 'wallet', report: { balance: 5n, free: 1n, unrealised: -2n, updatedMs: 0 as Ms } });
  trading.market({ listed: new Map([['SOLUSDT', rowOf('SOLUSDT')]]), listedAt: 0 as Ms, days: new Map() });
  expect([await trading.funded, times.at(-1)]).toEqual([3n, clock.wall() + 86_400_000]);
  await trading.close();
});

test('a grid that was read alone is not undone by a list that is older (B12)', async () => {
  const clock = createVirtualClock();
  await clock.advance(1_000);
  const trading = tradingAt(
    silentVenue(() => true),
    clock,
  );
  const contracts = vi.spyOn(trading.trader, 'contract');
  const listed = new Map([['SOLUSDT', rowOf('SOLUSDT')]]);
  const tick = (): number | undefined => contracts.mock.lastCall?.[0].instrument.tickScaled;
  const [before] = [rowOf('SOLUSDT').instrument.tickScaled];
  trading.market({ listed, listedAt: 500 as Ms, days: new Map() });
  trading.attached(rowOf('SOLUSDT', '0.05'));
  trading.market({ listed, listedAt: 500 as Ms, days: new Map() });
  expect(tick()).toBe(5 * before);
  await clock.advance(1_000);
  trading.market({ listed, listedAt: clock.monotonic(), days: new Map() });
  expect(tick()).toBe(before);
  await trading.close();
});

test.each(['', '0'])(
  'of a contract in which nothing was ever traded (%s) no leverage is called too high',
  async (lastPriceText) => {
    const clock = createVirtualClock();
    const trading = tradingAt(
      silentVenue(() => true),
      clock,
    );
    const day = { symbol: 'SOLUSDT', change: 0, turnover: 0 as Usdt, turnoverText: '0', lastPriceText };
    const listed = new Map([['SOLUSDT', rowOf('SOLUSDT')]]);
    trading.market({ listed, listedAt: clock.monotonic(), days: new Map([['SOLUSDT', day]]) });
    expect(trading.check(['SOLUSDT'], undefined)).toMatchObject({ faults: [], warnings: [] });
    await trading.close();
  },
);

test('R12: a pause is written when the disk has its record, not before, and one that changes nothing is at once', async () => {
  const { trader } = tradingAt(
    silentVenue(() => true),
    createVirtualClock(),
  );
  const said: string[] = [];
  trader.command({ kind: 'pause', id: 'first' });
  const first = trader.written().then(() => said.push('first'));
  const { seq } = trader.journal();
  trader.synced(seq - 1);
  await Promise.resolve();
  expect(said).toEqual([]);
  trader.synced(seq);
  await first;
  trader.command({ kind: 'pause', id: 'second' });
  await trader.written();
  expect(said).toEqual(['first']);
});
