// Is each symbol judged by the numbers that are in force for it, also when they change while it runs?
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { SLOT_WORDS as BOOK_WORDS, TRUST } from '../../src/book/layout.ts';
import { SUSPECT } from '../../src/book/trust.ts';
import { endpointsOf } from '../../src/bybit/endpoints.ts';
import { snakeKey } from '../../src/config/camel.ts';
import { parseConfig } from '../../src/config/load.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import { createLog } from '../../src/ops/log.ts';
import { emptyJournal } from '../../src/order/journal.ts';
import { playScenario } from '../../src/simulator/scenario/play.ts';
import { readScenario } from '../../src/simulator/scenario/read-scenario.ts';
import { LIFE_COUNT, SLOT_WORDS } from '../../src/scan/layout.ts';
import type { CoinParameters } from '../../src/store/read/coin-parameters.ts';
import { barAt, FACT_HIGH, FACT_LOOKBACK, FACT_LOW, FACT_MINUTE, readFact } from '../../src/tape/layout.ts';
import { widenMinutes } from '../../src/tape/write.ts';
import { configOf } from '../config-of.ts';
import { pathOf } from '../safety/exit-scenarios.ts';
import { VirtualEngine } from '../safety/virtual-engine.ts';

interface Reach {
  readonly minutes: number;
  /** Of which something is known. */
  readonly known: number;
  readonly isTrue: boolean;
}

/** How far the extrema of a symbol look back, and whether they are those of so many minutes. */
function reach({ engine }: VirtualEngine, symbol: string): Reach {
  const slot = engine.feed.status().symbols.find((one) => one.symbol === symbol)?.slot;
  if (slot === undefined) throw new Error(`${symbol} is not watched`);
  const { tape } = engine.memory;
  const { words } = tape;
  const fact = (which: number): number => readFact(tape, slot, which);
  const minutes = fact(FACT_LOOKBACK);
  const bars = Array.from({ length: minutes }, (_, i) => fact(FACT_MINUTE) - 1 - i)
    .map((minute) => [minute, barAt(tape, slot, minute)] as const)
    .filter(([minute, at]) => words[at] === minute)
    .map(([, at]) => [words[at + 1] as number, words[at + 2] as number] as const);
  const high = Math.max(...bars.map(([top]) => top));
  const low = Math.min(...bars.map(([, bottom]) => bottom));
  return { minutes, known: bars.length, isTrue: bars.length > 1 && fact(FACT_HIGH) === high && fact(FACT_LOW) === low };
}

test('extrema look back as far as the row of a symbol says, else as far as the file in force says', async () => {
  let coins: ReadonlyMap<string, CoinParameters> = new Map();
  const settings = ['strategy.tp_local_extrema_hours=1'];
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings, coins: () => coins });
  await life.until('may trade', 30_000, () => life.mayTrade);
  await life.run(2_000);
  const [one, other] = life.engine.feed.status().symbols.map(({ symbol }) => symbol) as [string, string];
  expect([reach(life, one), reach(life, other)]).toMatchObject(Array(2).fill({ minutes: 60, isTrue: true }));
  const own = { enabled: true, preferredStrategy: 'both', overrides: { tp_local_extrema_hours: 0.5 } } as const;
  coins = new Map([[one, own]]);
  await life.run(2_000);
  expect([reach(life, one), reach(life, other)]).toMatchObject([
    { minutes: 30, isTrue: true },
    { minutes: 60, isTrue: true },
  ]);
  life.engine.reload({ ...life.config, strategy: { ...life.config.strategy, tpLocalExtremaHours: 0.25 } });
  expect([reach(life, one), reach(life, other)]).toMatchObject([
    { minutes: 30, isTrue: true },
    { minutes: 15, isTrue: true },
  ]);
});

test('who looks back farther than its candles reach has them read anew: by its row, by the file, and when it is added', async () => {
  const own = { enabled: true, preferredStrategy: 'both', overrides: { tp_local_extrema_hours: 3 } } as const;
  let coins: ReadonlyMap<string, CoinParameters> = new Map();
  const settings = ['strategy.tp_local_extrema_hours=1', 'market.symbols=[BTCUSDT,ETHUSDT]'];
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings, coins: () => coins });
  const whole = (symbol: string, hours: number): (() => boolean) => {
    return () => {
      const { minutes, known, isTrue } = reach(life, symbol);
      return isTrue && minutes === 60 * hours && known >= minutes - 1;
    };
  };
  await life.until('may trade', 30_000, () => life.mayTrade);
  await life.until('an hour is known', 5_000, whole('BTCUSDT', 1));
  coins = new Map([['BTCUSDT', own]]);
  await life.until('three hours are known of the one with a row', 5_000, whole('BTCUSDT', 3));
  expect(whole('ETHUSDT', 1)()).toBe(true);
  const configured = (symbols: string[]) => ({
    ...life.config,
    market: { ...life.config.market, symbols },
    strategy: { ...life.config.strategy, tpLocalExtremaHours: 2 },
  });
  life.engine.reload(configured(['BTCUSDT', 'ETHUSDT']));
  await life.until('two hours are known of the other', 5_000, whole('ETHUSDT', 2));
  expect(whole('BTCUSDT', 3)()).toBe(true);
  const watched = (): boolean => life.engine.feed.status().symbols.some(({ symbol }) => symbol === 'BTCUSDT');
  life.engine.reload(configured(['ETHUSDT']));
  await life.until('the one with a row is left', 30_000, () => !watched());
  life.engine.reload(configured(['BTCUSDT', 'ETHUSDT']));
  await life.until('it is watched again', 30_000, watched);
  await life.until('three hours are known of it again', 5_000, whole('BTCUSDT', 3));
});

test('a bad row changes nothing, and the file goes on to be read beneath it', async () => {
  let coins: ReadonlyMap<string, CoinParameters> = new Map();
  const settings = ['strategy.tp_local_extrema_hours=1'];
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings, coins: () => coins });
  await life.until('may trade', 30_000, () => life.mayTrade);
  const [one, other] = life.engine.feed.status().symbols.map(({ symbol }) => symbol) as [string, string];
  const row = (overrides: CoinParameters['overrides']): CoinParameters => ({
    enabled: true,
    preferredStrategy: 'both',
    overrides,
  });
  coins = new Map([[one, row({ tp_local_extrema_hours: 0.5 })]]);
  await life.run(1_500);
  coins = new Map([
    [one, row({ tp_local_extrema_hours: 0.1, max_stop_percent: 10 })],
    [other, row({ tp_local_extrema_hours: 99 })],
  ]);
  await life.run(1_500);
  const minutes = (): number[] => [reach(life, one).minutes, reach(life, other).minutes];
  expect(minutes()).toEqual([30, 60]);
  expect(life.logged.filter(({ event }) => event === 'coin_parameters.refused')).toHaveLength(2);
  life.engine.reload({ ...life.config, strategy: { ...life.config.strategy, tpLocalExtremaHours: 0.25 } });
  expect(minutes()).toEqual([30, 15]);
});

test('a symbol that is added is watched as deep as the file in force asks for, and one that is taken away is gone', async () => {
  const settings = ['strategy.book_range_percent=0.01', 'market.symbols=[BTCUSDT]'];
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings });
  await life.until('may trade', 30_000, () => life.mayTrade);
  const depthOf = (symbol: string) =>
    life.engine.feed.status().symbols.find((watched) => watched.symbol === symbol)?.depth;
  expect(depthOf('BTCUSDT')).toBe(50);
  life.engine.reload({
    ...life.config,
    market: { ...life.config.market, symbols: ['BTCUSDT', 'ETHUSDT'] },
    strategy: { ...life.config.strategy, bookRangePercent: 20 },
  });
  await life.until('the other is watched too', 30_000, () => depthOf('ETHUSDT') !== undefined);
  expect(depthOf('ETHUSDT')).toBe(1_000);
  life.engine.reload({ ...life.config, market: { ...life.config.market, symbols: ['ETHUSDT'] } });
  await life.until('the first is left', 30_000, () => depthOf('BTCUSDT') === undefined);
  expect(life.engine.status().books.watched).toBe(1);
});

test('a symbol is watched as deep as its own row asks for, when it is added and when the row changes', async () => {
  const row = (range: number): CoinParameters => ({
    enabled: true,
    preferredStrategy: 'both',
    overrides: { book_range_percent: range },
  });
  let coins = new Map([['ETHUSDT', row(20)]]);
  const settings = ['strategy.book_range_percent=0.01', 'market.symbols=[BTCUSDT]'];
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings, coins: () => coins });
  await life.until('may trade', 30_000, () => life.mayTrade);
  // Rows are read once a second.
  await life.run(1_000);
  const depths = () => new Map(life.engine.feed.status().symbols.map(({ symbol, depth }) => [symbol, depth]));
  life.engine.reload({ ...life.config, market: { ...life.config.market, symbols: ['BTCUSDT', 'ETHUSDT'] } });
  await life.until('the other is watched too', 30_000, () => depths().has('ETHUSDT'));
  expect(Object.fromEntries(depths())).toEqual({ BTCUSDT: 50, ETHUSDT: 1_000 });
  const lookedAt = vi.spyOn(life.engine.feed, 'rangeChanged');
  coins = new Map([...coins, ['BTCUSDT', row(20)]]);
  await life.until('the row is in force', 30_000, () => depths().get('BTCUSDT') === 1_000);
  expect(Object.fromEntries(depths())).toEqual({ BTCUSDT: 1_000, ETHUSDT: 1_000 });
  expect(lookedAt.mock.calls, 'nobody asks for the books of others').toEqual([['BTCUSDT']]);
});

test('a trade keeps every number of the strategy that was in force at its entry, and its book is watched until it is over', async () => {
  const read = readScenario(readFileSync(pathOf('stop.yaml'), 'utf8'), 'stop.yaml');
  if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
  const { scenario } = read;
  const settings = Object.entries(scenario.settings).map(([key, value]) => `${key}=${value}`);
  const life = new VirtualEngine({ seed: scenario.seed ?? 1, symbols: scenario.symbols ?? 3, settings });
  await life.until('may trade', 30_000, () => life.mayTrade);
  await life.run(6_500); // symbols are chosen every ten seconds: then once while the position stands
  const { stage, ledger } = life.world.exchange;
  const pinned = vi.spyOn(life.engine.feed, 'pin');
  playScenario(scenario, stage, ledger, () => undefined);
  await life.until('it has traded', scenario.lasts, () => life.trades.length > 0);
  const [trade] = life.trades;
  const held = trade?.symbol as string;
  expect(pinned.mock.calls, 'its touch is listened to, which proves that a quiet book lives').toEqual([[held]]);
  const unpinned = vi.spyOn(life.engine.feed, 'unpin');
  // After the entry it is another one, and another symbol is chosen.
  const watched = (symbol: string) => life.engine.feed.status().symbols.some((one) => one.symbol === symbol);
  const { strategy, market } = life.config;
  const named = Object.fromEntries(Object.entries(strategy).map(([key, value]) => [snakeKey(key), value]));
  life.engine.reload({
    ...life.config,
    strategy: { ...strategy, densityThresholdAbs: 1 },
    market: { ...market, symbols: ['BTCUSDT'] },
  });
  expect(trade?.parametersSnapshot, 'as the file names them').toEqual(named);
  expect(named).toHaveProperty('density_threshold_abs', 50_000);
  await life.until('the other is watched', scenario.lasts, () => watched('BTCUSDT'));
  await life.run(100);
  expect([life.trades[0]?.exitTime, watched(held)]).toEqual([undefined, true]);
  await life.until('it is over', scenario.lasts, () => life.trades[0]?.exitTime !== undefined);
  expect(life.trades[0]?.parametersSnapshot).toEqual(named);
  await life.run(1_000);
  expect(unpinned.mock.calls, 'its touch is listened to no longer').toEqual([[held]]);
  await life.until('its book is left', 30_000, () => !watched(held));
});

test('each book is stored as often as the file said at the start, whatever it says meanwhile, while it is to be trusted', async () => {
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings: ['websocket.snapshot_interval=10'] });
  await life.until('may trade', 30_000, () => life.mayTrade);
  const within = async (ms: number): Promise<number> => {
    const before = life.stored.orderbook_snapshots;
    await life.run(ms);
    return life.stored.orderbook_snapshots - before;
  };
  expect(await within(10_000)).toBe(3);
  life.engine.reload({ ...life.config, websocket: { ...life.config.websocket, snapshotInterval: 3_600 } });
  await life.run(10_000);
  expect(await within(10_000)).toBe(3);
  const { words } = life.engine.memory.books;
  let untrusted = 0;
  for (let ms = 0; ms < 12_000; ms++) {
    for (let slot = 0; slot < 3; slot++) words[slot * BOOK_WORDS + TRUST] = SUSPECT;
    untrusted += await within(1);
  }
  expect(untrusted, 'of books that may be wrong').toBe(0);
});

test('A10: entries are off while no analyzer thread lives, and come back with one', async () => {
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings: [] });
  await life.until('may trade', 30_000, () => life.mayTrade);
  const { analysis, trading } = life.engine;
  const stats = analysis.stats();
  const dead = vi.spyOn(analysis, 'stats').mockReturnValue({ ...stats, mode: 'pool', isDown: true });
  await life.run(3_500);
  expect(trading?.trader.status().blocks).toEqual(['workers.down']);
  dead.mockRestore();
  await life.run(1_500);
  expect(trading?.trader.status().blocks).toEqual([]);
  expect(life.alerted, 'somebody is called, once').toEqual(['workers.down']);
});

test('a density whose end found no room among the events stands no longer, and its end is stored as unknown', async () => {
  const settings = ['abs=2000', 'relative=1.5', 'percent=1'].map((one) => `strategy.density_threshold_${one}`);
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings });
  const { engine, densities } = life;
  const standing = (): string[] =>
    [...engine.standing()].map(({ instrument, slot, life: id }) => `${instrument.symbol}-${slot}-${id}`);
  const lose = (): void => {
    for (let slot = 0; slot < 3; slot++) engine.memory.lives.words[slot * SLOT_WORDS + LIFE_COUNT] = 0;
  };
  await life.until('densities stand', 60_000, () => standing().length > 3);
  const lost = standing();
  lose();
  const stats = engine.analysis.stats();
  vi.spyOn(engine.analysis, 'stats').mockReturnValue({ ...stats, eventsLost: lost.length });
  await life.run(1_500);
  expect(standing().filter((id) => lost.includes(id))).toEqual([]);
  for (const id of lost) {
    const moments = densities.filter(({ lifeId }) => lifeId === id);
    const end = moments.at(-1);
    const ordinal = moments.length;
    expect(end).toMatchObject({ moment: 'closed', ordinal, label: 'unknown', disappearedAt: end?.time });
  }
  await life.until('others stand', 60_000, () => standing().length > 3);
  lose();
  let hasEnded = false;
  void engine.stop().then(() => (hasEnded = true));
  await life.until('the run is over', 60_000, () => hasEnded);
  const courses = Map.groupBy(densities, ({ lifeId }) => lifeId);
  expect([...courses].filter(([, moments]) => moments.at(-1)?.moment !== 'closed')).toEqual([]);
});

test('the shortest connection_loss_timeout that may be set takes no connection that is well for lost', async () => {
  const flag = (seconds: number): string => `safety.connection_loss_timeout=${seconds}`;
  const seconds = Array.from({ length: 30 }, (_, i) => i + 1);
  const least = seconds.find((one) => parseConfig('', '', { env: {}, overrides: { set: [flag(one)] } }).ok) ?? 0;
  const easy = ['tp_min_reward_ratio=0.1', 'max_cost_to_stop_ratio=0.9', 'max_spread_percent=0.3'];
  const settings = [flag(least), 'trading.position_size_usd=100', ...easy.map((one) => `strategy.${one}`)];
  const life = new VirtualEngine({ seed: 2, symbols: 5, settings });
  await life.until('may trade', 30_000, () => life.mayTrade);
  await life.until('it holds something', 60_000, () => life.trader.held().size > 0);
  await life.run(15_000);
  expect(life.logged.filter(({ event }) => event === 'connection.lost')).toEqual([]);
});

test('O11: the exchange takes less at once than its list told: after one refusal the list is read again, and entries keep to it', async () => {
  const easy = ['tp_min_reward_ratio=0.1', 'max_cost_to_stop_ratio=0.9', 'max_spread_percent=0.3'];
  const settings = ['trading.position_size_usd=100', ...easy.map((one) => `strategy.${one}`)];
  const life = new VirtualEngine({ seed: 2, symbols: 5, settings });
  const count = (event: string): number => life.logged.filter((one) => one.event === event).length;
  await life.until('may trade', 30_000, () => life.mayTrade);
  await life.run(10_000);
  for (const { listing } of life.world.exchange.market.contracts)
    life.world.fault('lot-limits', { symbol: listing.symbol, maxOrderQty: listing.qtyStep });
  await life.until('an entry is refused', 120_000, () => count('order.rejected') > 0);
  await life.run(120_000);
  expect(life.engine.status().refused['G14 quantity']).toBeGreaterThan(0);
  expect([count('order.rejected'), life.trader.status().mode]).toEqual([1, 'ACTIVE']);
});

test('G34: while the candles of a coin cannot be read, the minutes since it is watched are no hours: how far its extrema are is unknown', async () => {
  const easy = ['tp_min_reward_ratio=0.1', 'max_cost_to_stop_ratio=0.9', 'max_spread_percent=0.3'];
  const settings = ['trading.position_size_usd=100', ...easy.map((one) => `strategy.${one}`)];
  const life = new VirtualEngine({ seed: 2, symbols: 5, settings });
  const { exchange } = life.world;
  const request = exchange.request.bind(exchange);
  vi.spyOn(exchange, 'request').mockImplementation((asked, answer) =>
    request(asked.path.endsWith('/kline') ? { ...asked, path: '/v5/market/nothing' } : asked, answer),
  );
  await life.until('may trade', 30_000, () => life.mayTrade);
  const minute = Math.floor(life.world.nowMs / 60_000);
  for (const { slot } of life.engine.feed.status().symbols)
    widenMinutes(life.engine.memory.tape, slot, [
      { minute: minute - 1, high: 2, low: 1 },
      { minute, high: 2, low: 1 },
    ]);
  const judged = () => life.logged.filter((one) => one.event === 'signal.judged').map((one) => one.fields);
  await life.until('a signal is judged', 30_000, () => judged().length > 0);
  expect(judged()).toMatchObject([{ outcome: 'G34 room', detail: 'extrema unknown' }]);
});

test('an engine that cannot be made leaves no thread that would keep its process', () => {
  const config = configOf(['analysis.mode=pool']);
  const before = process.getActiveResourcesInfo();
  const make = () =>
    createEngine({
      config,
      endpoints: endpointsOf('demo'),
      session: { sessionId: '', environment: 'demo', mode: 'live', version: '', node: '', config: {} },
      clock: systemClock,
      rng: createRng(1),
      log: createLog({ ...config.logging, file: null }, { stderr: process.stderr, clock: systemClock, directory: '' }),
      workers: 1,
      store: undefined,
      trading: {
        venue: () => {
          throw new Error('there are no wires');
        },
        account: 'demo:test',
        instance: 'test',
        epoch: 1,
        recovered: emptyJournal(),
        haltedFor: undefined,
        takerFee: 0.000_55,
        append: () => undefined,
        latch: () => undefined,
        onResumed: () => undefined,
      },
    });
  expect(make).toThrow('there are no wires');
  expect(process.getActiveResourcesInfo()).toEqual(before);
});

test('books that come late are live to the feed and none to decide by: they are counted, without a position too', async () => {
  const life = new VirtualEngine({ seed: 1, symbols: 1, settings: [] });
  const books = () => life.engine.status().books;
  await life.until('its book is live', 10_000, () => books().live === 1);
  expect(books()).toMatchObject({ watched: 1, late: 0 });
  expect(life.world.fault('delay', { channel: 'public', ms: 4_000, count: 20 })).toBeUndefined();
  await life.until('it comes late', 10_000, () => books().late === 1);
  expect(books()).toMatchObject({ live: 1, watched: 1 });
});
