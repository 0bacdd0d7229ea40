// A feed over the scripted exchange under a virtual clock, with everything it said.
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { Slot, Tick, Usdt } from '../../src/market/units.ts';
import { endpointsOf } from '../../src/bybit/endpoints.ts';
import { createFeed } from '../../src/bybit/feed/feed.ts';
import type { Feed, FeedConfig } from '../../src/bybit/feed/feed.ts';
import type { Depth, Outcome } from '../../src/bybit/frames/ingest-port.ts';
import type { Log } from '../../src/lib/log.ts';
import type { FeedEvent } from '../../src/bybit/feed/ports.ts';
import type { MarketReading } from '../../src/bybit/feed/watchlist.ts';
import { PlainIngest } from './plain-ingest.ts';
import { ScriptedExchange } from './scripted-exchange.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface Room {
  readonly clock: VirtualClock;
  readonly exchange: ScriptedExchange;
  readonly ingest: PlainIngest;
  readonly feed: Feed;
  readonly events: FeedEvent[];
  /** What is in the log and is no event of the market. */
  readonly logged: object[];
  readonly attached: { readonly slot: Slot; readonly symbol: string; readonly depth: Depth }[];
  readonly detached: string[];
  /** Highest of each candle handed over. */
  readonly highs: Tick[];
  readonly outcomes: Outcome[];
  readonly markets: MarketReading[];
  readonly held: Set<string>;
  readonly raw: Uint8Array[];
  readonly slotOf: (symbol: string) => Slot;
  readonly trust: (symbol: string) => string;
  count(type: string): number;
  /** The best `n` levels of one side as ours has them: `price in ticks → lots`. */
  book(symbol: string): string;
  theirs(symbol: string): string;
  /** Time passes in a market that never rests: each symbol's far bid changes and its ticker speaks. */
  trade(ms: number, stepMs?: number): Promise<void>;
}

export const universe = (symbols: FeedConfig['universe']['symbols'], slots = 64): FeedConfig['universe'] => ({
  symbolTypes: ['ordinary'],
  minAgeDays: 7,
  exclude: [],
  topGainersCount: 20,
  topLosersCount: 20,
  min24hVolume: 1_000_000 as Usdt,
  minDwellMs: 600_000 as Ms,
  symbols,
  slots,
});

export function createRoom(symbols: readonly string[], changes: Partial<FeedConfig> = {}): Room {
  const clock = createVirtualClock();
  const exchange = new ScriptedExchange(clock, symbols);
  const ingest = new PlainIngest();
  const events: FeedEvent[] = [];
  const logged: object[] = [];
  const log: Log = { ...silentLog, info: (fields, event) => logged.push({ event, ...fields }) };
  const attached: { slot: Slot; symbol: string; depth: Depth }[] = [];
  const detached: string[] = [];
  const highs: Tick[] = [];
  const outcomes: Outcome[] = [];
  const markets: MarketReading[] = [];
  const held = new Set<string>();
  const raw: Uint8Array[] = [];
  const config: FeedConfig = {
    universe: universe(symbols),
    updateMs: 300_000 as Ms,
    depth: 50,
    bookRangePercent: () => 0.5,
    topicsPerConnectionMax: 200,
    reconnectMsInitial: 1_000 as Ms,
    reconnectMsMax: 30_000 as Ms,
    connectBudget: 60,
    klineHours: () => 4,
    restRetriesMax: 0,
    ...changes,
  };
  const endpoints = endpointsOf('simulator', { rest: 'http://127.0.0.1:1', public: 'ws://127.0.0.1:1/x' });
  const feed = createFeed(
    { endpoints, ingest, clock, rng: createRng(7), log, config, rest: exchange.rest, dial: exchange.dial },
    {
      onEvent: (event) => events.push(event),
      onAttached: (slot, listed, depth) => attached.push({ slot, symbol: listed.instrument.symbol, depth }),
      onDetached: (_slot, symbol) => detached.push(symbol),
      onKlines: (_slot, _symbol, klines) => highs.push(...klines.map(({ high }) => high)),
      onSelection() {},
      onMarket: (market) => markets.push(market),
      held: () => held,
      onFrame: (bytes) => raw.push(bytes),
      onOutcome: (outcome) => outcomes.push(outcome),
    },
  );
  const slotOf = (symbol: string): Slot =>
    feed.status().symbols.find((row) => row.symbol === symbol)?.slot ?? (-1 as Slot);
  let beat = 0;
  return {
    clock,
    exchange,
    ingest,
    feed,
    events,
    logged,
    attached,
    detached,
    highs,
    outcomes,
    markets,
    held,
    raw,
    slotOf,
    trust: (symbol) => ingest.trust(slotOf(symbol)),
    count: (type) => events.filter((event) => event.type === type).length,
    book(symbol) {
      const slot = slotOf(symbol);
      return JSON.stringify([ingest.readSide(slot, 0, 50), ingest.readSide(slot, 1, 50)]);
    },
    theirs(symbol) {
      const { bids, asks } = exchange.of(symbol);
      const side = (levels: Map<string, string>, sign: number): [number, number][] =>
        [...levels]
          .map(([price, size]): [number, number] => [Math.round(Number(price) * 100), Math.round(Number(size) * 10)])
          .sort((a, b) => (a[0] - b[0]) * sign)
          .slice(0, 50);
      return JSON.stringify([side(bids, -1), side(asks, 1)]);
    },
    async trade(ms, stepMs = 500) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        beat++;
        for (const symbol of exchange.symbols.keys()) {
          exchange.change(symbol, 'b', '99.90', `${(beat % 50) + 1}.0`);
          exchange.ticker(symbol);
        }
        await clock.advance(stepMs);
      }
    },
  };
}

/** Started, subscribed, live. */
export async function liveRoom(symbols: readonly string[], changes: Partial<FeedConfig> = {}): Promise<Room> {
  const room = createRoom(symbols, changes);
  const started = room.feed.start();
  await room.clock.advance(100);
  await started;
  return room;
}
