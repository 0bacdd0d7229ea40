// What do the page and the server say to each other? The only file of this folder, with the column format, that the page imports.
//
// GET /, /page.js, /page.css, /icon.svg: src/web/page.html, page.ts and page.css (bundled with all they import), icon.svg. They
// hold no data and need no token.
//
// HTTP, same origin, JSON:
//   POST /api/login    {token} → SessionAnswer and a cookie. The token comes in the address's fragment (`/#token=…`),
//                      which no server and no log ever sees; the page takes it out of the address bar.
//   GET  /api/session  → SessionAnswer, or 401: the page asks for the token
//   POST /api/logout   needs every proof
//   POST /api/command  CommandRequest → CommandReply; needs every proof: cookie, Origin and the header PROOF_HEADER
// WebSocket /socket, subprotocol SUBPROTOCOL: it only shows, nothing can be changed over it.
//   JSON texts ToServer and ToPage; binary messages are columns of the heat map (protocol-columns.ts).

export const PROTOCOL = 1;
export const SUBPROTOCOL = 'plotnost.1';
export const PROOF_HEADER = 'x-plotnost-proof';

export interface SessionAnswer {
  /** Goes into PROOF_HEADER. */
  readonly proof: string;
  /** False: the surface is read-only, buttons that change something are not shown. */
  readonly control: boolean;
}

export interface CommandRequest {
  /** Made by the page, so that a repeated click is not done twice. */
  readonly id: string;
  readonly kind: 'pause' | 'resume' | 'close' | 'flatten' | 'kill';
  /** Of `close`. */
  readonly symbol?: string;
}

export interface CommandReply {
  readonly accepted: boolean;
  readonly text: string;
}

/** Any answer that is no success. */
export interface ErrorReply {
  readonly error: string;
}

// Page → server

/** How much of the book the rows show: a quarter, the usual, four times as much. */
export const ZOOMS = [0.25, 1, 4] as const;
export type Zoom = 0 | 1 | 2;

export type ToServer =
  /** Heat map, ladder and densities of this symbol from now on, instead of the former one. */
  { readonly kind: 'watch'; readonly symbol: string; readonly zoom: Zoom } | { readonly kind: 'unwatch' };

// Server → page

/** Decimals of a symbol: price = tick × tickSize; printed with `priceDecimals`. */
export interface Grid {
  readonly tickSize: number;
  readonly priceDecimals: number;
  readonly lotSize: number;
  readonly sizeDecimals: number;
}

/** First message of every socket. */
export interface Hello {
  readonly kind: 'hello';
  readonly protocol: number;
  readonly serverMs: number;
  readonly control: boolean;
  /** Undefined until main has spoken. */
  readonly session: SessionView | undefined;
}

export interface SessionView {
  readonly sessionId: string;
  readonly version: string;
  readonly node: string;
  readonly environment: string;
  readonly tradingMode: string;
  readonly startedMs: number;
  readonly configHash: string;
}

export type Trust = 'dead' | 'syncing' | 'live' | 'suspect' | 'stale';

/** Answer to `watch`. Columns that bear another `stream` are of a former symbol. */
export interface Watching {
  readonly kind: 'watching';
  readonly stream: number;
  readonly symbol: string;
  readonly zoom: Zoom;
  readonly grid: Grid;
  /** Ticks of one row: row r holds the ticks from r × bucketTicks on. */
  readonly bucketTicks: number;
  readonly rows: number;
  readonly columnMs: number;
  readonly columnsKept: number;
}

/** `watch` of a symbol that is not watched, or not any more. */
export interface NotWatched {
  readonly kind: 'not-watched';
  readonly symbol: string;
}

/** [price tick, size in base, USDT] */
export type LadderLevel = readonly [tick: number, size: number, usdt: number];

export type LifeState = 'forming' | 'confirmed' | 'eroding' | 'gone';

/** A density that lives. Amounts are USDT, times wall ms, prices ticks. */
export interface LifeView {
  readonly id: number;
  readonly side: 'bid' | 'ask';
  readonly low: number;
  readonly high: number;
  /** Of its largest level. */
  readonly price: number;
  readonly state: LifeState;
  readonly inView: boolean;
  readonly firstSeenMs: number;
  readonly isConfirmed: boolean;
  readonly current: number;
  readonly peak: number;
  readonly eaten: number;
  readonly pulled: number;
  readonly refilled: number;
  readonly touches: number;
  /** Times what its neighbours typically hold. */
  readonly relative: number;
  readonly sharePercent: number;
  readonly isRound: boolean;
  readonly isCluster: boolean;
}

/** Of the watched symbol, five times a second. From the touch outward. */
export interface MarketView {
  readonly kind: 'market';
  readonly symbol: string;
  readonly trust: Trust;
  readonly atMs: number;
  /** Since the last frame. */
  readonly ageMs: number;
  readonly bids: readonly LadderLevel[];
  readonly asks: readonly LadderLevel[];
  /** Whole sides, USDT. */
  readonly bidTotal: number;
  readonly askTotal: number;
  /** From −1 (all asks) to 1; undefined until known. */
  readonly pressure: number | undefined;
  readonly flow: { readonly bought: number; readonly sold: number; readonly trades: number; readonly windowMs: number };
  readonly lives: readonly LifeView[];
}

export interface SymbolView {
  readonly symbol: string;
  readonly slot: number;
  readonly trust: Trust;
  readonly depth: number;
  readonly bid: number | undefined;
  readonly ask: number | undefined;
  readonly priceDecimals: number;
  readonly spreadPercent: number | undefined;
  /** Of 24 h; undefined until known. */
  readonly changePercent: number | undefined;
  readonly turnover: number;
  /** Since the last frame. */
  readonly ageMs: number | undefined;
  readonly resyncs: number;
  /** Confirmed ones within 1 % of the mid, and the nearest of each side. */
  readonly densities: number;
  readonly nearestBid: NearView | undefined;
  readonly nearestAsk: NearView | undefined;
  readonly isHeld: boolean;
  readonly isExcluded: boolean;
}

export interface NearView {
  readonly price: number;
  readonly usdt: number;
  /** Of the mid. */
  readonly distancePercent: number;
  readonly state: LifeState;
}

/** All watched symbols, once a second. */
export interface SymbolsView {
  readonly kind: 'symbols';
  readonly symbols: readonly SymbolView[];
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
  /** From the mid to the stop, in percent of the mid; below 0 where it is behind us. */
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

export interface BlockView {
  readonly reason: string;
  readonly sinceMs: number | undefined;
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

/** Twice a second, and at once when the mode changes. */
export interface StatusView {
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
  readonly books: Readonly<Record<Trust, number>>;
  readonly sockets: readonly SocketView[];
  readonly framesPerSecond: number;
  readonly frames: number;
  readonly gaps: number;
  readonly resyncs: number;
  readonly fallbacks: number;
  readonly dropped: number;
  readonly unreadable: number;
  /** Contracts that are not watched because their books do not fit their grids. */
  readonly leftOut: readonly string[];
  readonly clockOffsetMs: number;
  readonly analysis: {
    readonly mode: string;
    readonly scans: number;
    readonly scansPerSecond: number;
    readonly scanMs: number;
    readonly eventsLost: number;
    readonly takeovers: number;
    readonly excluded: readonly number[];
    readonly densities: number;
    readonly standing: number;
    readonly candidates: number;
    readonly signals: number;
    readonly signalsLastHour: number;
    readonly refused: Readonly<Record<string, number>>;
  };
  readonly store:
    | {
        readonly connected: boolean;
        readonly queued: number;
        readonly spooled: number;
        readonly written: number;
        readonly dropped: number;
      }
    | undefined;
  readonly loop: {
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
    readonly utilization: number;
  };
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

export interface CriterionView {
  readonly name: string;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly passed: boolean;
}

/** Told again under the same `id` when its verdict is known. */
export interface SignalView {
  readonly id: string;
  readonly atMs: number;
  readonly symbol: string;
  readonly kind: 'breakout' | 'bounce';
  readonly direction: 'long' | 'short';
  /** `candidate`: a criterion failed; `refused`: all held, yet it was not traded; `offered`: not judged yet, or nothing is traded. */
  readonly outcome: 'candidate' | 'offered' | 'refused' | 'ordered';
  /** Why it was refused, and the words of the gate. */
  readonly refusal: string | undefined;
  readonly detail: string;
  readonly life: number;
  readonly side: 'bid' | 'ask';
  /** Ticks. */
  readonly price: number;
  readonly mid: number;
  readonly priority: number;
  readonly relative: number;
  readonly criteria: readonly CriterionView[];
}

/** A confirmed density is no more. */
export interface EndingView {
  readonly id: number;
  readonly atMs: number;
  readonly symbol: string;
  readonly side: 'bid' | 'ask';
  readonly low: number;
  readonly high: number;
  readonly price: number;
  readonly label: string;
  readonly firstSeenMs: number;
  readonly peak: number;
  readonly eaten: number;
  readonly pulled: number;
  readonly refilled: number;
  readonly touches: number;
}

/** Told again under the same `id` with its result. Prices are decimals, money USDT. */
export interface TradeView {
  readonly id: string;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly strategy: string;
  readonly signalId: string;
  readonly entryMs: number;
  readonly entryPrice: number;
  readonly size: string;
  /** Of the entry; null where the database does not tell it. */
  readonly stop: number | null;
  readonly exitMs: number | undefined;
  readonly exitPrice: number | undefined;
  /** Funding that was paid is in it, and what was received lessens it, USDT. */
  readonly fees: number;
  readonly profit: number | undefined;
  readonly profitPercent: number | undefined;
  readonly exitReason: string | undefined;
}

export interface FillView {
  readonly id: string;
  readonly tradeId: string | undefined;
  readonly atMs: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly size: string;
  readonly kind: string;
}

export interface ToldView {
  readonly atMs: number;
  readonly level: 'info' | 'warning' | 'error' | 'critical';
  readonly name: string;
  readonly symbol: string | undefined;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** One line of the log; `fields` are those besides time, level, event and symbol. */
export interface LogView {
  readonly atMs: number;
  readonly level: string;
  readonly event: string;
  readonly symbol: string | undefined;
  readonly fields: string;
}

/** [wall ms, USDT] */
export type EquityPoint = readonly [atMs: number, equity: number];

/** As they happen, ten times a second at most; the first one of a socket holds the recent past. */
export interface Happened {
  readonly kind: 'happened';
  readonly signals: readonly SignalView[];
  readonly endings: readonly EndingView[];
  readonly trades: readonly TradeView[];
  readonly fills: readonly FillView[];
  readonly told: readonly ToldView[];
  readonly log: readonly LogView[];
  readonly equity: readonly EquityPoint[];
}

export type ToPage = Hello | Watching | NotWatched | MarketView | SymbolsView | StatusView | LatenciesView | Happened;
