// How do a book and a day of a symbol become rows?
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import { priceText, sizeText } from '../../market/instrument.ts';
import type { Lot, Tick } from '../../market/units.ts';
import type { Ranked } from '../../universe/select.ts';
import { halfTickText } from './event-rows.ts';
import { packSide, type Levels } from './packed-book.ts';
import type { MarketStatRow, OrderbookSnapshotRow } from './rows.ts';

export interface BookMoment {
  readonly bids: Levels;
  readonly asks: Levels;
  readonly u: number;
  readonly seq: number;
  readonly cts: Ms;
}

/** As many as a float holds exactly: of a hundred times 0.146208 it makes 14.620800000000001. */
const DIGITS = 15;

/** Both sides from the touch outward; undefined where one is empty. */
export function snapshotRow(
  sessionId: string,
  instrument: Instrument,
  { bids, asks, u, seq, cts }: BookMoment,
): OrderbookSnapshotRow | undefined {
  const [bestBid] = bids;
  const [bestAsk] = asks;
  if (bestBid === undefined || bestAsk === undefined) return undefined;
  const total = (levels: Levels): string => sizeText(levels.reduce((sum, [, lot]) => sum + lot, 0) as Lot, instrument);
  return {
    table: 'orderbook_snapshots',
    time: cts,
    sessionId,
    symbol: instrument.symbol,
    packedBids: packSide(bids),
    packedAsks: packSide(asks),
    priceStep: priceText(1 as Tick, instrument),
    sizeStep: sizeText(1 as Lot, instrument),
    totalBidVolume: total(bids),
    totalAskVolume: total(asks),
    midPrice: halfTickText(bestBid[0] + bestAsk[0], instrument),
    updateId: u,
    sequence: seq,
  };
}

export function marketStatRows(ranked: readonly Ranked[], updatedAt: Ms): MarketStatRow[] {
  return ranked.map(({ day, rank, watched }) => ({
    table: 'market_stats',
    symbol: day.symbol,
    volume24h: day.turnoverText,
    priceChange24hPercent: Number((day.change * 100).toPrecision(DIGITS)),
    ...(day.lastPriceText === '' ? {} : { currentPrice: day.lastPriceText }),
    isActive: watched,
    rank,
    updatedAt,
  }));
}
