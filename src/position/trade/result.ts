// What is the result of a trade after fees and funding, and which rows do trades and executions get?
import type { Ms } from '../../lib/brand.ts';
import { decimalText } from '../../market/decimal.ts';
import { priceText, type Instrument } from '../../market/instrument.ts';
import { moneyText, priceOf, type Money, worthOfSize } from '../../market/money.ts';
import { EARNS, OPENS } from '../../market/side.ts';
import { sizeDecimal, SIZE_DECIMALS, type Size } from '../../market/size.ts';
import type { JsonObject } from '../../order/journal.ts';
import type { Fill } from '../../order/words.ts';
import { fillTexts, type FillTexts } from './fill-body.ts';
import { sizesOf, type Part } from './holding.ts';
import type { ExitReason } from '../close/reason.ts';
import type { Trade } from './trade.ts';

/** Numbers are decimals as text, times wall ms. `undefined` while it is open. */
export interface TradeRow {
  readonly id: string;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly signalType: string;
  readonly signalId: string;
  readonly entryMs: Ms;
  readonly entryPrice: string;
  readonly size: string;
  /** USDT, at entry. */
  readonly notional: string;
  readonly leverage: number;
  /** Of the entry. */
  readonly stopLossPrice: string;
  readonly parameters: JsonObject;
  readonly configHash: string;
  readonly exitMs: Ms | undefined;
  readonly exitPrice: string | undefined;
  readonly fees: string;
  /** Paid where positive. */
  readonly funding: string;
  /** Before fees and funding. */
  readonly grossProfit: string | undefined;
  /** After fees and funding. */
  readonly profitLoss: string | undefined;
  /** Of the entry's notional. */
  readonly profitLossPercent: string | undefined;
  readonly stopLossTriggered: boolean;
  readonly exitReason: ExitReason | undefined;
  /** All executions of entry and exit are in it; else the row is written once more when they have come. */
  readonly isComplete: boolean;
}

export interface ExecutionRow extends FillTexts {
  readonly tradeId: string | undefined;
  /** USDT. */
  readonly value: string;
}

export interface Result {
  /** Of the first execution; undefined where none is known. */
  readonly entryMs: Ms | undefined;
  readonly entrySize: Size;
  readonly exitSize: Size;
  readonly entryValue: Money;
  readonly exitValue: Money;
  readonly fees: Money;
  readonly funding: Money;
  /** Before fees and funding, of the size of which both executions are known: of others nobody knows what they brought. */
  readonly gross: Money;
  readonly net: Money;
}

export function valueOf(fill: Fill, instrument: Instrument, size = sizesOf(fill, instrument).size): Money {
  return worthOfSize(fill.offGrid ?? priceOf(fill.tick, instrument), size);
}

/** Of an order of ours the whole fee, also for what it has closed of a stranger's; of others' our part of what they closed. */
function ownFee({ fill, origin, ours }: Part, instrument: Instrument): Money {
  if (origin === 'entry' || origin === 'close') return fill.fee;
  return ours === 0n ? 0n : partOf(fill.fee, ours, sizesOf(fill, instrument).size);
}

/** What executions by no order of ours, a stranger's or the exchange's, have cost us: what they closed of ours is known when all is told. */
export function othersFees(parts: readonly Part[], instrument: Instrument): Money {
  const theirs = parts.filter(({ origin }) => origin === 'stranger' || origin === 'exchange');
  return theirs.reduce((sum, part) => sum + ownFee(part, instrument), 0n);
}

/** A payment is for the whole position: what strangers hold beside ours is not paid for by us (P7). */
export function ownPayment(payment: Fill, parts: readonly Part[], instrument: Instrument): Money {
  const { size } = sizesOf(payment, instrument);
  const beside = besideAt(payment, parts);
  if (beside === 0n || size === 0n) return payment.fee;
  return beside < size ? partOf(payment.fee, size - beside, size) : 0n;
}

/** Was nothing of what it was paid for ours? */
export function isStrangersPayment(payment: Fill, parts: readonly Part[], instrument: Instrument): boolean {
  const { size } = sizesOf(payment, instrument);
  return size !== 0n && besideAt(payment, parts) >= size;
}

function besideAt({ timeMs }: Fill, parts: readonly Part[]): Size {
  return parts.findLast(({ fill }) => fill.timeMs <= timeMs)?.beside ?? 0n;
}

/** `parts`: of what somebody else has a part in it is only ours that counts. */
export function resultOf(
  trade: Pick<Trade, 'side'>,
  parts: readonly Part[],
  funding: readonly Fill[],
  instrument: Instrument,
): Result {
  let entryMs: Ms | undefined;
  let entrySize = 0n;
  let exitSize = 0n;
  let entryValue = 0n;
  let exitValue = 0n;
  let fees = 0n;
  for (const part of parts) {
    const { fill, ours } = part;
    fees += ownFee(part, instrument);
    if (ours === 0n) continue;
    const value = valueOf(fill, instrument, ours);
    if (fill.side === OPENS[trade.side]) {
      entryMs = Math.min(fill.timeMs, entryMs ?? Infinity) as Ms;
      entrySize += ours;
      entryValue += value;
    } else {
      exitSize += ours;
      exitValue += value;
    }
  }
  const paid = funding.reduce((sum, fill) => sum + ownPayment(fill, parts, instrument), 0n);
  const both = entrySize < exitSize ? entrySize : exitSize;
  const gross = (partOf(exitValue, both, exitSize) - partOf(entryValue, both, entrySize)) * BigInt(EARNS[trade.side]);
  return { entryMs, entrySize, exitSize, entryValue, exitValue, fees, funding: paid, gross, net: gross - fees - paid };
}

function partOf(value: Money, size: Size, of: Size): Money {
  return size === of ? value : (value * size) / of;
}

export interface Ending {
  readonly atMs: Ms;
  readonly reason: ExitReason;
}

export function tradeRow(trade: Trade, result: Result, ending: Ending | undefined, instrument: Instrument): TradeRow {
  const isComplete = ending !== undefined && result.entrySize > 0n && result.entrySize === result.exitSize;
  return {
    id: trade.id,
    symbol: trade.symbol,
    side: trade.side,
    signalType: trade.strategy,
    signalId: trade.signalId,
    entryMs: result.entryMs ?? trade.openedMs,
    entryPrice: averageText(result.entryValue, result.entrySize),
    size: sizeDecimal(result.entrySize),
    notional: moneyText(result.entryValue),
    leverage: trade.leverage,
    stopLossPrice: priceText(trade.initialStop.tick, instrument),
    parameters: { ...trade.rules },
    configHash: trade.configHash,
    exitMs: ending?.atMs,
    exitPrice: ending === undefined ? undefined : averageText(result.exitValue, result.exitSize),
    fees: moneyText(result.fees),
    funding: moneyText(result.funding),
    grossProfit: ending === undefined ? undefined : moneyText(result.gross),
    profitLoss: ending === undefined ? undefined : moneyText(result.net),
    profitLossPercent: ending === undefined ? undefined : percentText(result.net, result.entryValue),
    stopLossTriggered: ending?.reason === 'stop_loss' || ending?.reason === 'breakeven_stop',
    exitReason: ending?.reason,
    isComplete,
  };
}

export function executionRow(fill: Fill, tradeId: string | undefined, instrument: Instrument): ExecutionRow {
  return { tradeId, value: moneyText(valueOf(fill, instrument)), ...fillTexts(fill, instrument) };
}

const AVERAGE_DECIMALS = 12;

/** USDT a unit of base, to the twelfth decimal. */
function averageText(value: Money, size: Size): string {
  if (size === 0n) return '0';
  // value is 10^-8 USDT
  return decimalText((value * 10n ** BigInt(AVERAGE_DECIMALS - 8 + SIZE_DECIMALS)) / size, AVERAGE_DECIMALS);
}

/** To the nearest fourth decimal. */
function percentText(part: Money, whole: Money): string {
  if (whole === 0n) return '0';
  const half = part < 0n ? -whole : whole;
  return decimalText((part * 2_000_000n + half) / (2n * whole), 4);
}
