// What becomes of orders and positions when a contract moves to another grid? Orders end; positions and their stops go over.
import type { Instrument } from '../../market/instrument.ts';
import { type Client, ordersOf } from './client.ts';
import { cancelByExchange } from './cancel.ts';
import type { VenueCore } from './core.ts';
import { isCountable } from './money.ts';

/** The same size on another step; undefined where it is no multiple of it. */
function lotsOn(lots: number, from: Instrument, to: Instrument): number | undefined {
  const scaled = BigInt(lots) * BigInt(from.lotScaled) * 10n ** BigInt(to.lotScale);
  const unit = BigInt(to.lotScaled) * 10n ** BigInt(from.lotScale);
  return scaled % unit === 0n ? Number(scaled / unit) : undefined;
}

/** The nearest tick of the other grid. */
function tickOn(tick: number, from: Instrument, to: Instrument): number {
  const scaled = BigInt(tick) * BigInt(from.tickScaled) * 10n ** BigInt(to.priceScale);
  const unit = BigInt(to.tickScaled) * 10n ** BigInt(from.priceScale);
  return Math.max(1, Number((2n * scaled + unit) / (2n * unit)));
}

/** No open position may fall between two steps, and no amount below the last unit of money. */
export function canRegrid(core: VenueCore, from: Instrument, to: Instrument): boolean {
  if (!isCountable(to.priceScale + to.lotScale)) return false;
  const { market, insurance } = core.house;
  const held = [...core.clients.values()].map((client) => client.positions.get(from.symbol)?.lots ?? 0);
  const houses = [market, insurance].map(({ lots }) => lots.get(from.symbol) ?? 0);
  return [...held, ...houses].every((lots) => lotsOn(lots, from, to) !== undefined);
}

/** Before the old book is gone: everything that rests in it or is on its way to it is cancelled. */
export function leaveGrid(core: VenueCore, from: Instrument): void {
  for (const client of core.clients.values()) {
    const ending = ordersOf(client, from.symbol).filter((order) => order.status !== 'Untriggered');
    cancelByExchange(core, client, ending, 'CancelByAdmin');
  }
}

export function enterGrid(core: VenueCore, from: Instrument, to: Instrument): void {
  const { market, insurance } = core.house;
  for (const { lots } of [market, insurance])
    if (lots.has(from.symbol)) lots.set(from.symbol, lotsOn(lots.get(from.symbol) ?? 0, from, to) ?? 0);
  core.band.forget(from.symbol);
  for (const client of core.clients.values()) moveOver(core, client, from, to);
}

function moveOver(core: VenueCore, client: Client, from: Instrument, to: Instrument): void {
  const position = client.positions.get(from.symbol);
  if (position !== undefined) {
    position.instrument = to;
    position.lots = lotsOn(position.lots, from, to) ?? 0;
  }
  for (const order of ordersOf(client, from.symbol)) {
    const lots = lotsOn(order.lots, from, to);
    order.instrument = to;
    if (order.trigger !== undefined) order.trigger = { ...order.trigger, tick: tickOn(order.trigger.tick, from, to) };
    if (order.own.limitTick > 0) order.own.limitTick = tickOn(order.own.limitTick, from, to);
    if (order.tick > 0) order.tick = tickOn(order.tick, from, to);
    const { trail } = order.own;
    if (trail !== undefined) {
      const { activeTick } = trail;
      order.own.trail = {
        ...trail,
        ticks: tickOn(trail.ticks, from, to),
        activeTick: activeTick === undefined ? undefined : tickOn(activeTick, from, to),
      };
    }
    // A waiting order between two steps of the new grid is cut down to one.
    order.lots =
      lots ??
      Math.max(1, Math.floor((order.lots * from.lotScaled * 10 ** to.lotScale) / (to.lotScaled * 10 ** from.lotScale)));
    core.emitOrder(client, order, core.group());
  }
}
