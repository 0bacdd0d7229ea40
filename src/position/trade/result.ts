// What did a trade bring, after fees and funding? And how do trades and executions stand in the tables?
import type { Ms } from '../../lib/brand.ts';
import { priceText, sizeText, type Instrument } from '../../market/instrument.ts';
import { moneyText, notionalOf, type Money, worthOf } from '../../market/money.ts';
import { EARNS, OPENS } from '../../market/side.ts';
import type { Lot } from '../../market/units.ts';
import type { JsonObject } from '../../order/journal.ts';
import type { Fill } from '../../order/words.ts';
import { fillTexts, type FillTexts } from './fill-body.ts';
import type { Part } from './holding.ts';
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
  readonly entryLots: number;
  readonly exitLots: number;
  readonly entryValue: Money;
  readonly exitValue: Money;
  readonly fees: Money;
  readonly funding: Money;
  /** Before fees and funding, of the lots of which both executions are known: of others nobody knows what they brought. */
  readonly gross: Money;
  readonly net: Money;
}

export function valueOf({ tick, offGrid }: Fill, lots: Lot, instrument: Instrument): Money {
  return offGrid === undefined ? notionalOf(tick, lots, instrument) : worthOf(offGrid, lots, instrument);
}

/** `parts`: sizes of our trade alone; a fill that closed ours and a stranger's pays its fee in proportion. */
export function resultOf(
  trade: Pick<Trade, 'side'>,
  parts: readonly Part[],
  funding: readonly Fill[],
  instrument: Instrument,
): Result {
  let entryMs: Ms | undefined;
  let entryLots = 0;
  let exitLots = 0;
  let entryValue = 0n;
  let exitValue = 0n;
  let fees = 0n;
  for (const { fill, ourLots } of parts) {
    if (ourLots === 0) continue;
    const value = valueOf(fill, ourLots as Lot, instrument);
    fees += ourLots === fill.lots ? fill.fee : (fill.fee * BigInt(ourLots)) / BigInt(fill.lots);
    if (fill.side === OPENS[trade.side]) {
      entryMs = Math.min(fill.timeMs, entryMs ?? Infinity) as Ms;
      entryLots += ourLots;
      entryValue += value;
    } else {
      exitLots += ourLots;
      exitValue += value;
    }
  }
  const paid = funding.reduce((sum, fill) => sum + fill.fee, 0n);
  const both = Math.min(entryLots, exitLots);
  const gross = (partOf(exitValue, both, exitLots) - partOf(entryValue, both, entryLots)) * BigInt(EARNS[trade.side]);
  return { entryMs, entryLots, exitLots, entryValue, exitValue, fees, funding: paid, gross, net: gross - fees - paid };
}

function partOf(value: Money, lots: number, of: number): Money {
  return lots === of ? value : (value * BigInt(lots)) / BigInt(of);
}

export interface Ending {
  readonly atMs: Ms;
  readonly reason: ExitReason;
}

export function tradeRow(trade: Trade, result: Result, ending: Ending | undefined, instrument: Instrument): TradeRow {
  const isComplete = ending !== undefined && result.entryLots > 0 && result.entryLots === result.exitLots;
  return {
    id: trade.id,
    symbol: trade.symbol,
    side: trade.side,
    signalType: trade.strategy,
    signalId: trade.signalId,
    entryMs: result.entryMs ?? trade.openedMs,
    entryPrice: averageText(result.entryValue, result.entryLots, instrument),
    size: sizeText(result.entryLots as Lot, instrument),
    notional: moneyText(result.entryValue),
    leverage: trade.leverage,
    stopLossPrice: priceText(trade.initialStop.tick, instrument),
    parameters: { ...trade.rules },
    configHash: trade.configHash,
    exitMs: ending?.atMs,
    exitPrice: ending === undefined ? undefined : averageText(result.exitValue, result.exitLots, instrument),
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
  return { tradeId, value: moneyText(valueOf(fill, fill.lots, instrument)), ...fillTexts(fill, instrument) };
}

const AVERAGE_DECIMALS = 12;

/** USDT a unit of base, to the twelfth decimal. */
function averageText(value: Money, lots: number, instrument: Instrument): string {
  if (lots === 0) return '0';
  const base = BigInt(lots) * BigInt(instrument.lotScaled);
  // value is 10^-8 USDT, base 10^-lotScale
  const scaled = (value * 10n ** BigInt(AVERAGE_DECIMALS - 8 + instrument.lotScale)) / base;
  return decimalText(scaled, AVERAGE_DECIMALS);
}

function percentText(part: Money, whole: Money): string {
  return whole === 0n ? '0' : decimalText((part * 1_000_000n) / whole, 4);
}

function decimalText(count: bigint, decimals: number): string {
  const digits = (count < 0n ? -count : count).toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return `${count < 0n ? '-' : ''}${digits.slice(0, -decimals)}${fraction === '' ? '' : `.${fraction}`}`;
}
