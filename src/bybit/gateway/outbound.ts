// How is an order spelt for the exchange? Plain decimals on the grid (I-14); what is no entry only reduces (I-11).
import { type Instrument, priceText, sizeText } from '../../market/instrument.ts';
import type { StopPrice } from '../../market/stop-price.ts';
import type { Tick } from '../../market/units.ts';
import type { OutboundOrder } from '../../order/words.ts';
import { type Fields, textOf } from '../fields.ts';
import { TRIGGER_TEXTS } from './row.ts';

const PLAIN = /^(0|[1-9]\d*)(\.\d+)?$/;
const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;
const NUMBERS = ['qty', 'price', 'stopLoss'] as const;
const SLIPPAGE_TICKS_MAX = 10_000;

/** A text says why these fields must not leave. */
export type Spelt = Fields | string;

/** `touch`: the best price that the order would hit; only a market entry needs it. */
export function orderFields(order: OutboundOrder, instrument: Instrument, touch: Tick | undefined): Spelt {
  if (!LINK_ID.test(order.linkId)) return `link id ${order.linkId} is none`;
  const base = {
    category: 'linear',
    symbol: order.symbol,
    side: order.side === 'buy' ? 'Buy' : 'Sell',
    positionIdx: 0,
    orderLinkId: order.linkId,
    qty: order.lots === 'all' ? '0' : sizeText(order.lots, instrument),
  };
  if (order.role === 'E') {
    const kind = order.type === 'limit' ? limitAt(order.capTick, instrument) : boundedMarket(order, touch);
    if (typeof kind === 'string') return kind;
    return checked(
      { ...base, ...kind, ...stopFields(order.stop, instrument) },
      order.lots,
      order.capTick,
      order.stop.tick,
    );
  }
  const kind = order.capTick === undefined ? { orderType: 'Market' } : limitAt(order.capTick, instrument);
  // Of size 0 the exchange closes the whole position, if it is also told to make room for it.
  const whole = order.lots === 'all' ? { closeOnTrigger: true } : {};
  return checked(
    { ...base, ...kind, reduceOnly: true, ...whole },
    order.lots === 'all' ? 1 : order.lots,
    order.capTick ?? 1,
  );
}

function stopFields({ tick, by }: StopPrice, instrument: Instrument): Fields {
  return { stopLoss: priceText(tick, instrument), tpslMode: 'Full', slTriggerBy: TRIGGER_TEXTS[by] };
}

export function tradingStopFields(stop: StopPrice, instrument: Instrument): Spelt {
  return checked(
    { category: 'linear', symbol: instrument.symbol, positionIdx: 0, ...stopFields(stop, instrument) },
    stop.tick,
  );
}

/** Hundredths, as whole or decimal text: 1000 → `'10'`. */
export function leverageText(hundredths: number): string {
  return String(hundredths / 100);
}

function limitAt(tick: Tick, instrument: Instrument): Fields {
  return { orderType: 'Limit', price: priceText(tick, instrument), timeInForce: 'IOC' };
}

/** The exchange counts the bound from its own touch, in ticks. */
function boundedMarket(order: OutboundOrder & { readonly role: 'E' }, touch: Tick | undefined): Spelt {
  if (touch === undefined) return 'no touch to count the slippage of a market order from';
  const ticks = order.side === 'buy' ? order.capTick - touch : touch - order.capTick;
  if (ticks < 1) return 'the price cap of a market order is not beyond the touch';
  const slippageTolerance = String(Math.min(ticks, SLIPPAGE_TICKS_MAX));
  return { orderType: 'Market', slippageToleranceType: 'TickSize', slippageTolerance };
}

/** Whole ticks and lots alone sit on the grid; what they are printed as must not need an exponent. */
function checked(fields: Fields, ...counts: readonly number[]): Spelt {
  if (!counts.every((count) => Number.isSafeInteger(count) && count > 0)) return 'I-14: a number off the grid';
  const odd = NUMBERS.find((name) => fields[name] !== undefined && !PLAIN.test(textOf(fields[name])));
  return odd === undefined ? fields : `I-14: ${odd} is no plain decimal`;
}
