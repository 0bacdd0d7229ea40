// When is a position taken away? When the mark reaches its liquidation price: in steps while it is large, then as a whole.
import { TICK_MAX } from './band.ts';
import { cancelByExchange } from './cancel.ts';
import { clear } from './clearing.ts';
import { type Client, livePosition, ordersOf } from './client.ts';
import type { Floor } from './floor.ts';
import { against, type LivePosition, sideOf } from './live-position.ts';
import type { LiveOrder } from './live-order.ts';
import { bankruptcyTick, liquidationPrice, positionMargin } from './margin.ts';
import { priceOf } from './money.ts';
import { freeMargin } from './standing.ts';
import { execute, marketOrder } from './taker.ts';
import { emitFills } from './events.ts';
import type { ExecType } from './words.ts';

export function checkLiquidations(floor: Floor): void {
  for (const client of floor.clients.values()) {
    for (const position of client.positions.values()) {
      if (position.lots !== 0 && isDue(floor, position) && !rescue(floor, client, position))
        liquidate(floor, client, position);
    }
  }
}

interface Threshold extends Pick<LivePosition, 'lots' | 'entryValue' | 'leverage' | 'extraMargin' | 'instrument'> {
  readonly tick: number | undefined;
}

/** Looked up every millisecond: computed only when the position has changed. */
const thresholds = new WeakMap<LivePosition, Threshold>();

/** The first tick of the mark at which the position is due; undefined where none is. */
function thresholdOf(floor: Floor, position: LivePosition): number | undefined {
  const { lots, entryValue, leverage, extraMargin, instrument } = position;
  const known = thresholds.get(position);
  if (
    known !== undefined &&
    known.lots === lots &&
    known.entryValue === entryValue &&
    known.leverage === leverage &&
    known.extraMargin === extraMargin &&
    known.instrument === instrument
  )
    return known.tick;
  const price = liquidationPrice(position, floor.tiers(instrument.symbol), floor.variants, TICK_MAX);
  const unit = priceOf(1, instrument);
  const tick = price === undefined ? undefined : Number(lots > 0 ? price / unit : (price + unit - 1n) / unit);
  thresholds.set(position, { lots, entryValue, leverage, extraMargin, instrument, tick });
  return tick;
}

/** The mark has reached its liquidation price. */
export function isDue(floor: Floor, position: LivePosition): boolean {
  const tick = thresholdOf(floor, position);
  if (tick === undefined) return false;
  const mark = floor.markTick(position.instrument.symbol);
  return position.lots > 0 ? mark <= tick : mark >= tick;
}

/** With automatic margin the account's free money is used first. */
function rescue(floor: Floor, client: Client, position: LivePosition): boolean {
  if (!position.autoAddMargin) return false;
  const { symbol } = position.instrument;
  const { initial } = positionMargin(position, floor.tiers(symbol), floor.markTick(symbol), client.taker);
  const free = freeMargin(floor, client);
  const added = free < initial ? free : initial;
  if (added <= 0n) return false;
  position.extraMargin += added;
  const group = floor.group();
  floor.emitPosition(client, position.instrument, group);
  floor.emitWallet(client, position.instrument, group);
  return !isDue(floor, position);
}

function liquidate(floor: Floor, client: Client, position: LivePosition): void {
  const { instrument } = position;
  position.status = 'Liq';
  floor.emitPosition(client, instrument, floor.group());
  cancelByExchange(floor, client, ordersOf(client, instrument.symbol), 'CancelByPrepareLiq');
  while (position.lots !== 0 && isDue(floor, position) && reduceStep(floor, client, position));
  if (position.lots !== 0 && isDue(floor, position)) {
    closeOutside(
      floor,
      client,
      position,
      bankruptcyTick(position, client.taker),
      'BustTrade',
      'CreateByTakeOver_PassThrough',
    );
  } else if (position.lots !== 0) {
    position.status = 'Normal';
    floor.emitPosition(client, instrument, floor.group());
  }
}

/** Down to the next lower risk tier, in the market; false in the lowest tier, or where nobody takes it. */
function reduceStep(floor: Floor, client: Client, position: LivePosition): boolean {
  const { instrument, lots, entryValue } = position;
  const tiers = floor.tiers(instrument.symbol);
  const below = tiers.findLast(({ limit }) => limit < entryValue);
  if (below === undefined) return false;
  const size = Math.abs(lots);
  const kept = Number((below.limit * BigInt(size)) / entryValue);
  const order = forcedOrder(floor, client, position, size - kept, 'CreateByLiq');
  execute(floor, client, order);
  return order.filledLots > 0;
}

function forcedOrder(
  floor: Floor,
  client: Client,
  position: LivePosition,
  lots: number,
  createType: string,
): LiveOrder {
  const side = against(sideOf(position.lots));
  const order = marketOrder(floor, client, position.instrument, { side, lots, createType, reduceOnly: true });
  client.known.set(order.id, order);
  return order;
}

/** Ends a position, or so many lots of it, beside the book, against the insurance fund. */
function closeOutside(
  floor: Floor,
  client: Client,
  position: LivePosition,
  tick: number,
  type: ExecType,
  createType: string,
  most = Infinity,
): void {
  const { instrument, lots } = position;
  const order = forcedOrder(floor, client, position, Math.min(Math.abs(lots), most), createType);
  order.tick = tick;
  const { side } = order;
  position.status = 'Normal';
  const fill = { client, instrument, order, type, side, tick, lots: order.lots, isMaker: false, createType };
  emitFills(floor, client, instrument, order, [clear(floor, fill)], lots);
}

/** The mark, or the price at which the margin is gone where that comes first. */
function fairTick(floor: Floor, client: Client, position: LivePosition): number {
  const mark = floor.markTick(position.instrument.symbol);
  const bankrupt = bankruptcyTick(position, client.taker);
  return position.lots > 0 ? Math.max(mark, bankrupt) : Math.min(mark, bankrupt);
}

/** Taken to cover somebody else's loss that the insurance fund could not, in whole or in part. */
export function deleverage(floor: Floor, client: Client, symbol: string, part: number): void {
  const position = livePosition(client, floor.pit(symbol).instrument);
  if (position.lots === 0) return;
  position.status = 'Adl';
  floor.emitPosition(client, position.instrument, floor.group());
  cancelByExchange(floor, client, ordersOf(client, symbol), 'CancelAllBeforeAdl');
  const lots = Math.max(1, Math.floor(Math.abs(position.lots) * part));
  closeOutside(floor, client, position, fairTick(floor, client, position), 'AdlTrade', 'CreateByAdl_PassThrough', lots);
}

/** The contract is taken from the exchange: all positions end at the mark, without an order. */
export function settleContract(floor: Floor, symbol: string): void {
  const { instrument } = floor.pit(symbol);
  for (const client of floor.clients.values()) {
    cancelByExchange(floor, client, ordersOf(client, symbol), 'CancelBySettle');
    const position = client.positions.get(symbol);
    if (position === undefined || position.lots === 0) continue;
    const { lots } = position;
    const fill = {
      client,
      instrument,
      order: undefined,
      type: 'Settle',
      side: against(sideOf(lots)),
      tick: fairTick(floor, client, position),
      lots: Math.abs(lots),
      isMaker: false,
      createType: 'CreateBySettle',
    } as const;
    emitFills(floor, client, instrument, undefined, [clear(floor, fill)], lots);
  }
}
