// What does one account have in one contract, and what does a fill make of it? One-way: long, short or flat.
import type { Instrument } from '../../market/instrument.ts';
import type { LiveOrder } from './live-order.ts';
import { proportion, valueOf } from './money.ts';
import type { Money, OrderSide, Position } from './model.ts';

/** The venue alone writes it; others read a `Position`, which is how it stood at a moment. */
export interface LivePosition {
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

export function createPosition(instrument: Instrument): LivePosition {
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
export function closable(position: LivePosition | undefined, side: OrderSide): number {
  return position === undefined ? 0 : Math.max(0, -position.lots * signOf(side));
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
export function applyFill(position: LivePosition, side: OrderSide, tick: number, lots: number, fee: Money): Change {
  const closedLots = Math.min(lots, closable(position, side));
  const open = Math.abs(position.lots);
  const entryValue = closedLots === 0 ? 0n : proportion(position.entryValue, closedLots, open);
  const openFee = closedLots === 0 ? 0n : proportion(position.openFee, closedLots, open);
  const exitValue = valueOf(tick * closedLots, position.instrument);
  const closeFee = proportion(fee, closedLots, lots);
  const pnl = side === 'Sell' ? exitValue - entryValue : entryValue - exitValue;
  const extra = closedLots === 0 ? 0n : proportion(position.extraMargin, closedLots, open);
  if (open === 0) position.currentRealised = 0n;
  position.entryValue += valueOf(tick * (lots - closedLots), position.instrument) - entryValue;
  position.openFee += fee - closeFee - openFee;
  position.extraMargin -= extra;
  position.lots += lots * signOf(side);
  // A flip begins a new position: what the old one made is history.
  const flips = closedLots === open && closedLots > 0 && closedLots < lots;
  position.currentRealised = flips ? closeFee - fee : position.currentRealised + pnl - fee;
  position.allRealised += pnl - fee;
  return { closedLots, entryValue, exitValue, openFee, closeFee, pnl };
}
