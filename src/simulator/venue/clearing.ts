// What does a fill do to an account? Position, fee, profit, wallet, and the rows that prove it.
import type { Instrument } from '../../market/instrument.ts';
import { type Client, livePosition } from './client.ts';
import type { VenueCore } from './core.ts';
import { applyFill, type Change } from './live-position.ts';
import { leaves, type LiveOrder, snapshot } from './live-order.ts';
import { part, type Rate, valueOf } from './money.ts';
import type { ClosedTrade, Execution, ExecType, Money, OrderSide, Transaction } from './model.ts';

export interface Fill {
  readonly client: Client;
  readonly instrument: Instrument;
  readonly order: LiveOrder | undefined;
  readonly type: ExecType;
  readonly side: OrderSide;
  readonly tick: number;
  readonly lots: number;
  readonly isMaker: boolean;
  readonly createType: string;
}

const LEDGER_TYPES = {
  Trade: 'TRADE',
  Funding: 'SETTLEMENT',
  BustTrade: 'LIQUIDATION',
  AdlTrade: 'ADL',
  Settle: 'DELIVERY',
} as const satisfies Record<ExecType, Transaction['type']>;

/** Books one fill. Of every unit that an account gets, another loses it: the market, the insurance fund or the fees. */
export function clear(core: VenueCore, fill: Fill): Execution {
  const { client, instrument, order, type, side, tick, lots, isMaker } = fill;
  const position = livePosition(client, instrument);
  const before = position.lots;
  const rate = type === 'Settle' ? 0n : isMaker ? client.maker : client.taker;
  const fee = part(valueOf(tick * lots, instrument), rate);
  const change = applyFill(position, side, tick, lots, fee);
  const isTrade = type === 'Trade' || type === 'Settle';
  (isTrade ? core.house.market : core.house.insurance).mirror(instrument, side, tick, lots);
  core.house.fees += fee;
  client.balance += change.pnl - fee;
  client.allRealised += change.pnl - fee;
  position.seq = core.contract(instrument.symbol).matching.seq;
  if (before === 0 || Math.sign(before) === -Math.sign(position.lots)) position.openedMs = core.nowMs;
  if (order !== undefined) {
    order.filledLots += lots;
    order.filledUnits += tick * lots;
    order.fee += fee;
    order.closedPnl += change.pnl - change.openFee - change.closeFee;
    order.status = leaves(order) === 0 ? 'Filled' : 'PartiallyFilled';
  }
  const execution = executionOf(core, fill, change, fee, rate);
  if (order !== undefined && change.closedLots > 0) noteClosed(core, fill, order, change, position.leverage);
  noteTransaction(core, client, execution, change.pnl, 0n, fee);
  return execution;
}

function executionOf(core: VenueCore, fill: Fill, change: Change, fee: Money, rate: Rate): Execution {
  const { client, instrument, order, type, side, tick, lots, isMaker, createType } = fill;
  return {
    id: core.id(5),
    uid: client.account.uid,
    instrument,
    order: order === undefined ? undefined : snapshot(order),
    type,
    side,
    tick,
    lots,
    closedLots: change.closedLots,
    value: valueOf(tick * lots, instrument),
    fee,
    feeRate: rateText(client, rate),
    pnl: change.pnl,
    isMaker,
    createType,
    leavesLots: order === undefined ? 0 : leaves(order),
    markTick: core.markTick(instrument.symbol),
    seq: core.contract(instrument.symbol).matching.seq,
    timeMs: core.nowMs,
  };
}

function rateText({ account, taker, maker }: Client, rate: Rate): string {
  if (rate === taker) return account.takerFeeRate;
  return rate === maker ? account.makerFeeRate : '0';
}

/** One row per closing order, kept up to date fill by fill. */
function noteClosed(core: VenueCore, fill: Fill, order: LiveOrder, change: Change, leverage: number): void {
  const { closedTrades } = fill.client.history;
  const at = closedTrades.findLastIndex((row) => row.order.id === order.id);
  const row = closedTrades[at];
  const next: ClosedTrade = {
    order: snapshot(order),
    side: fill.side,
    type: fill.type,
    closedLots: (row?.closedLots ?? 0) + change.closedLots,
    entryValue: (row?.entryValue ?? 0n) + change.entryValue,
    exitValue: (row?.exitValue ?? 0n) + change.exitValue,
    openFee: (row?.openFee ?? 0n) + change.openFee,
    closeFee: (row?.closeFee ?? 0n) + change.closeFee,
    pnl: order.closedPnl,
    fills: (row?.fills ?? 0) + 1,
    leverage,
    createdMs: order.createdMs,
    updatedMs: core.nowMs,
  };
  if (row === undefined) closedTrades.push(next);
  else closedTrades[at] = next;
}

/** `funding` is received where positive. */
export function noteTransaction(
  core: VenueCore,
  client: Client,
  execution: Execution,
  cash: Money,
  funding: Money,
  fee: Money,
): void {
  const { instrument, type, side, lots, tick, feeRate, order, id } = execution;
  client.history.transactions.push({
    id: core.id(4),
    uid: client.account.uid,
    instrument,
    type: LEDGER_TYPES[type],
    side,
    lots,
    tick,
    cash,
    funding,
    fee,
    feeRate,
    change: cash + funding - fee,
    balance: client.balance,
    order,
    execId: id,
    timeMs: core.nowMs,
  });
}
