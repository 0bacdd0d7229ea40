// What does the engine write down? One row type a table; field names are the columns in camelCase.
import type { Ms } from '../../lib/brand.ts';

/** A price or a size: the exact decimal text. */
export type DecimalText = string;
/** Bytes as the database reads them: `\x` and two hex digits each. */
export type PackedText = string;
/** A notional, a share or a ratio: exact text where there is one, else a number. */
export type Amount = number | string;

/** One test that a candidate or a density went through, with the numbers that decided it. */
export interface Criterion {
  readonly name: string;
  readonly value: number | string | boolean | null;
  readonly threshold: number | string | boolean | null;
  readonly passed: boolean;
}

export interface SessionRow {
  readonly table: 'sessions';
  readonly sessionId: string;
  readonly startedAt: Ms;
  /** Absent in the row written at start; the row written at the end carries it and the totals. */
  readonly endedAt?: Ms;
  readonly environment: string;
  readonly mode: string;
  readonly version: string;
  readonly node: string;
  readonly config: unknown;
  readonly totals?: unknown;
}

export interface DensityRow {
  readonly table: 'densities';
  readonly time: Ms;
  readonly sessionId: string;
  readonly lifeId: string;
  readonly moment: 'confirmed' | 'erosion' | 'closed';
  /** Counts the stored moments of one life. */
  readonly ordinal: number;
  readonly symbol: string;
  readonly side: 'bid' | 'ask';
  readonly price: DecimalText;
  readonly lowPrice: DecimalText;
  readonly highPrice: DecimalText;
  /** USDT. */
  readonly notional: Amount;
  /** Base asset. */
  readonly volume: DecimalText;
  readonly volumePercent?: Amount;
  readonly relativeStrength?: Amount;
  readonly isCluster: boolean;
  readonly isRound: boolean;
  readonly state: 'forming' | 'confirmed' | 'eroding' | 'gone';
  readonly label?: 'eaten' | 'pulled' | 'moved' | 'absorbed' | 'out_of_view' | 'unknown' | 'held';
  readonly appearedAt: Ms;
  readonly confirmedAt?: Ms;
  readonly disappearedAt?: Ms;
  readonly initialNotional: Amount;
  readonly peakNotional: Amount;
  readonly eaten: Amount;
  readonly pulled: Amount;
  readonly refilled: Amount;
  readonly rpiEaten: Amount;
  readonly touches: number;
  readonly crossed: boolean;
  readonly criteria: readonly Criterion[];
}

export interface SignalRow {
  readonly table: 'signals';
  readonly time: Ms;
  readonly sessionId: string;
  readonly signalId: string;
  /** `signal`: every criterion held and it was offered. `candidate`: it was looked at and is not one, or was refused. */
  readonly outcome: 'signal' | 'candidate';
  /** Why a candidate that met its criteria was refused all the same: `stale`, `cooldown`, … */
  readonly reason?: string;
  readonly kind: 'breakout' | 'bounce';
  readonly direction: 'long' | 'short';
  readonly symbol: string;
  readonly lifeId: string;
  readonly price: DecimalText;
  readonly mid?: DecimalText;
  readonly priority?: Amount;
  readonly relativeStrength?: Amount;
  readonly updateId: number;
  readonly exchangeMs: number;
  readonly receivedMs: number;
  readonly scannedMs?: number;
  readonly criteria: readonly Criterion[];
}

export interface SystemEventRow {
  readonly table: 'system_events';
  readonly time: Ms;
  readonly sessionId: string;
  /** Counts the events of one session. */
  readonly ordinal: number;
  readonly eventType: string;
  readonly severity: 'info' | 'warning' | 'error' | 'critical';
  readonly symbol?: string;
  readonly details?: unknown;
}

export interface OrderbookSnapshotRow {
  readonly table: 'orderbook_snapshots';
  readonly time: Ms;
  readonly sessionId: string;
  readonly symbol: string;
  /** See `packed-book.ts`. */
  readonly packedBids: PackedText;
  readonly packedAsks: PackedText;
  readonly priceStep: DecimalText;
  readonly sizeStep: DecimalText;
  readonly totalBidVolume?: DecimalText;
  readonly totalAskVolume?: DecimalText;
  readonly midPrice?: DecimalText;
  readonly updateId: number;
  readonly sequence: number;
}

export interface MarketStatRow {
  readonly table: 'market_stats';
  readonly symbol: string;
  /** Turnover in USDT. */
  readonly volume24h: Amount;
  readonly priceChange24hPercent: Amount;
  readonly currentPrice?: DecimalText;
  readonly isActive: boolean;
  readonly rank?: number;
  readonly updatedAt: Ms;
}

/** One position: written when it opens and with each change until it is closed. */
export interface TradeRow {
  readonly table: 'trades';
  /** Whose `tradeId` it is: the environment and, within it, the account. */
  readonly account: string;
  /** Link id of the entry order. */
  readonly tradeId: string;
  /** Grows with each row of the same trade. */
  readonly revision: number;
  readonly sessionId: string;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  /** `unknown`: ours by its link id, but not in the journal. */
  readonly signalType: 'breakout' | 'bounce' | 'unknown';
  readonly signalId?: string;
  readonly entryTime: Ms;
  /** Absent, as is `exitReason`, while it is open. */
  readonly exitTime?: Ms;
  readonly entryPrice: DecimalText;
  /** The mid at the decision. */
  readonly expectedPrice?: DecimalText;
  readonly exitPrice?: DecimalText;
  /** Base asset. */
  readonly positionSize: DecimalText;
  /** USDT, as is all money below; what is paid is positive. */
  readonly notional: DecimalText;
  readonly leverage: Amount;
  readonly stopLossPrice?: DecimalText;
  readonly stopLossTriggered: boolean;
  readonly exitReason?: string;
  readonly grossProfit?: DecimalText;
  readonly fees: DecimalText;
  readonly funding: DecimalText;
  readonly profitLoss?: DecimalText;
  readonly profitLossPercent?: Amount;
  readonly configHash?: string;
  readonly parametersSnapshot?: unknown;
  readonly details?: unknown;
  readonly updatedAt: Ms;
}

export interface ExecutionRow {
  readonly table: 'executions';
  readonly account: string;
  readonly execId: string;
  readonly time: Ms;
  readonly sessionId: string;
  readonly tradeId?: string;
  readonly symbol: string;
  readonly orderId: string;
  readonly linkId: string;
  readonly kind: 'trade' | 'funding' | 'liquidation' | 'adl' | 'settlement' | 'unknown';
  readonly createType: string;
  readonly side: 'buy' | 'sell';
  readonly price: DecimalText;
  readonly size: DecimalText;
  readonly closedSize: DecimalText;
  readonly value: DecimalText;
  readonly fee: DecimalText;
  readonly feeRate?: DecimalText;
  readonly isMaker: boolean;
  readonly sequence: number;
}

export type Row =
  | SessionRow
  | DensityRow
  | SignalRow
  | SystemEventRow
  | OrderbookSnapshotRow
  | MarketStatRow
  | TradeRow
  | ExecutionRow;
export type Table = Row['table'];

/** In the order in which one batch writes them. */
export const TABLES = [
  'sessions',
  'trades',
  'executions',
  'system_events',
  'densities',
  'signals',
  'market_stats',
  'orderbook_snapshots',
] as const satisfies readonly Table[];

/**
 * Where too much waits, what goes first? 0: books, 1: the ranking of the market, both of which can be had again; 2: looks
 * that led to nothing; 3: densities and signals. 4 never goes: trades, executions, events and sessions.
 */
export const SHED_FIRST = 0;
export const SHED_NEVER = 4;
export type ShedRank = 0 | 1 | 2 | 3 | 4;

export function shedRank(row: Row): ShedRank {
  switch (row.table) {
    case 'orderbook_snapshots':
      return 0;
    case 'market_stats':
      return 1;
    case 'signals':
      return row.outcome === 'candidate' ? 2 : 3;
    case 'densities':
      return 3;
    default:
      return SHED_NEVER;
  }
}

export function zeroPerTable(): Record<Table, number> {
  return Object.fromEntries(TABLES.map((table) => [table, 0])) as Record<Table, number>;
}
