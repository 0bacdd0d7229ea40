// What does the page see of the market? One symbol's ladder and densities, and a line for each symbol.

/** How much of the book the rows show: a quarter, the usual, four times as much. */
export const ZOOMS = [0.25, 1, 4] as const;
export type Zoom = 0 | 1 | 2;

/** Decimals of a symbol: price = tick × tickSize; printed with `priceDecimals`. */
export interface Grid {
  readonly tickSize: number;
  readonly priceDecimals: number;
  readonly lotSize: number;
  readonly sizeDecimals: number;
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
