// What can be asked of the trading side of the simulated exchange? The port between matching and everything with a wire.
//
// Requests come as the client's own fields (V5 names, texts unchanged), because their validation and its order are part of
// what an exchange is. Answers and events are the types of `model.ts`; the gateway prints them.
import type {
  Account,
  ApiKey,
  ClosedTrade,
  Execution,
  MarginMode,
  Money,
  Order,
  OrderSide,
  Position,
  PositionMode,
  Refusal,
  Transaction,
  VenueEvent,
  Wallet,
} from './model.ts';

export type Params = Readonly<Record<string, unknown>>;

/** Accepted for processing, no more: what became of it comes as events. */
export interface Placed {
  readonly orderId: string;
  readonly orderLinkId: string;
}

/** A setting was changed; there is nothing else to say. */
export const DONE = { done: true } as const;
export type Done = typeof DONE;

/** All that are given must fit. Times are exchange ms, both ends included. */
export interface Filter {
  readonly symbol?: string | undefined;
  readonly orderId?: string | undefined;
  readonly linkId?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** What an account asks for: each may be late by its own time. */
export const QUERIES = ['open-orders', 'past-orders', 'fills', 'positions', 'wallet'] as const;
export type Query = (typeof QUERIES)[number];

export const CONTRACT_STATUSES = ['trading', 'reduce-only', 'delisting', 'unsigned', 'suspended', 'closed'] as const;
export type ContractStatus = (typeof CONTRACT_STATUSES)[number];

export interface RiskTier {
  readonly id: number;
  readonly limit: Money;
  /** Hundredths of a percent: 50 is 0.5 %. */
  readonly maintenanceBasis: number;
  readonly initialBasis: number;
  /** Hundredths. */
  readonly maxLeverage: number;
  readonly deduction: Money;
}

export interface Venue {
  accountOf(uid: number): Account | undefined;
  readonly accounts: readonly Account[];
  readonly keys: readonly ApiKey[];

  // Writes. A refusal changes nothing.
  create(uid: number, params: Params): Placed | Refusal;
  amend(uid: number, params: Params): Placed | Refusal;
  cancel(uid: number, params: Params): Placed | Refusal;
  cancelAll(uid: number, params: Params): readonly Placed[] | Refusal;
  tradingStop(uid: number, params: Params): Done | Refusal;
  setLeverage(uid: number, params: Params): Done | Refusal;
  addMargin(uid: number, params: Params): Position | Refusal;
  setAutoAddMargin(uid: number, params: Params): Done | Refusal;
  switchMode(uid: number, params: Params): Done | Refusal;
  setMarginMode(uid: number, params: Params): Done | Refusal;
  setLimitPriceAction(uid: number, params: Params): Done | Refusal;

  // Reads, newest first. What they show may lag behind the events.
  openOrders(uid: number, filter: Filter): readonly Order[];
  /** The latest 500 closed orders, forgotten when the exchange restarts. */
  closedOrders(uid: number, filter: Filter): readonly Order[];
  /** With the exchange's retention: cancelled without a fill only for 24 hours. */
  orderHistory(uid: number, filter: Filter): readonly Order[];
  executions(uid: number, filter: Filter): readonly Execution[];
  closedTrades(uid: number, filter: Filter): readonly ClosedTrade[];
  transactions(uid: number, filter: Filter): readonly Transaction[];
  /** Positions with a size; with a symbol also a flat one. */
  positions(uid: number, filter: Filter): readonly Position[];
  wallet(uid: number): Wallet;

  // What everybody may know.
  markTick(symbol: string): number;
  indexTick(symbol: string): number;
  /** [highest price to buy at, lowest to sell at], ticks. */
  priceLimits(symbol: string): readonly [number, number];
  riskTiers(symbol: string): readonly RiskTier[];
  fundingHistory(symbol: string): readonly { readonly rate: string; readonly timeMs: number }[];

  /** Lets what was accepted meet the book, triggers fire, funding fall due; after the market's own step to `nowMs`. */
  step(nowMs: number): void;
  onEvent(listen: (event: VenueEvent) => void): () => void;

  // What people and the exchange do without being asked: for scenarios and fault campaigns.
  humanClose(uid: number, symbol: string): void;
  humanOpen(uid: number, symbol: string, side: OrderSide, lots: number): void;
  /** The stop vanishes although the position stands. */
  stripStop(uid: number, symbol: string): void;
  /** The next `count` attached stops are refused when their entry fills. */
  rejectStops(uid: number, count: number): void;
  /** The next `count` accepted orders are refused by the engine after their ack. */
  rejectAfterAck(uid: number, count: number): void;
  /** The next `count` orders fill at most this part (0 … 1) of their size. */
  fillPartly(uid: number, part: number, count: number): void;
  /** Reads show the state of this long ago: all of them, or one query while the others are current. */
  lag(ms: number, query?: Query): void;
  /** 'reduce-only', 'delisting' and 'unsigned' refuse entries with the code of their kind, 'suspended' and 'closed' everything; 'trading' ends it. */
  setStatus(symbol: string, status: ContractStatus): void;
  /** Mark and last price part by so many ticks for `ms`. */
  divergeMark(symbol: string, ticks: number, ms: number): void;
  /** Of so much of the position, 0 … 1: its open orders, the stop among them, are cancelled before, and nobody brings them back. */
  autoDeleverage(uid: number, symbol: string, part?: number): void;
  setFundingRate(symbol: string, rate: string): void;
  /** The exchange has lowered the risk limit below the position: it may only be reduced, until that is taken back. */
  limitRisk(uid: number, symbol: string, limited: boolean): void;
  transfer(uid: number, amount: Money): void;
  setAccountState(
    uid: number,
    state: { marginMode?: MarginMode; positionMode?: PositionMode; disconnectProtection?: boolean },
  ): void;
  /** All that is forgotten when an exchange restarts is forgotten. */
  restart(): void;
}
