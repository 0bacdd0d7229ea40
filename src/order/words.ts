// The vocabulary shared by risk's approval, orders, the exchange's reports and the journal.
//
// Prices are ticks and sizes lots of the instrument's grid; money is a bigint of 10^-8 USDT. No field name of an exchange
// appears here: edges translate.
import type { Ms } from '../lib/brand.ts';
import type { Money } from '../market/money.ts';
import type { OrderSide } from '../market/side.ts';
import type { StopPrice } from '../market/stop-price.ts';
import type { Size } from '../market/size.ts';
import type { Lot, Slot, Tick } from '../market/units.ts';

export type { Money } from '../market/money.ts';
export type { OrderSide } from '../market/side.ts';
export type { StopPrice } from '../market/stop-price.ts';

/** What an order is for: entry, close, emergency close, a stop of the position. */
export type Role = 'E' | 'C' | 'X' | 'S';

/** A path to the exchange. In an emergency they are tried in this order, one that timed out last. */
export type Path = 'trade-socket' | 'rest-1' | 'rest-2';

/** A private mark: unlike a property, a copy of an order with other numbers does not carry it. */
declare class Approved {
  private readonly approved: true;
}

/** An order as it leaves, whole. Its numbers sit on the grid (I-14); what is not an entry is reduce-only (I-11). */
export type OutboundOrder =
  /** An entry is made of an approval and of nothing else (`order/outbound.ts`). */
  | (Approved & {
      readonly role: 'E';
      readonly linkId: string;
      readonly slot: Slot;
      readonly symbol: string;
      readonly side: OrderSide;
      readonly lots: Lot;
      /** `limit`: immediate or cancel at the worst acceptable price. `market`: with the same price as its slippage bound. */
      readonly type: 'limit' | 'market';
      readonly capTick: Tick;
      readonly stop: StopPrice;
      readonly recvWindowMs: Ms;
    })
  | {
      readonly role: 'C' | 'X';
      readonly linkId: string;
      readonly slot: Slot;
      readonly symbol: string;
      readonly side: OrderSide;
      /** `all`: whatever the position's size is. */
      readonly lots: Lot | 'all';
      readonly type: 'limit' | 'market';
      /** The band's edge for a limit order, undefined for a market order. */
      readonly capTick: Tick | undefined;
      readonly recvWindowMs: Ms;
    };

export type OrderStatus =
  | 'new'
  | 'partly-filled'
  | 'untriggered'
  | 'triggered'
  | 'filled'
  | 'cancelled'
  | 'rejected'
  | 'deactivated'
  /** A status that we do not know: never treated as final. */
  | 'unknown';

/** What the exchange says of one order. */
export interface OrderReport {
  readonly symbol: string;
  readonly orderId: string;
  readonly linkId: string;
  /** Link id of the order whose protection this is; empty where it is none. */
  readonly parentLinkId: string;
  readonly side: OrderSide;
  readonly status: OrderStatus;
  /** As the exchange spells them: for the record and for the reason of a close. */
  readonly createType: string;
  readonly cancelType: string;
  readonly rejectReason: string;
  /** The one of the whole position, which its report shows; a person may have set others for parts of it. */
  readonly isStopLoss: boolean;
  readonly reduceOnly: boolean;
  readonly lots: Lot;
  readonly filledLots: Lot;
  /** What is not filled of it is worth so much, at its limit or, where it has none, at what sets it off. */
  readonly resting: Money;
  readonly trigger: StopPrice | undefined;
  readonly updatedMs: Ms;
}

export type FillKind = 'trade' | 'funding' | 'liquidation' | 'adl' | 'settlement' | 'unknown';

/** One execution. `execId` is applied once, wherever it comes from. */
export interface Fill {
  readonly symbol: string;
  readonly execId: string;
  readonly orderId: string;
  readonly linkId: string;
  readonly kind: FillKind;
  readonly createType: string;
  readonly side: OrderSide;
  readonly tick: Tick;
  /** The price itself where it lies between two ticks and `tick` is the nearest: 10^-8 USDT a unit of base. */
  readonly offGrid?: Money | undefined;
  readonly lots: Lot;
  readonly closedLots: Lot;
  /** The sizes themselves where one of them lies between two steps and `lots` are the nearest. */
  readonly exact?: { readonly size: Size; readonly closed: Size } | undefined;
  /** Paid where positive, funding included. */
  readonly fee: Money;
  /** It was taken in another coin than the contract's, from a wallet of its own: `fee` is what that is worth. */
  readonly isFeeElsewhere?: boolean | undefined;
  readonly feeRate: string;
  readonly isMaker: boolean;
  readonly timeMs: Ms;
  readonly seq: number;
}

/** What the exchange says of the one position in a symbol. */
export interface PositionReport {
  readonly symbol: string;
  /** Positive long, negative short, 0 flat. */
  readonly lots: number;
  /** The size itself, signed as well, where it lies between two steps and `lots` are the nearest. */
  readonly exact?: Size | undefined;
  /** 10^-8 USDT a unit of base; 0 where flat. Averages need not sit on the grid. */
  readonly entryPrice: Money;
  /** What was paid for it, whether or not a list names its contract. */
  readonly entryValue: Money;
  readonly markTick: Tick | undefined;
  readonly liquidationPrice: Money | undefined;
  readonly stop: StopPrice | undefined;
  /** Hundredths. */
  readonly leverage: number;
  readonly status: 'normal' | 'liquidating' | 'deleveraging' | 'unknown';
  readonly isOneWay: boolean;
  /** The exchange adds nothing to its margin by itself, out of the rest of the wallet. */
  readonly isMarginFixed: boolean;
  readonly isReduceOnly: boolean;
  readonly updatedMs: Ms;
  /** Of the last matching event that it contains: every fill of up to this seq is in its size. −1 where never traded. */
  readonly seq: number;
}

/** Ages and deadlines by `mono`; signatures, labels and days by `wall`. */
export interface Moment {
  readonly mono: Ms;
  readonly wall: Ms;
}

export interface WalletReport {
  readonly balance: Money;
  readonly free: Money;
  readonly unrealised: Money;
  readonly updatedMs: Ms;
}
