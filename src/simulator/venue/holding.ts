// What does one account have in one contract, and what does a fill make of it? One-way: long, short or flat.
import type { Instrument } from '../../market/instrument.ts';
import type { LiveOrder } from './live-order.ts';
import { proportion, valueOf } from './money.ts';
import type { Money, OrderSide, Position } from './words.ts';

export interface Holding {
  instrument: Instrument;
  lots: number;
  entryValue: Money;
  /** Fees paid for what is still open. */
  openFee: Money;
  leverage: number;
  extraMargin: Money;
  currentRealised: Money;
  allRealised: Money;
  /** The protective orders of the whole position. */
  stopLoss: LiveOrder | undefined;
  takeProfit: LiveOrder | undefined;
  trailing: LiveOrder | undefined;
  status: Position['status'];
  isReduceOnly: boolean;
  autoAddMargin: boolean;
  createdMs: number;
  openedMs: number;
  updatedMs: number;
  seq: number;
}

const LEVERAGE_USUAL = 1_000;

export function createHolding(instrument: Instrument): Holding {
  return {
    instrument,
    lots: 0,
    entryValue: 0n,
    openFee: 0n,
    leverage: LEVERAGE_USUAL,
    extraMargin: 0n,
    currentRealised: 0n,
    allRealised: 0n,
    stopLoss: undefined,
    takeProfit: undefined,
    trailing: undefined,
    status: 'Normal',
    isReduceOnly: false,
    autoAddMargin: false,
    createdMs: 0,
    openedMs: 0,
    updatedMs: 0,
    seq: -1,
  };
}

/** +1 for what buys, −1 for what sells. */
export function signOf(side: OrderSide): 1 | -1 {
  return side === 'Buy' ? 1 : -1;
}

export function against(side: OrderSide): OrderSide {
  return side === 'Buy' ? 'Sell' : 'Buy';
}

/** The side of what a position is made of. */
export function sideOf(lots: number): OrderSide {
  return lots < 0 ? 'Sell' : 'Buy';
}

/** How much of the position an order of this side would close. */
export function closable(holding: Holding | undefined, side: OrderSide): number {
  return holding === undefined ? 0 : Math.max(0, -holding.lots * signOf(side));
}

export interface Change {
  readonly closedLots: number;
  readonly entryValue: Money;
  readonly exitValue: Money;
  readonly openFee: Money;
  readonly closeFee: Money;
  /** Price profit of what was closed. */
  readonly pnl: Money;
}

/** A fill reduces first and opens with the rest; the average entry price changes only by what is added. */
export function applyFill(holding: Holding, side: OrderSide, tick: number, lots: number, fee: Money): Change {
  const closedLots = Math.min(lots, closable(holding, side));
  const open = Math.abs(holding.lots);
  const entryValue = closedLots === 0 ? 0n : proportion(holding.entryValue, closedLots, open);
  const openFee = closedLots === 0 ? 0n : proportion(holding.openFee, closedLots, open);
  const exitValue = valueOf(tick * closedLots, holding.instrument);
  const closeFee = proportion(fee, closedLots, lots);
  const pnl = side === 'Sell' ? exitValue - entryValue : entryValue - exitValue;
  const extra = closedLots === 0 ? 0n : proportion(holding.extraMargin, closedLots, open);
  if (open === 0) holding.currentRealised = 0n;
  holding.entryValue += valueOf(tick * (lots - closedLots), holding.instrument) - entryValue;
  holding.openFee += fee - closeFee - openFee;
  holding.extraMargin -= extra;
  holding.lots += lots * signOf(side);
  // A flip begins a new position: what the old one made is history.
  const flips = closedLots === open && closedLots > 0 && closedLots < lots;
  holding.currentRealised = flips ? closeFee - fee : holding.currentRealised + pnl - fee;
  holding.allRealised += pnl - fee;
  return { closedLots, entryValue, exitValue, openFee, closeFee, pnl };
}
