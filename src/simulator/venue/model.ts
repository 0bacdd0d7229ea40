// Which types do trading, REST, sockets and the ledger of the simulated exchange share?
//
// Prices are ticks and sizes lots of the contract's grid, plain integers. Money is exact: a bigint of 10^-8 USDT, the last
// unit that the exchange keeps. Names of fields that clients see belong to the gateway, not here.
import type { Instrument } from '../../market/instrument.ts';

/** 10^-8 USDT. */
export type Money = bigint;
export const MONEY_DECIMALS = 8;

export type OrderSide = 'Buy' | 'Sell';
export type TriggerBy = 'LastPrice' | 'MarkPrice' | 'IndexPrice';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'PostOnly';
export type SmpType = 'None' | 'CancelMaker' | 'CancelTaker' | 'CancelBoth';

export type OrderStatus =
  | 'New'
  | 'PartiallyFilled'
  | 'Untriggered'
  | 'Triggered'
  | 'Filled'
  | 'Cancelled'
  | 'Rejected'
  | 'Deactivated';

export type StopOrderType =
  | ''
  | 'Stop'
  | 'StopLoss'
  | 'TakeProfit'
  | 'TrailingStop'
  | 'PartialStopLoss'
  | 'PartialTakeProfit';

/** A price that makes an order live, or closes a position. `direction`: 1 rises to it, 2 falls to it. */
export interface Trigger {
  readonly tick: number;
  readonly by: TriggerBy;
  readonly direction: 1 | 2;
}

/** Stop-loss or take-profit of an order or a position; a `limit` only in Partial mode. */
export interface Protection {
  readonly tick: number;
  readonly by: TriggerBy;
  readonly limitTick: number | undefined;
}

export interface Slippage {
  readonly type: 'TickSize' | 'Percent';
  /** As the client spelt it. */
  readonly text: string;
}

/** One order, live or final. The venue alone writes it; everybody else reads. */
export interface Order {
  readonly id: string;
  readonly linkId: string;
  /** Link id of the order whose protection this is. */
  readonly parentLinkId: string;
  readonly uid: number;
  readonly instrument: Instrument;
  readonly side: OrderSide;
  readonly type: 'Market' | 'Limit';
  readonly timeInForce: TimeInForce;
  /** Worst acceptable price; of a market order the band's edge or the slippage bound; 0 until a market order triggers. */
  readonly tick: number;
  readonly lots: number;
  readonly filledLots: number;
  /** Sum of tick × lots over its fills: exact as long as it is below 2^53, which the listing guarantees. */
  readonly filledUnits: number;
  readonly fee: Money;
  readonly closedPnl: Money;
  readonly status: OrderStatus;
  readonly stopOrderType: StopOrderType;
  readonly createType: string;
  readonly cancelType: string;
  readonly rejectReason: string;
  readonly trigger: Trigger | undefined;
  readonly stopLoss: Protection | undefined;
  readonly takeProfit: Protection | undefined;
  readonly tpslMode: 'Full' | 'Partial' | undefined;
  readonly reduceOnly: boolean;
  readonly closeOnTrigger: boolean;
  readonly slippage: Slippage | undefined;
  readonly smpType: SmpType;
  readonly lastTickOnCreated: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export type ExecType = 'Trade' | 'Funding' | 'BustTrade' | 'AdlTrade' | 'Settle';

export interface Execution {
  readonly id: string;
  readonly uid: number;
  readonly instrument: Instrument;
  /** The order as it stood after this fill; undefined for funding and settlement. */
  readonly order: Order | undefined;
  readonly type: ExecType;
  readonly side: OrderSide;
  readonly tick: number;
  readonly lots: number;
  readonly closedLots: number;
  readonly value: Money;
  /** Paid where positive. */
  readonly fee: Money;
  /** Exact decimal text, e.g. `0.00055`. */
  readonly feeRate: string;
  /** Price profit of what it closed, before fees. */
  readonly pnl: Money;
  readonly isMaker: boolean;
  readonly createType: string;
  readonly leavesLots: number;
  readonly markTick: number;
  readonly seq: number;
  readonly timeMs: number;
}

/** The one position of an account in a contract (one-way mode); flat positions keep their settings. */
export interface Position {
  readonly uid: number;
  readonly instrument: Instrument;
  /** Positive long, negative short. */
  readonly lots: number;
  /** What it cost: the exact sum of price × size, positive. */
  readonly entryValue: Money;
  /** Size-weighted, cut to 10^-8 USDT; 0 when flat. */
  readonly entryPrice: Money;
  /** Hundredths: 1000 is 10×. */
  readonly leverage: number;
  readonly extraMargin: Money;
  readonly initialMargin: Money;
  readonly maintenanceMargin: Money;
  readonly feeToClose: Money;
  /** Undefined where it lies outside of the contract's prices; 10^-8 USDT. */
  readonly liquidationPrice: Money | undefined;
  readonly breakEvenPrice: Money | undefined;
  readonly unrealised: Money;
  readonly currentRealised: Money;
  readonly allRealised: Money;
  readonly markTick: number;
  readonly stopLoss: Protection | undefined;
  readonly takeProfit: Protection | undefined;
  /** Ticks; 0 for none. */
  readonly trailingTicks: number;
  readonly tpslMode: 'Full' | 'Partial';
  readonly status: 'Normal' | 'Liq' | 'Adl';
  readonly isReduceOnly: boolean;
  readonly autoAddMargin: boolean;
  readonly riskId: number;
  readonly riskLimit: Money;
  readonly adlRank: number;
  readonly createdMs: number;
  readonly openedMs: number;
  readonly updatedMs: number;
  readonly seq: number;
}

export interface Wallet {
  readonly uid: number;
  readonly balance: Money;
  readonly positionMargin: Money;
  readonly positionMaintenance: Money;
  readonly orderMargin: Money;
  readonly unrealised: Money;
  readonly allRealised: Money;
  /** What a new isolated position may use. */
  readonly free: Money;
}

/** One row per closing order. */
export interface ClosedTrade {
  readonly order: Order;
  readonly side: OrderSide;
  readonly type: ExecType;
  readonly closedLots: number;
  readonly entryValue: Money;
  readonly exitValue: Money;
  readonly openFee: Money;
  readonly closeFee: Money;
  readonly pnl: Money;
  readonly fills: number;
  readonly leverage: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** One movement of the wallet: `change` = cash + funding − fee. */
export interface Transaction {
  readonly id: string;
  readonly uid: number;
  readonly instrument: Instrument | undefined;
  readonly type: 'TRADE' | 'SETTLEMENT' | 'LIQUIDATION' | 'ADL' | 'DELIVERY' | 'TRANSFER_IN' | 'TRANSFER_OUT';
  readonly side: OrderSide | 'None';
  readonly lots: number;
  readonly tick: number;
  readonly cash: Money;
  /** Received where positive: the opposite sign of an execution's fee. */
  readonly funding: Money;
  readonly fee: Money;
  readonly feeRate: string;
  readonly change: Money;
  readonly balance: Money;
  readonly order: Order | undefined;
  readonly execId: string;
  readonly timeMs: number;
}

export type MarginMode = 'ISOLATED_MARGIN' | 'REGULAR_MARGIN' | 'PORTFOLIO_MARGIN';
export type PositionMode = 'one-way' | 'hedge';

/** One account: several keys may open it. */
export interface Account {
  readonly uid: number;
  readonly marginMode: MarginMode;
  readonly positionMode: PositionMode;
  readonly disconnectProtection: boolean;
  readonly takerFeeRate: string;
  readonly makerFeeRate: string;
  /** Limit orders beyond the band are moved to its edge, or refused. */
  readonly movesLimitOrders: boolean;
}

export interface ApiKey {
  readonly key: string;
  readonly secret: string;
  readonly uid: number;
  readonly readOnly: boolean;
  readonly permissions: readonly ('Order' | 'Position' | 'Withdraw')[];
  readonly ips: readonly string[];
  readonly expiresMs: number;
}

/** Why a request was refused, in the exchange's own code and text. */
export interface Refusal {
  readonly code: number;
  readonly text: string;
}

/**
 * What happened to an account, in the order in which it happened. Everything of one matching event carries the same `seq`
 * and `timeMs`; `group` ties together what the exchange sends at once.
 */
export type VenueEvent = {
  readonly uid: number;
  readonly group: number;
  readonly seq: number;
  readonly timeMs: number;
} & (
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'execution'; readonly execution: Execution }
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'wallet'; readonly wallet: Wallet }
);

export function refusal(code: number, text: string): Refusal {
  return { code, text };
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value && 'text' in value;
}
