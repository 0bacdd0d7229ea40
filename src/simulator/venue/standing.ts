// How does an account stand at this moment? Its positions and its wallet, in the types that everybody reads.
import { BID } from '../../market/side.ts';
import type { Client } from './client.ts';
import type { VenueCore } from './core.ts';
import { closable, type LivePosition, sideOf } from './live-position.ts';
import { TICK_MAX } from './band.ts';
import { isProtective, type LiveOrder, protectionOf } from './live-order.ts';
import { breakEvenPrice, liquidationPrice, orderMargin, positionMargin, unrealised } from './margin.ts';
import { priceFor, valueOf } from './money.ts';
import type { Money, OrderSide, Position, Wallet } from './model.ts';

export function positionOf(core: VenueCore, client: Client, position: LivePosition): Position {
  const { instrument, lots, entryValue } = position;
  const { symbol } = instrument;
  const markTick = core.markTick(symbol);
  const tiers = core.tiers(symbol);
  const margin = positionMargin(position, tiers, markTick, client.taker);
  const partial = [...client.orders.values()].some(
    (order) => order.instrument.symbol === symbol && order.tpslMode === 'Partial' && isProtective(order),
  );
  return {
    uid: client.account.uid,
    instrument,
    lots,
    entryValue,
    entryPrice: priceFor(entryValue, Math.abs(lots), instrument),
    leverage: position.leverage,
    extraMargin: position.extraMargin,
    initialMargin: margin.initial,
    maintenanceMargin: margin.maintenance,
    feeToClose: margin.feeToClose,
    liquidationPrice: liquidationPrice(position, tiers, core.variants, TICK_MAX),
    breakEvenPrice: breakEvenPrice(position, client.taker),
    unrealised: unrealised(position, markTick),
    currentRealised: position.currentRealised,
    allRealised: position.allRealised,
    markTick,
    stopLoss: protectionOf(position.stopLoss),
    takeProfit: protectionOf(position.takeProfit),
    trailingTicks: position.trailing?.own.trail?.ticks ?? 0,
    tpslMode: partial && position.stopLoss === undefined && position.takeProfit === undefined ? 'Partial' : 'Full',
    status: position.status,
    isReduceOnly: position.isReduceOnly,
    autoAddMargin: position.autoAddMargin,
    riskId: margin.tier.id,
    riskLimit: margin.tier.limit,
    adlRank: lots === 0 ? 0 : adlRank(position, markTick),
    createdMs: position.createdMs,
    openedMs: position.openedMs,
    updatedMs: position.updatedMs,
    seq: position.seq,
  };
}

/** 1 … 5: the more a position gains on its margin, the earlier it is taken to cover others' losses. */
function adlRank(position: LivePosition, markTick: number): number {
  const gain = unrealised(position, markTick) * BigInt(position.leverage);
  if (gain <= 0n) return 2;
  return 3 + Math.min(2, Number(gain / (position.entryValue * 25n)));
}

export function walletOf(core: VenueCore, client: Client): Wallet {
  let positions = 0n;
  let maintenance = 0n;
  let gains = 0n;
  for (const position of client.positions.values()) {
    if (position.lots === 0) continue;
    const { symbol } = position.instrument;
    const markTick = core.markTick(symbol);
    const margin = positionMargin(position, core.tiers(symbol), markTick, client.taker);
    positions += margin.initial + position.extraMargin;
    maintenance += margin.maintenance;
    gains += unrealised(position, markTick);
  }
  const orders = orderMargins(client);
  return {
    uid: client.account.uid,
    balance: client.balance,
    positionMargin: positions,
    positionMaintenance: maintenance,
    orderMargin: orders,
    unrealised: gains,
    allRealised: client.allRealised,
    free: client.balance - positions - orders,
  };
}

/** What new business may use; `without` is an order whose own reserve does not count. */
export function freeMargin(core: VenueCore, client: Client, without?: LiveOrder): Money {
  const { balance, positionMargin: held } = walletOf(core, client);
  return balance - held - orderMargins(client, without);
}

/** Resting orders reserve for what they would open; what only closes a position reserves nothing. */
function orderMargins(client: Client, without?: LiveOrder): Money {
  let sum = 0n;
  const covered = new Map<string, number>();
  for (const order of client.orders.values()) {
    const { own, side, instrument } = order;
    if (own.restingLots === 0 || order.reduceOnly || order === without) continue;
    const position = client.positions.get(instrument.symbol);
    const key = `${side} ${instrument.symbol}`;
    const free = covered.get(key) ?? closable(position, side);
    const closes = Math.min(free, own.restingLots);
    covered.set(key, free - closes);
    sum += marginFor(client, position, order.tick, own.restingLots - closes, side, instrument);
  }
  return sum;
}

/** Lots of a new order that would open: what closes the position is spoken for by earlier orders first. */
export function opening(client: Client, position: LivePosition | undefined, order: LiveOrder, lots: number): number {
  let cover = closable(position, order.side);
  for (const other of client.orders.values()) {
    const counts = other.side === order.side && other.instrument.symbol === order.instrument.symbol && other !== order;
    if (counts && !other.reduceOnly) cover -= other.own.restingLots;
  }
  return Math.max(0, lots - Math.max(0, cover));
}

export function marginFor(
  client: Client,
  position: LivePosition | undefined,
  tick: number,
  lots: number,
  side: OrderSide,
  instrument: LivePosition['instrument'],
): Money {
  if (lots <= 0) return 0n;
  return orderMargin(valueOf(tick * lots, instrument), position?.leverage ?? 1_000, side, client.taker);
}

/** Position and same-side orders together: what the risk limit looks at. */
export function exposure(client: Client, symbol: string, side: OrderSide): Money {
  const position = client.positions.get(symbol);
  let sum = position !== undefined && position.lots !== 0 && sideOf(position.lots) === side ? position.entryValue : 0n;
  for (const order of client.orders.values()) {
    if (order.instrument.symbol !== symbol || order.side !== side || order.reduceOnly) continue;
    sum += valueOf(order.tick * order.own.restingLots, order.instrument);
  }
  return sum;
}

/** The side of the book where an order of this side would rest. */
export function restingSide(side: OrderSide): 0 | 1 {
  return side === 'Buy' ? BID : ((1 - BID) as 1);
}
