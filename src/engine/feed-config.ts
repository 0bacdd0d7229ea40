// What of the configuration concerns the feed?
import type { FeedConfig } from '../bybit/feed/feed.ts';
import type { Depth } from '../bybit/frames/ingest-port.ts';
import type { Config } from '../config/schema.ts';
import type { Ms } from '../lib/brand.ts';
import type { Usdt } from '../market/units.ts';

const SECOND = 1_000;

export function feedConfig({ market, websocket, strategy, safety }: Config): FeedConfig {
  return {
    universe: {
      topGainersCount: market.topGainersCount,
      topLosersCount: market.topLosersCount,
      min24hVolume: market.min24hVolume as Usdt,
      minDwellMs: (market.minDwellMinutes * 60_000) as Ms,
      symbols: market.symbols,
      symbolTypes: market.symbolTypes,
      minAgeDays: market.minAgeDays,
      exclude: market.exclude,
      slots: market.slots,
    },
    updateMs: (market.updateInterval * SECOND) as Ms,
    depth: websocket.orderbookDepth as 'auto' | Depth,
    bookRangePercent: () => strategy.bookRangePercent,
    topicsPerConnectionMax: websocket.maxTopicsPerConnection,
    reconnectMsInitial: (websocket.reconnectDelayInitial * SECOND) as Ms,
    reconnectMsMax: (websocket.reconnectDelayMax * SECOND) as Ms,
    connectBudget: websocket.connectBudget,
    klineHours: () => strategy.tpLocalExtremaHours,
    restRetriesMax: safety.maxApiRetries,
  };
}
