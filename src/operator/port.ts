// What do main and the operator thread say to each other? Main tells what shared memory does not hold; the thread asks.
import type { ClientConfig } from 'pg';
import type { Ms } from '../lib/brand.ts';
import type { Instrument } from '../market/instrument.ts';
import type { PositionSide } from '../market/side.ts';
import type { TriggerBy } from '../market/stop-price.ts';
import type { Slot } from '../market/units.ts';
import type { Level } from '../position/desk-effect.ts';
import type { ExitReason } from '../position/close/reason.ts';
import type { ExecutionRow, TradeRow } from '../position/trade/result.ts';
import type { PositionState } from '../position/state.ts';
import type { Mode } from '../risk/mode.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import type { CommandReply, CommandRequest } from './page/protocol.ts';
import type { AnalysisCounts, BlockView, FeedView, LoopView, SessionView } from './page/protocol-status.ts';

/** A symbol that is watched, and where its book, tape and lives stand in shared memory. */
export interface WatchedSymbol {
  readonly slot: Slot;
  readonly instrument: Instrument;
  /** Levels a side that its topic shows. */
  readonly depth: number;
  readonly socket: string;
  readonly resyncs: number;
}

export interface StoreDigest {
  readonly connected: boolean;
  readonly queued: number;
  readonly spooled: number;
  /** By table. */
  readonly written: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
}

/** A density that a position is about. Decimals of the exchange. */
export interface WallDigest {
  readonly side: 'bid' | 'ask';
  readonly low: string;
  readonly high: string;
}

/** Prices and sizes are decimals as the exchange prints them; `undefined` is "not known". */
export interface PositionDigest {
  readonly symbol: string;
  readonly state: PositionState;
  /** `undefined` where nothing of it is ours. */
  readonly side: PositionSide | undefined;
  /** Ours, in base; `'0'` while an entry is under way. */
  readonly size: string;
  /** Somebody else's in the same symbol. */
  readonly foreignSize: string;
  readonly entryPrice: string | undefined;
  readonly stop: { readonly price: string; readonly by: TriggerBy; readonly isConfirmed: boolean } | undefined;
  readonly isBreakeven: boolean;
  /** Wall time since which no stop was seen; undefined while one stands. */
  readonly nakedSinceMs: Ms | undefined;
  readonly strategy: 'breakout' | 'bounce' | 'recovered' | undefined;
  readonly tradeId: string | undefined;
  readonly signalId: string | undefined;
  readonly openedMs: Ms | undefined;
  /** It is closed after this wall time. */
  readonly expiresMs: Ms | undefined;
  readonly leverage: number | undefined;
  readonly wall: WallDigest | undefined;
  /** State of the entry order, while there is one. */
  readonly entryOrder: string | undefined;
  /** Why we are leaving. */
  readonly closing: ExitReason | undefined;
}

/** USDT as decimal text. */
export interface AccountDigest {
  readonly equity: string;
  readonly free: string;
  /** Realised since 00:00 UTC, after fees and funding. */
  readonly dayProfit: string;
  /** Sum of the notionals of what is open and pending. */
  readonly exposure: string;
  readonly exposureMax: string | undefined;
}

/** What is traded, and what may be done now. */
export interface DeskDigest {
  readonly mode: Mode;
  /** Why HALTED or EMERGENCY. */
  readonly latch: string | undefined;
  readonly isKilled: boolean;
  readonly blocks: readonly BlockView[];
  readonly reconciledMs: Ms | undefined;
  readonly positions: readonly PositionDigest[];
  /** Symbols of which only the journal says that something of ours is open, or may be. */
  readonly unread: readonly string[];
  readonly positionsMax: number;
  /** Watched symbols whose smallest order is larger than a position may be. */
  readonly tooSmall: readonly string[];
  readonly account: AccountDigest | undefined;
  /** `rest`, `trade`, `private`: is the way up? */
  readonly links: Readonly<Record<string, boolean>>;
  /** Orders sent, and answers that were not `accepted`, by class. */
  readonly ordersSent: number;
  readonly orderRefusals: Readonly<Record<string, number>>;
  readonly journalRecords: number;
}

/** What main tells at most four times a second, and at once when mode, blocks or positions change. */
export interface Digest {
  /** Wall time. */
  readonly atMs: Ms;
  readonly session: SessionView;
  /** The same array as last time while nothing in it has changed: then it is not sent again. */
  readonly symbols: readonly WatchedSymbol[];
  readonly feed: FeedView;
  readonly analysis: AnalysisCounts;
  /** Undefined: nothing is stored. */
  readonly store: StoreDigest | undefined;
  /** Undefined: nothing is traded (`trading.mode: off`). */
  readonly desk: DeskDigest | undefined;
  readonly loop: LoopView;
  /** Bytes of the whole process. */
  readonly memoryBytes: number;
  /** With so many for long the run ends itself. */
  readonly memoryLimitBytes: number;
  /** Lines at warn or above, by event name. */
  readonly warnings: Readonly<Record<string, number>>;
  /** Set before the shutdown begins: from then on the engine is not ready. */
  readonly isEnding: boolean;
}

/** What the page shows of a trade's row. */
export type TradeTold = Pick<
  TradeRow,
  | 'id'
  | 'symbol'
  | 'side'
  | 'signalType'
  | 'signalId'
  | 'entryMs'
  | 'entryPrice'
  | 'size'
  | 'stopLossPrice'
  | 'exitMs'
  | 'exitPrice'
  | 'fees'
  | 'funding'
  | 'profitLoss'
  | 'profitLossPercent'
  | 'exitReason'
>;

export type ExecutionTold = Pick<
  ExecutionRow,
  'execId' | 'tradeId' | 'timeMs' | 'symbol' | 'side' | 'price' | 'size' | 'kind'
>;

/** Something that happened at a wall time, told once. */
export type Happening =
  /** Candidates, signals and labels of confirmed densities; others need not be told. */
  | {
      readonly kind: 'analysis';
      readonly atMs: Ms;
      readonly instrument: Instrument;
      readonly event: AnalysisEvent;
      /** Of candidates and signals. */
      readonly signalId: string | undefined;
      /** Why a signal was not offered. */
      readonly refusal: string | undefined;
    }
  /** What the gates made of an offered signal; `refusal` undefined where it became an order. */
  | {
      readonly kind: 'verdict';
      readonly atMs: Ms;
      readonly symbol: string;
      readonly signalId: string;
      readonly refusal: string | undefined;
      readonly detail: string;
    }
  /** A trade was opened, or has its result. */
  | { readonly kind: 'trade'; readonly atMs: Ms; readonly row: TradeTold }
  | { readonly kind: 'execution'; readonly atMs: Ms; readonly row: ExecutionTold }
  | {
      readonly kind: 'told';
      readonly atMs: Ms;
      readonly level: Level;
      readonly name: string;
      readonly symbol: string | undefined;
      readonly fields: Readonly<Record<string, string | number | boolean>>;
    }
  /** A line of the log, as written: its secrets are out of it already. */
  | { readonly kind: 'log'; readonly atMs: Ms; readonly line: string };

/** Views of the arenas that main made at its start, and what main records into them. */
export interface OperatorArenas {
  readonly slots: number;
  readonly books: SharedArrayBuffer;
  readonly tape: SharedArrayBuffer;
  readonly lives: SharedArrayBuffer;
  /** See `latency.ts`. */
  readonly latencies: SharedArrayBuffer;
}

/** The section `dashboard` of the configuration, its paths resolved. */
export interface SurfaceSettings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Names besides loopback and `host` under which the page may be asked for. */
  readonly allowedHosts: readonly string[];
  /** False: whoever looks cannot change anything. */
  readonly control: boolean;
  readonly tokenFile: string;
}

/** Where the trades of former runs are: the thread reads them itself. */
export interface PastSource {
  readonly connection: ClientConfig;
  /** As in the table `trades`. */
  readonly account: string;
}

export interface ThreadOptions {
  readonly arenas: OperatorArenas;
  readonly surface: SurfaceSettings;
  readonly token: string;
  /** Undefined: nothing is stored. */
  readonly past: PastSource | undefined;
  /** Wall time: of the run, however often its thread is started again. */
  readonly startedMs: number;
  /** Int32: messages that the thread has taken. Main tells nothing more to one that has fallen behind. */
  readonly taken: SharedArrayBuffer;
  /** `performance.timeOrigin` of main: stamps in shared memory are in its time. */
  readonly timeOrigin: number;
}

export type ToOperator =
  | { readonly kind: 'digest'; readonly digest: Omit<Digest, 'symbols'>; readonly symbols?: readonly WatchedSymbol[] }
  | { readonly kind: 'happened'; readonly happenings: readonly Happening[] }
  | { readonly kind: 'answer'; readonly id: string; readonly answer: CommandReply }
  | { readonly kind: 'close' };

export type FromOperator =
  | { readonly kind: 'listening'; readonly port: number }
  /** The address is taken, say. The engine trades on without a surface. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'command'; readonly command: CommandRequest }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly event: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'closed' };
