// What really happened? Every order, fill, position, stop, wallet and turn of the clock, as JSON lines that tests judge against.
//
// Pure: events in, lines out, in the order in which things happened. The same seed and the same requests at the same times give
// the same bytes: nothing here knows a file, a clock or a locale.
import { formatDecimal } from '../../market/decimal.ts';
import { priceText, sizeText } from '../../market/instrument.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Lot, Tick } from '../../market/units.ts';
import {
  type Execution,
  MONEY_DECIMALS,
  type Money,
  type Order,
  type Position,
  type Protection,
  type VenueEvent,
  type Wallet,
} from '../venue/model.ts';

/** Rises when a field changes its meaning or goes; new fields do not raise it. */
export const LEDGER_VERSION = 1;
const LINES_KEPT_MAX = 200_000;

export interface LedgerLine {
  /** Place in the ledger, from 0 without holes. */
  readonly n: number;
  readonly timeMs: number;
  readonly kind: 'run' | 'order' | 'fill' | 'position' | 'stop' | 'wallet' | 'clock' | 'act';
  readonly [field: string]: unknown;
}

/** What somebody did to the exchange from outside, or the exchange's own misfortune. */
export interface LedgerAct {
  readonly act: string;
  readonly [field: string]: unknown;
}

export class Ledger {
  readonly #lines: LedgerLine[] = [];
  readonly #listeners = new Set<(line: LedgerLine) => void>();
  readonly #stops = new Map<string, string>();
  readonly #linesMax: number;
  #next = 0;

  /** Twice as many lines are kept at most. */
  constructor(linesMax = LINES_KEPT_MAX) {
    this.#linesMax = linesMax;
  }

  /** Everything from line `from` on that is still kept. */
  since(from: number): readonly LedgerLine[] {
    return this.#lines.slice(Math.max(0, from - this.kept));
  }

  /** The oldest line that is still kept. */
  get kept(): number {
    return this.#next - this.#lines.length;
  }

  /** Lines so far: the place that the next one gets. */
  get length(): number {
    return this.#next;
  }

  onLine(listen: (line: LedgerLine) => void): () => void {
    this.#listeners.add(listen);
    return () => void this.#listeners.delete(listen);
  }

  opened(timeMs: number, parameters: object): void {
    this.#add(timeMs, 'run', { v: LEDGER_VERSION, ...parameters });
  }

  /** The exchange's own clock, as clients are told it. */
  clock(timeMs: number, toldMs: number): void {
    this.#add(timeMs, 'clock', { toldMs });
  }

  acted(timeMs: number, act: LedgerAct): void {
    this.#add(timeMs, 'act', act);
  }

  record(event: VenueEvent): void {
    const { timeMs, seq, group } = event;
    if (event.kind === 'order') this.#add(timeMs, 'order', { seq, group, ...orderFields(event.order) });
    else if (event.kind === 'execution') this.#add(timeMs, 'fill', { seq, group, ...fillFields(event.execution) });
    else if (event.kind === 'wallet') this.#add(timeMs, 'wallet', { seq, group, ...walletFields(event.wallet) });
    else {
      this.#add(timeMs, 'position', { seq, group, ...positionFields(event.position) });
      this.#stop(timeMs, event.position);
    }
  }

  /** The stop that protects a position, told whenever it is another than before; null for none. */
  #stop(timeMs: number, position: Position): void {
    const { uid, instrument, stopLoss, takeProfit, trailingTicks, lots } = position;
    const fields = {
      uid,
      symbol: instrument.symbol,
      stopLoss: protectionFields(stopLoss, instrument),
      takeProfit: protectionFields(takeProfit, instrument),
      trailing: trailingTicks === 0 ? null : priceText(trailingTicks as Tick, instrument),
      protects: sizeText(lots as Lot, instrument),
    };
    const key = `${uid} ${instrument.symbol}`;
    const text = JSON.stringify(fields);
    const before = this.#stops.get(key);
    if (text === before || (before === undefined && lots === 0)) return;
    this.#stops.set(key, text);
    this.#add(timeMs, 'stop', fields);
  }

  #add(timeMs: number, kind: LedgerLine['kind'], fields: object): void {
    const line: LedgerLine = { n: this.#next++, timeMs, kind, ...fields };
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#linesMax) this.#lines.splice(0, this.#lines.length - this.#linesMax);
    for (const listen of this.#listeners) listen(line);
  }
}

function moneyText(amount: Money): string {
  return formatDecimal(amount, MONEY_DECIMALS);
}

function protectionFields(protection: Protection | undefined, instrument: Instrument): object | null {
  if (protection === undefined) return null;
  const { tick, by, limitTick } = protection;
  return {
    price: priceText(tick as Tick, instrument),
    by,
    limit: limitTick === undefined ? null : priceText(limitTick as Tick, instrument),
  };
}

function orderFields(order: Order): object {
  const { instrument } = order;
  const size = (lots: number): string => sizeText(lots as Lot, instrument);
  const { trigger } = order;
  return {
    uid: order.uid,
    symbol: instrument.symbol,
    id: order.id,
    linkId: order.linkId,
    parentLinkId: order.parentLinkId,
    status: order.status,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    price: priceText(order.tick as Tick, instrument),
    size: size(order.lots),
    filled: size(order.filledLots),
    fee: moneyText(order.fee),
    closedPnl: moneyText(order.closedPnl),
    stopOrderType: order.stopOrderType,
    trigger:
      trigger === undefined
        ? null
        : { price: priceText(trigger.tick as Tick, instrument), by: trigger.by, direction: trigger.direction },
    stopLoss: protectionFields(order.stopLoss, instrument),
    takeProfit: protectionFields(order.takeProfit, instrument),
    reduceOnly: order.reduceOnly,
    closeOnTrigger: order.closeOnTrigger,
    createType: order.createType,
    cancelType: order.cancelType,
    rejectReason: order.rejectReason,
    createdMs: order.createdMs,
    updatedMs: order.updatedMs,
  };
}

function fillFields(execution: Execution): object {
  const { instrument, order } = execution;
  return {
    uid: execution.uid,
    symbol: instrument.symbol,
    id: execution.id,
    orderId: order?.id ?? '',
    linkId: order?.linkId ?? '',
    type: execution.type,
    side: execution.side,
    price: priceText(execution.tick as Tick, instrument),
    size: sizeText(execution.lots as Lot, instrument),
    closed: sizeText(execution.closedLots as Lot, instrument),
    value: moneyText(execution.value),
    fee: moneyText(execution.fee),
    feeRate: execution.feeRate,
    pnl: moneyText(execution.pnl),
    maker: execution.isMaker,
    createType: execution.createType,
  };
}

function positionFields(position: Position): object {
  const { instrument, liquidationPrice } = position;
  return {
    uid: position.uid,
    symbol: instrument.symbol,
    size: sizeText(position.lots as Lot, instrument),
    entryValue: moneyText(position.entryValue),
    entryPrice: moneyText(position.entryPrice),
    leverage: formatDecimal(position.leverage, 2),
    margin: moneyText(position.initialMargin),
    maintenance: moneyText(position.maintenanceMargin),
    extra: moneyText(position.extraMargin),
    liquidation: liquidationPrice === undefined ? null : moneyText(liquidationPrice),
    realised: moneyText(position.currentRealised),
    mark: priceText(position.markTick as Tick, instrument),
    status: position.status,
    reduceOnly: position.isReduceOnly,
  };
}

function walletFields(wallet: Wallet): object {
  return {
    uid: wallet.uid,
    balance: moneyText(wallet.balance),
    positionMargin: moneyText(wallet.positionMargin),
    orderMargin: moneyText(wallet.orderMargin),
    realised: moneyText(wallet.allRealised),
    free: moneyText(wallet.free),
  };
}
