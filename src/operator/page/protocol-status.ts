// What does the page see of the engine itself? Session, trust, connections, analysis, money, positions, speed.

import type { Trust } from './protocol-market.ts';

export interface SessionView {
  readonly sessionId: string;
  readonly version: string;
  readonly node: string;
  readonly environment: string;
  /** `off`, `paper` or `live`. */
  readonly tradingMode: string;
  readonly startedMs: number;
  readonly configHash: string;
}

/** Prices and sizes as the exchange prints them, money USDT. */
export interface PositionView {
  readonly symbol: string;
  readonly state: string;
  readonly side: 'long' | 'short' | undefined;
  readonly size: string;
  readonly foreignSize: string;
  readonly notional: number | undefined;
  readonly entryPrice: string | undefined;
  readonly mark: number | undefined;
  readonly mid: number | undefined;
  /** At the mark price, at the mid where none is known; before fees. */
  readonly profit: number | undefined;
  readonly profitPercent: number | undefined;
  readonly stop: string | undefined;
  readonly stopBy: string | undefined;
  /** `confirmed`: read back from the exchange; `missing`: none stands; `pending`: being set. */
  readonly stopState: 'confirmed' | 'pending' | 'missing';
  readonly nakedSinceMs: number | undefined;
  /** To the stop from the price that triggers it, in percent of that price; below 0 where it is behind us. */
  readonly stopDistancePercent: number | undefined;
  readonly isBreakeven: boolean;
  readonly strategy: string | undefined;
  readonly openedMs: number | undefined;
  readonly expiresMs: number | undefined;
  readonly leverage: number | undefined;
  readonly entryOrder: string | undefined;
  /** Why it is held, or why it is being left, in words. */
  readonly reason: string;
  readonly closing: string | undefined;
  readonly tradeId: string | undefined;
  readonly signalId: string | undefined;
}

/** Why nothing may be entered. */
export interface BlockView {
  readonly reason: string;
  /** Wall time; undefined where nobody noted it. */
  readonly sinceMs: number | undefined;
  /** Stays over restarts until `resume`. */
  readonly sticky: boolean;
}

export interface LatencyView {
  readonly stage: string;
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Upper bounds of LATENCY_BOUNDS_MS, then everything above; of the last minute. */
  readonly buckets: readonly number[];
}

export interface SocketView {
  readonly name: string;
  readonly state: string;
  readonly symbols: number;
  readonly frames: number;
  readonly reconnects: number;
}

/** The market data connections and what they brought. Counters grow for ever within one run. */
export interface FeedView {
  readonly sockets: readonly SocketView[];
  /** Also of sockets that are needed no more. */
  readonly reconnects: number;
  readonly frames: number;
  readonly gaps: number;
  readonly resyncs: number;
  /** Frames that the fast scanner left to the slow one. */
  readonly fallbacks: number;
  readonly dropped: number;
  readonly unreadable: number;
  /** Contracts that are not watched because their books do not fit their grids. */
  readonly leftOut: readonly string[];
  /** Live books that reach us too long after their matching: nothing is decided by them. */
  readonly late: number;
  /** Exchange time minus ours. */
  readonly clockOffsetMs: number;
}

export interface AnalysisCounts {
  readonly mode: string;
  readonly scans: number;
  /** Mean of one scan. */
  readonly scanMs: number;
  readonly eventsLost: number;
  readonly takeovers: number;
  /** Slots taken out of analysis. */
  readonly excluded: readonly number[];
  /** Confirmed ever, and standing now. */
  readonly densities: number;
  readonly standing: number;
  readonly candidates: number;
  readonly signals: number;
  /** Signals that met every criterion and were refused all the same, by the refusal's name. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Of main's event loop, over the last few seconds. */
export interface LoopView {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** From 0 to 1. */
  readonly utilization: number;
}

/** Twice a second, and at once when the mode changes. */
export interface StatusView extends FeedView {
  readonly kind: 'status';
  readonly atMs: number;
  /** Since main has last spoken: it may be stuck. */
  readonly mainSilentMs: number;
  readonly session: SessionView;
  readonly ready: boolean;
  /** Why not. */
  readonly unready: readonly string[];
  /** Undefined: nothing is traded. */
  readonly mode: string | undefined;
  readonly latch: string | undefined;
  readonly isKilled: boolean;
  readonly blocks: readonly BlockView[];
  readonly reconciledMs: number | undefined;
  readonly links: Readonly<Record<string, boolean>>;
  readonly account:
    | {
        readonly equity: number;
        readonly free: number;
        readonly dayProfit: number;
        readonly exposure: number;
        readonly exposureMax: number | undefined;
      }
    | undefined;
  readonly positionsMax: number;
  /** Watched symbols whose smallest order is larger than a position may be. */
  readonly tooSmall: readonly string[];
  readonly positions: readonly PositionView[];
  /** Symbols of which only the journal says that something of ours is open, or may be. */
  readonly unread: readonly string[];
  readonly books: Readonly<Record<Trust, number>>;
  readonly framesPerSecond: number;
  readonly analysis: AnalysisCounts & { readonly scansPerSecond: number; readonly signalsLastHour: number };
  readonly store:
    | {
        readonly connected: boolean;
        readonly queued: number;
        readonly spooled: number;
        readonly written: number;
        readonly dropped: number;
      }
    | undefined;
  readonly loop: LoopView;
  readonly memoryBytes: number;
  readonly warnings: Readonly<Record<string, number>>;
  readonly ordersSent: number;
  readonly orderRefusals: Readonly<Record<string, number>>;
  readonly journalRecords: number;
  /** Sockets of this surface, and the CPU share of its thread. */
  readonly surface: { readonly clients: number; readonly dropped: number; readonly utilization: number };
}

/** Once a second. */
export interface LatenciesView {
  readonly kind: 'latencies';
  readonly latencies: readonly LatencyView[];
}
