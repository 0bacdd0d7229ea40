// What does the account have in one contract, what does a fill make of it, and how much money does it tie up?
import { notionalOf, type Money } from '../market/money.ts';
import { CLOSES, EARNS, OPENS, type OrderSide, type PositionSide } from '../market/side.ts';
import type { Lot, Tick } from '../market/units.ts';
import type { OrderReport } from '../order/words.ts';
import { maintenanceOf, ONE, part, type PaperContract, type Rate } from './contract.ts';

export interface Holding {
  contract: PaperContract;
  /** Positive long, negative short. */
  lots: number;
  /** What it cost, positive. */
  entryValue: Money;
  /** Hundredths. */
  leverage: number;
  stop: OrderReport | undefined;
  /** The stop whose price was reached: where nobody knows the book it is filled as soon as somebody does, wherever it was moved since. */
  stopDue: string | undefined;
  /** Trades of the tape before this one set nothing off. */
  tradesSeen: number;
  updatedMs: number;
  seq: number;
}

const LEVERAGE_ONE = 100n;

export function createHolding(contract: PaperContract, leverage: number): Holding {
  const flat = { lots: 0, entryValue: 0n, tradesSeen: 0, updatedMs: 0, seq: -1 };
  return { contract, leverage, stop: undefined, stopDue: undefined, ...flat };
}

export function sideOf(lots: number): PositionSide {
  return lots < 0 ? 'short' : 'long';
}

/** How much of it an order of this side would close. */
export function closable({ lots }: Pick<Holding, 'lots'>, side: OrderSide): Lot {
  return (side === CLOSES[sideOf(lots)] ? Math.abs(lots) : 0) as Lot;
}

/** A fill reduces first and opens with the rest; the price profit of what it closed. */
export function applyFill(holding: Holding, side: OrderSide, tick: Tick, lots: Lot): { closed: Lot; profit: Money } {
  const { instrument } = holding.contract;
  const held = sideOf(holding.lots);
  const open = Math.abs(holding.lots);
  const closed = Math.min(lots, closable(holding, side)) as Lot;
  const cost = closed === 0 ? 0n : (holding.entryValue * BigInt(closed)) / BigInt(open);
  const gain = notionalOf(tick, closed, instrument) - cost;
  holding.entryValue += notionalOf(tick, (lots - closed) as Lot, instrument) - cost;
  holding.lots += lots * (side === OPENS.long ? 1 : -1);
  return { closed, profit: gain * BigInt(EARNS[held]) };
}

/** The average price of one whole unit of base, cut off; 0 where flat. */
export function entryPrice(holding: Holding): Money {
  return holding.lots === 0 ? 0n : pricePerUnit(holding.entryValue, holding);
}

function pricePerUnit(value: Money, { lots, contract }: Holding): Money {
  const { lotScale, lotScaled } = contract.instrument;
  return (value * 10n ** BigInt(lotScale)) / BigInt(Math.abs(lots) * lotScaled);
}

/** What a position of this value ties up: its share, and what closing it at the price of bankruptcy will cost. */
export function marginFor(value: Money, leverage: number, side: PositionSide, taker: Rate): Money {
  const factor = BigInt(leverage - Number(LEVERAGE_ONE) * EARNS[side]);
  return (value * LEVERAGE_ONE * ONE + value * factor * taker) / (BigInt(leverage) * ONE);
}

export function marginOf({ entryValue, leverage, lots }: Holding, taker: Rate): Money {
  return marginFor(entryValue, leverage, sideOf(lots), taker);
}

export function unrealised({ contract, lots, entryValue }: Holding, markTick: Tick): Money {
  return notionalOf(markTick, lots as Lot, contract.instrument) - entryValue * BigInt(EARNS[sideOf(lots)]);
}

/** Value at which the margin is gone. */
function bankruptValue({ entryValue, leverage, lots }: Holding): Money {
  return entryValue - (entryValue * LEVERAGE_ONE * BigInt(EARNS[sideOf(lots)])) / BigInt(leverage);
}

/** Where the exchange takes the position over, by the mark. Undefined where flat, or where no price is so low. */
export function liquidationPrice(holding: Holding): Money | undefined {
  const { lots, contract } = holding;
  if (lots === 0) return undefined;
  const left = ONE - maintenanceOf(contract) * BigInt(EARNS[sideOf(lots)]);
  const price = pricePerUnit(bankruptValue(holding) * ONE, holding) / left;
  return price > 0n ? price : undefined;
}

/** The tick at which it takes it over: the margin is gone there, and not a unit more. */
export function bankruptTick(holding: Holding): Tick {
  const unit = notionalOf(1 as Tick, Math.abs(holding.lots) as Lot, holding.contract.instrument);
  const value = bankruptValue(holding);
  const tick = Number(holding.lots > 0 ? (value + unit - 1n) / unit : value / unit);
  return Math.max(1, tick) as Tick;
}

/** Paid where positive: longs pay shorts where the rate is. */
export function fundingOf({ contract, lots }: Holding, markTick: Tick): Money {
  return part(notionalOf(markTick, lots as Lot, contract.instrument), contract.fundingRate);
}
