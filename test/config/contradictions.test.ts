// Is every contradiction of the configuration refused at start, with its place and what would do?
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shardWithRoom, type Shard } from '../../src/bybit/feed/shard.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { strategyFor } from '../../src/config/symbol-strategy.ts';
import { SYMBOLS_PER_CONNECTION, TOPICS_PER_SYMBOL } from '../../src/config/venue-sections.ts';
import { runToEnd } from '../safety/daemon.ts';

function refused(source: string): readonly string[] {
  const result = parseConfig(source, 'c', { env: {} });
  return result.ok ? [] : result.errors.map((error) => error.replace(/^c:\d+:\d+ /, ''));
}

interface Row {
  readonly source: string;
  readonly error: string;
  /** The same with the remedy taken. */
  readonly mended: string;
}

const TABLE: Readonly<Record<string, Row>> = {
  'fees alone need a wider stop than is allowed': {
    source: 'strategy: {max_cost_to_stop_ratio: 0.1}',
    error:
      'strategy.max_cost_to_stop_ratio: fees of 0.11 % need a stop 1.1 % away, and max_stop_percent is 1: ' +
      'every signal would be refused; give more than 0.11',
    mended: 'strategy: {max_cost_to_stop_ratio: 0.12}',
  },
  'fees that leave nothing of the farthest stop’s cost to the spread': {
    source: 'strategy: {max_cost_to_stop_ratio: 0.11}',
    error:
      'strategy.max_cost_to_stop_ratio: fees of 0.11 % need a stop 1 % away, and max_stop_percent is 1: ' +
      'every signal would be refused; give more than 0.11',
    mended: 'strategy: {max_cost_to_stop_ratio: 0.111}',
  },
  'fees are more than a stop may cost': {
    source:
      'strategy: {max_stop_percent: 0.1, bounce_stop_loss_behind_density_percent: 0.09, breakout_min_stop_loss_percent: 0.09}',
    error:
      'strategy.max_stop_percent: fees of both ways (0.11 %) are all that a stop may cost: ' +
      'every signal would be refused; give more than 0.22',
    mended:
      'strategy: {max_stop_percent: 0.23, bounce_stop_loss_behind_density_percent: 0.1, breakout_min_stop_loss_percent: 0.1}',
  },
  'a simulator elsewhere of which only a part is named': {
    source: 'exchange: {endpoints: {public: "ws://127.0.0.1:7000/v5/public/linear"}}',
    error: 'exchange.endpoints.public: names a simulator that runs elsewhere: give exchange.endpoints.rest too',
    mended: 'exchange: {endpoints: {public: "ws://127.0.0.1:7000/v5/public/linear", rest: "http://127.0.0.1:7000"}}',
  },
  'contracts that are read less often than they must be to be entered': {
    source: 'market: {update_interval: 7200}',
    error:
      'market.update_interval: must not be above 3600 where trading.mode is live: contracts are read anew with it, ' +
      'and none that was read longer ago is entered',
    mended: 'market: {update_interval: 3600}',
  },
  'the same of paper, which enters by the same list': {
    source: 'trading: {mode: paper}\nmarket: {update_interval: 3601}',
    error:
      'market.update_interval: must not be above 3600 where trading.mode is paper: contracts are read anew with it, ' +
      'and none that was read longer ago is entered',
    mended: 'trading: {mode: off}\nmarket: {update_interval: 3601}',
  },
  'a breakeven that fees eat': {
    source: 'strategy: {breakout_breakeven_profit_percent: 0.11}',
    error:
      'strategy.breakout_breakeven_profit_percent: must be above the fees of both ways (0.11 %): ' +
      'the stop would move beyond the price',
    mended: 'strategy: {breakout_breakeven_profit_percent: 0.12}',
  },
  'the same under the fees of paper': {
    source: 'trading: {mode: paper}\npaper: {taker_fee_percent: 0.25}\nstrategy: {max_cost_to_stop_ratio: 0.6}',
    error:
      'strategy.breakout_breakeven_profit_percent: must be above the fees of both ways (0.5 %): ' +
      'the stop would move beyond the price',
    mended: 'trading: {mode: paper}\npaper: {taker_fee_percent: 0.24}\nstrategy: {max_cost_to_stop_ratio: 0.6}',
  },
  'a breakout’s nearest stop beyond the farthest': {
    source: 'strategy: {breakout_min_stop_loss_percent: 1.5}',
    error:
      'strategy.breakout_min_stop_loss_percent: must be below strategy.max_stop_percent (1): ' +
      'the way from the entry to the density is part of the stop’s',
    mended: 'strategy: {breakout_min_stop_loss_percent: 0.9}',
  },
  'a bounce’s stop as far behind its density as the farthest is from the entry, which lies before it': {
    source: 'strategy: {bounce_stop_loss_behind_density_percent: 1}',
    error:
      'strategy.bounce_stop_loss_behind_density_percent: must be below strategy.max_stop_percent (1): ' +
      'the way from the entry to the density is part of the stop’s',
    mended: 'strategy: {bounce_stop_loss_behind_density_percent: 0.9}',
  },
  'a bounce entered on what is already too little': {
    source: 'strategy: {bounce_density_erosion_exit_percent: 30}',
    error:
      'strategy.bounce_density_erosion_exit_percent: must be above 30: a bounce is entered while 70 % of its density rest, ' +
      'and would be closed at once',
    mended: 'strategy: {bounce_density_erosion_exit_percent: 31}',
  },
  'a cluster wider than the band of densities': {
    source: 'strategy: {density_share_band_percent: 0.04}',
    error:
      'strategy.cluster_range_percent: must not be above strategy.density_share_band_percent (0.04): ' +
      'levels outside the band are none of a density’s',
    mended: 'strategy: {density_share_band_percent: 0.05}',
  },
  'a stop that need not stand before the position is closed for its age': {
    source: 'strategy: {stop_loss_grace_ms: 60000, max_holding_minutes: 0.5}',
    error:
      'strategy.stop_loss_grace_ms: must not be above strategy.max_holding_minutes (30000 ms): ' +
      'a position would be closed for its age before its stop need stand',
    mended: 'strategy: {stop_loss_grace_ms: 30000, max_holding_minutes: 0.5}',
  },
  'a move that is judged slow only after the position is closed for its age': {
    source: 'strategy: {tp_slowdown_window_ms: 20000, max_holding_minutes: 0.5}',
    error:
      'strategy.tp_slowdown_window_ms: must not be above half of strategy.max_holding_minutes (30000 ms): ' +
      'a position would be closed for its age before two windows have passed, and none for slowing down',
    mended: 'strategy: {tp_slowdown_window_ms: 15000, max_holding_minutes: 0.5}',
  },
  'liquidation before the stop': {
    source: 'trading: {leverage: 100}',
    error:
      'trading.leverage: at 100 × a stop may be 0.8 % away before liquidation is too near, and ' +
      'strategy.max_stop_percent is 1: give at most 80',
    mended: 'trading: {leverage: 80}',
  },
  'exposure below one position of a paper account': {
    source: 'trading: {mode: paper, position_size_usd: 25}\npaper: {starting_balance_usd: 400}',
    error: 'trading.max_exposure_percent: 5 % of 400 USDT is 20: less than one position of 25 USDT; give at least 6.25',
    mended:
      'trading: {mode: paper, position_size_usd: 25, max_exposure_percent: 6.25}\npaper: {starting_balance_usd: 400}',
  },
  'one position above all that a paper account has': {
    source: 'trading: {mode: paper, position_size_usd: 25}\npaper: {starting_balance_usd: 20}',
    error:
      'trading.max_exposure_percent: 5 % of 20 USDT is 1: less than one position of 25 USDT; ' +
      'lower trading.position_size_usd to at most 20',
    mended:
      'trading: {mode: paper, position_size_usd: 20, max_exposure_percent: 100}\npaper: {starting_balance_usd: 20}',
  },
  'positions closed before the first new connection': {
    source: 'websocket: {reconnect_delay_initial: 11}\nsafety: {connection_loss_timeout: 10}',
    error:
      'websocket.reconnect_delay_initial: must not be above safety.connection_loss_timeout (10): ' +
      'positions would be closed before the first new connection',
    mended: 'websocket: {reconnect_delay_initial: 10}\nsafety: {connection_loss_timeout: 10}',
  },
  'a first wait above the longest': {
    source: 'websocket: {reconnect_delay_initial: 20, reconnect_delay_max: 10}',
    error: 'websocket.reconnect_delay_initial: must not be above websocket.reconnect_delay_max (10)',
    mended: 'websocket: {reconnect_delay_initial: 10, reconnect_delay_max: 10}',
  },
  'more connections at the start than may be opened in five minutes': {
    source: 'websocket: {max_topics_per_connection: 9, connect_budget: 41}',
    error:
      'websocket.connect_budget: must not be below 42, the connections that 40 symbols take where ' +
      'websocket.max_topics_per_connection is 9: books would wait five minutes for theirs',
    mended: 'websocket: {max_topics_per_connection: 9, connect_budget: 42}',
  },
  'the same of every perpetual there may be': {
    source: 'market: {symbols: all}\nwebsocket: {max_topics_per_connection: 50}',
    error:
      'websocket.connect_budget: must not be below 105, the connections that 1024 symbols take where ' +
      'websocket.max_topics_per_connection is 50: books would wait five minutes for theirs',
    mended: 'market: {symbols: all}\nwebsocket: {max_topics_per_connection: 100}',
  },
  'the same where not their number but their characters fill a connection': {
    source: 'market: {symbols: all}\nwebsocket: {max_topics_per_connection: 2000, connect_budget: 8}',
    error:
      'websocket.connect_budget: must not be below 9, the connections that 1024 symbols take where ' +
      'websocket.max_topics_per_connection is 2000: books would wait five minutes for theirs',
    mended: 'market: {symbols: all}\nwebsocket: {max_topics_per_connection: 2000, connect_budget: 9}',
  },
  'the same of symbols that are named': {
    source:
      'market: {symbols: [AUSDT, BUSDT, CUSDT, DUSDT]}\nwebsocket: {max_topics_per_connection: 5, connect_budget: 5}',
    error:
      'websocket.connect_budget: must not be below 6, the connections that 4 symbols take where ' +
      'websocket.max_topics_per_connection is 5: books would wait five minutes for theirs',
    mended:
      'market: {symbols: [AUSDT, BUSDT, CUSDT, DUSDT]}\nwebsocket: {max_topics_per_connection: 5, connect_budget: 6}',
  },
  'the same on paper, which has no sockets of an account': {
    source: 'trading: {mode: paper}\nwebsocket: {max_topics_per_connection: 5, connect_budget: 39}',
    error:
      'websocket.connect_budget: must not be below 40, the connections that 40 symbols take where ' +
      'websocket.max_topics_per_connection is 5: books would wait five minutes for theirs',
    mended: 'trading: {mode: paper}\nwebsocket: {max_topics_per_connection: 5, connect_budget: 40}',
  },
  'a symbol that is named and kept out': {
    source: 'market: {symbols: [BTCUSDT, ETHUSDT], exclude: [ETHUSDT]}',
    error: 'market.exclude: names ETHUSDT of market.symbols: remove it from one of the two',
    mended: 'market: {symbols: [BTCUSDT], exclude: [ETHUSDT]}',
  },
  'a symbol named twice': {
    source: 'market: {symbols: [BTCUSDT, BTCUSDT]}',
    error: 'market.symbols: names BTCUSDT twice: remove one',
    mended: 'market: {symbols: [BTCUSDT]}',
  },
  'more symbols than places': {
    source: 'market: {slots: 8}',
    error: 'market.slots: 8 places are too few for 40 symbols: give at least 40, or lower the counts',
    mended: 'market: {slots: 40}',
  },
  'more named symbols than places': {
    source: 'market: {slots: 2, symbols: [BTCUSDT, ETHUSDT, SOLUSDT]}',
    error: 'market.symbols: names 3 symbols for 2 places: raise market.slots',
    mended: 'market: {slots: 3, symbols: [BTCUSDT, ETHUSDT, SOLUSDT], top_gainers_count: 0, top_losers_count: 0}',
  },
  'more symbols than the places there are unless they are said': {
    source: 'market: {top_gainers_count: 60, top_losers_count: 5}',
    error: 'market.slots: 64 places are too few for 65 symbols: give at least 65, or lower the counts',
    mended: 'market: {top_gainers_count: 60, top_losers_count: 4}',
  },
  'nothing to watch': {
    source: 'market: {top_gainers_count: 0, top_losers_count: 0}',
    error: 'market.top_gainers_count: nothing would be watched: give top_gainers_count or top_losers_count at least 1',
    mended: 'market: {top_gainers_count: 1, top_losers_count: 0}',
  },
  'a shortest delay above the longest': {
    source: 'paper: {latency_ms_min: 90}',
    error: 'paper.latency_ms_min: must not be above paper.latency_ms_max (80)',
    mended: 'paper: {latency_ms_min: 80}',
  },
  'more frames than a simulated market has': {
    source: 'simulator: {symbols: 2, rate: 2001}',
    error:
      'simulator.rate: must not be above 2000: a symbol has 1000 frames a second at most, and simulator.symbols is 2',
    mended: 'simulator: {symbols: 2, rate: 2000}',
  },
  'a real exchange by its address alone, which would be sent real orders without --live': {
    source: 'exchange: {endpoints: {rest: "https://api.bybit.nl", public: "wss://stream.bybit.nl/v5/public/linear"}}',
    error: 'exchange.environment: https://api.bybit.nl is no simulator: name the exchange whose address it is',
    mended:
      'exchange: {environment: mainnet, endpoints: {rest: "https://api.bybit.nl", public: "wss://stream.bybit.nl/v5/public/linear"}}',
  },
  'a stream of a real exchange beside a simulator’s other addresses': {
    source: 'exchange: {endpoints: {rest: "http://127.0.0.1:7000", public: "wss://stream.bybit.nl/v5/public/linear"}}',
    error:
      'exchange.environment: wss://stream.bybit.nl/v5/public/linear is no simulator: name the exchange whose address it is',
    mended: 'exchange: {endpoints: {rest: "http://127.0.0.1:7000", public: "ws://127.0.0.1:7000/v5/public/linear"}}',
  },
  'a simulator that runs elsewhere, half named': {
    source: 'exchange: {endpoints: {rest: "http://127.0.0.1:7000"}}',
    error: 'exchange.endpoints.rest: names a simulator that runs elsewhere: give exchange.endpoints.public too',
    mended: 'exchange: {endpoints: {rest: "http://127.0.0.1:7000", public: "ws://127.0.0.1:7000/v5/public/linear"}}',
  },
  'an address of the real exchange under the name of demo, where an order would have been real': {
    source: 'exchange: {environment: demo, endpoints: {rest: "https://api.bybit.com"}}',
    error: 'exchange.endpoints.rest: is of mainnet, but exchange.environment is demo: remove it',
    mended:
      'exchange: {environment: demo, endpoints: {rest: "https://API-demo.bybit.com", public: "wss://stream.bybit.com/v5/public/linear"}}',
  },
  'prices of the testnet for orders of real money': {
    source: 'exchange: {environment: mainnet, endpoints: {public: "wss://stream-testnet.bybit.com/v5/public/linear"}}',
    error: 'exchange.endpoints.public: is of testnet, but exchange.environment is mainnet: remove it',
    mended: 'exchange: {environment: mainnet, endpoints: {rest: "https://api.bytick.com"}}',
  },
  'orders of real money that anybody on the way could change': {
    source: 'exchange: {environment: mainnet, endpoints: {trade: "ws://stream.bybit.com/v5/trade"}}',
    error:
      'exchange.endpoints.trade: is not encrypted: whoever is in between could read and change orders; write wss:// or name a proxy on this machine',
    mended:
      'exchange: {environment: mainnet, endpoints: {rest: "http://127.0.0.1:1", trade: "wss://stream.bybit.com/v5/trade"}}',
  },
  'a loosened guard where there is something to lose': {
    source: 'exchange: {environment: demo}\nsafety: {crash_loop_exits: 4}',
    error: 'safety.crash_loop_exits: must not be above 3 on demo: only the simulator has nothing to lose',
    mended: 'exchange: {environment: demo}\nsafety: {crash_loop_exits: 3}',
  },
  'a position without a stop': {
    source: 'safety: {require_stop_loss: false}',
    error: 'safety.require_stop_loss: cannot be switched off: every position has a stop; remove the line or write true',
    mended: 'safety: {require_stop_loss: true}',
  },
};

describe('in the file', () => {
  test.each(Object.entries(TABLE))('%s: is refused, and what the remedy says is not', (_name, row) => {
    expect(refused(row.source)).toEqual([row.error]);
    expect(refused(row.mended)).toEqual([]);
  });

  test('all of them are told at once', () => {
    expect(
      refused('strategy: {breakout_breakeven_profit_percent: 0.1, bounce_stop_loss_behind_density_percent: 2}'),
    ).toHaveLength(2);
  });
});

test.each([
  ['topics', 100, 100 / TOPICS_PER_SYMBOL],
  ['characters', 2_000, SYMBOLS_PER_CONNECTION],
])('the configuration counts the %s of a symbol as the feed does', (_, topicsMax, most) => {
  const nameOf = (i: number): string => `A${String(i).padStart(5, '0')}USDT`;
  const carrying = (symbols: number): Shard =>
    ({ watched: new Set(Array.from({ length: symbols }, (_each, i) => ({ symbol: nameOf(i) }))) }) as unknown as Shard;
  const hasRoom = (symbols: number): boolean =>
    shardWithRoom([carrying(symbols)], nameOf(symbols), topicsMax) !== undefined;
  expect([hasRoom(most - 1), hasRoom(most)]).toEqual([true, false]);
});

describe('in a row of one symbol', () => {
  const configOf = (source: string): Config => {
    const read = parseConfig(source, 'c', { env: {} });
    if (!read.ok) throw new Error(read.errors.join('\n'));
    return read.config;
  };
  const config = configOf('');

  test('what contradicts the file is refused with the remedy, what contradicts nothing is not', () => {
    expect(strategyFor(config, { max_stop_percent: 0.25 })).toEqual({
      ok: false,
      errors: [
        'bounce_stop_loss_behind_density_percent: must be below strategy.max_stop_percent (0.25): ' +
          'the way from the entry to the density is part of the stop’s',
      ],
    });
    const both = { max_stop_percent: 0.25, bounce_stop_loss_behind_density_percent: 0.2 };
    expect(strategyFor(config, both)).toMatchObject({ ok: true, strategy: { maxStopPercent: 0.25 } });
  });

  test('what no configuration can lift, no row can either', () => {
    expect(strategyFor(config, { max_stop_percent: 10, max_spread_percent: 4 })).toEqual({
      ok: false,
      errors: [
        'max_stop_percent: must be within 0.05 … 5 % of price, not 10',
        'max_spread_percent: must be within 0.001 … 1 % of mid, not 4',
      ],
    });
    expect(strategyFor(config, { max_stop_percent: 5, max_spread_percent: 1 })).toMatchObject({ ok: true });
  });

  test('is judged beside the leverage of the file, as the file is', () => {
    const source = (percent: number): string => `trading: {leverage: 20}\nstrategy: {max_stop_percent: ${percent}}`;
    const message =
      'leverage: at 20 × a stop may be 4 % away before liquidation is too near, and strategy.max_stop_percent is 5: give at most 16';
    expect(refused(source(5))).toEqual([`trading.${message}`]);
    expect(strategyFor(configOf(source(1)), { max_stop_percent: 5 })).toEqual({ ok: false, errors: [message] });
    expect(strategyFor(configOf(source(1)), { max_stop_percent: 4 })).toMatchObject({ ok: true });
  });

  test('is judged by the fees that the file is judged by', () => {
    const at = (fee: number): Config =>
      configOf(`trading: {mode: paper}\npaper: {taker_fee_percent: ${fee}}\nstrategy: {max_cost_to_stop_ratio: 0.7}`);
    expect(strategyFor(at(0.01), { breakout_breakeven_profit_percent: 0.05 })).toMatchObject({ ok: true });
    expect(strategyFor(at(0.2), { breakout_breakeven_profit_percent: 0.3 })).toEqual({
      ok: false,
      errors: [
        'breakout_breakeven_profit_percent: must be above the fees of both ways (0.4 %): the stop would move beyond the price',
      ],
    });
  });
});

describe('at a real start', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), 'plotnost-contradictions-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  const start = async (source: string): Promise<{ readonly code: number | null; readonly stderr: string }> => {
    const file = path.join(dir, 'config.yaml');
    await writeFile(file, source);
    const quiet = ['dashboard.enabled=false', 'database.mode=off', 'simulator.symbols=8'];
    const sets = quiet.flatMap((one) => ['--set', one]);
    return runToEnd(['run', '--json', '--config', file, '--state-dir', path.join(dir, 'state'), ...sets]);
  };

  test('the original example’s 0.1 USDT ends with 78 and names the smallest size that would work', async () => {
    const { code, stderr } = await start('trading: {position_size_usd: 0.1}\n');
    expect(stderr).toMatch(
      /trading\.position_size_usd: no watched symbol can be traded with 0\.1 USDT: give at least \d+\.\d+ for the cheapest \([A-Z0-9]+\), \d+\.\d+ for all \([A-Z0-9]+\)/,
    );
    expect(code).toBe(78);
  });

  test('a contradiction in the file ends with 78 before anything is opened', async () => {
    const { code, stderr } = await start('trading: {leverage: 100}\n');
    expect(stderr).toContain('config.yaml:1:21 trading.leverage: at 100 ×');
    expect(code).toBe(78);
  });
});
