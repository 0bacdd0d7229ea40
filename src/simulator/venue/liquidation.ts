// When is a position taken away? When the mark reaches its liquidation price: in steps while it is large, then as a whole.
import { TICK_MAX } from './band.ts';
import { cancelByExchange } from './cancel.ts';
import { clear } from './clearing.ts';
import { type Client, livePosition, ordersOf } from './client.ts';
import type { VenueCore } from './core.ts';
import { against, type LivePosition, sideOf } from './live-position.ts';
import type { LiveOrder } from './live-order.ts';
import { bankruptcyTick, liquidationPrice, positionMargin } from './margin.ts';
import { priceOf } from './money.ts';
import { freeMargin } from './standing.ts';
import { execute, marketOrder } from './taker.ts';
import { emitFills } from './events.ts';
import type { ExecType } from './model.ts';

export function checkLiquidations(core: VenueCore): void {
  for (const client of core.clients.values()) {
    for (const position of client.positions.values()) {
      if (position.lots !== 0 && isDue(core, position) && !rescue(core, client, position))
        liquidate(core, client, position);
    }
  }
}

interface Threshold extends Pick<LivePosition, 'lots' | 'entryValue' | 'leverage' | 'extraMargin' | 'instrument'> {
  readonly tick: number | undefined;
}

/** Looked up every millisecond: computed only when the position has changed. */
const thresholds = new WeakMap<LivePosition, Threshold>();

/** The first tick of the mark at which the position is due; undefined where none is. */
function thresholdOf(core: VenueCore, position: LivePosition): number | undefined {
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
  const price = liquidationPrice(position, core.tiers(instrument.symbol), core.variants, TICK_MAX);
  const unit = priceOf(1, instrument);
  const tick = price === undefined ? undefined : Number(lots > 0 ? price / unit : (price + unit - 1n) / unit);
  thresholds.set(position, { lots, entryValue, leverage, extraMargin, instrument, tick });
  return tick;
}

/** The mark has reached its liquidation price. */
export function isDue(core: VenueCore, position: LivePosition): boolean {
  const tick = thresholdOf(core, position);
  if (tick === undefined) return false;
  const mark = core.markTick(position.instrument.symbol);
  return position.lots > 0 ? mark <= tick : mark >= tick;
}

/** With automatic margin the account's free money is used first. */
function rescue(core: VenueCore, client: Client, position: LivePosition): boolean {
  if (!position.autoAddMargin) return false;
  const { symbol } = position.instrument;
  const { initial } = positionMargin(position, core.tiers(symbol), core.markTick(symbol), client.taker);
  const free = freeMargin(core, client);
  const added = free < initial ? free : initial;
  if (added <= 0n) return false;
  position.extraMargin += added;
  const group = core.group();
  core.emitPosition(client, position.instrument, group);
  core.emitWallet(client, position.instrument, group);
  return !isDue(core, position);
}

function liquidate(core: VenueCore, client: Client, position: LivePosition): void {
  const { instrument } = position;
  position.status = 'Liq';
  core.emitPosition(client, instrument, core.group());
  cancelByExchange(core, client, ordersOf(client, instrument.symbol), 'CancelByPrepareLiq');
  while (position.lots !== 0 && isDue(core, position) && reduceStep(core, client, position));
  if (position.lots !== 0 && isDue(core, position)) {
    closeOutside(
      core,
      client,
      position,
      bankruptcyTick(position, client.taker),
      'BustTrade',
      'CreateByTakeOver_PassThrough',
    );
  } else if (position.lots !== 0) {
    position.status = 'Normal';
    core.emitPosition(client, instrument, core.group());
  }
}

/** Down to the next lower risk tier, in the market; false in the lowest tier, or where nobody takes it. */
function reduceStep(core: VenueCore, client: Client, position: LivePosition): boolean {
  const { instrument, lots, entryValue } = position;
  const tiers = core.tiers(instrument.symbol);
  const below = tiers.findLast(({ limit }) => limit < entryValue);
  if (below === undefined) return false;
  const size = Math.abs(lots);
  const kept = Number((below.limit * BigInt(size)) / entryValue);
  const order = forcedOrder(core, client, position, size - kept, 'CreateByLiq');
  execute(core, client, order);
  return order.filledLots > 0;
}

function forcedOrder(
  core: VenueCore,
  client: Client,
  position: LivePosition,
  lots: number,
  createType: string,
): LiveOrder {
  const side = against(sideOf(position.lots));
  const order = marketOrder(core, client, position.instrument, { side, lots, createType, reduceOnly: true });
  client.known.set(order.id, order);
  return order;
}

/** Ends a position, or so many lots of it, beside the book, against the insurance fund. */
function closeOutside(
  core: VenueCore,
  client: Client,
  position: LivePosition,
  tick: number,
  type: ExecType,
  createType: string,
  most = Infinity,
): void {
  const { instrument, lots } = position;
  const order = forcedOrder(core, client, position, Math.min(Math.abs(lots), most), createType);
  order.tick = tick;
  const { side } = order;
  position.status = 'Normal';
  const fill = { client, instrument, order, type, side, tick, lots: order.lots, isMaker: false, createType };
  emitFills(core, client, instrument, order, [clear(core, fill)], lots);
}

/** The mark, or the price at which the margin is gone where that comes first. */
function fairTick(core: VenueCore, client: Client, position: LivePosition): number {
  const mark = core.markTick(position.instrument.symbol);
  const bankrupt = bankruptcyTick(position, client.taker);
  return position.lots > 0 ? Math.max(mark, bankrupt) : Math.min(mark, bankrupt);
}

/** Taken to cover somebody else's loss that the insurance fund could not, in whole or in part. */
export function deleverage(core: VenueCore, client: Client, symbol: string, part: number): void {
  const position = livePosition(client, core.contract(symbol).instrument);
  if (position.lots === 0) return;
  position.status = 'Adl';
  core.emitPosition(client, position.instrument, core.group());
  cancelByExchange(core, client, ordersOf(client, symbol), 'CancelAllBeforeAdl');
  const lots = Math.max(1, Math.floor(Math.abs(position.lots) * part));
  closeOutside(core, client, position, fairTick(core, client, position), 'AdlTrade', 'CreateByAdl_PassThrough', lots);
}

/** The contract is taken from the exchange: all positions end at the mark, without an order. */
export function settleContract(core: VenueCore, symbol: string): void {
  const { instrument } = core.contract(symbol);
  for (const client of core.clients.values()) {
    cancelByExchange(core, client, ordersOf(client, symbol), 'CancelBySettle');
    const position = client.positions.get(symbol);
    if (position === undefined || position.lots === 0) continue;
    const { lots } = position;
    const fill = {
      client,
      instrument,
      order: undefined,
      type: 'Settle',
      side: against(sideOf(lots)),
      tick: fairTick(core, client, position),
      lots: Math.abs(lots),
      isMaker: false,
      createType: 'CreateBySettle',
    } as const;
    emitFills(core, client, instrument, undefined, [clear(core, fill)], lots);
  }
}
