// What do the numbers of one grid become on another? As the exchange, which keeps decimals, tells them there.
import { nearestTick, type Instrument } from '../market/instrument.ts';
import { moneyText, priceOf, type Money } from '../market/money.ts';
import { nearestLots, sizeDecimal, sizeOf, sizesFromDecimals } from '../market/size.ts';
import type { Lot, Tick } from '../market/units.ts';
import type { Fill, OrderReport } from '../order/words.ts';

const tickAt = (price: Money, to: Instrument): Tick => nearestTick(moneyText(price), to) as Tick;

export function fillOn(fill: Fill, from: Instrument, to: Instrument): Fill {
  const price = fill.offGrid ?? priceOf(fill.tick, from);
  const tick = tickAt(price, to);
  const { size, closed } = fill.exact ?? { size: sizeOf(fill.lots, from), closed: sizeOf(fill.closedLots, from) };
  const offGrid = priceOf(tick, to) === price ? undefined : price;
  return { ...fill, tick, offGrid, exact: undefined, ...sizesFromDecimals(sizeDecimal(size), sizeDecimal(closed), to) };
}

export function orderOn(order: OrderReport, from: Instrument, to: Instrument): OrderReport {
  const lots = (of: Lot): Lot => nearestLots(sizeOf(of, from), to) as Lot;
  const { trigger } = order;
  return {
    ...order,
    lots: lots(order.lots),
    filledLots: lots(order.filledLots),
    trigger: trigger && { ...trigger, tick: tickAt(priceOf(trigger.tick, from), to) },
  };
}
