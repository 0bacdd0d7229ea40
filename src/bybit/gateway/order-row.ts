// What does the exchange say of one order, over REST or in the private stream?
import type { Instrument } from '../../market/instrument.ts';
import { worthOf } from '../../market/money.ts';
import type { Lot } from '../../market/units.ts';
import type { OrderReport, OrderStatus } from '../../order/words.ts';
import { fieldsOf, textOf } from '../fields.ts';
import { lotsOf, moneyOf, nearTickOf, type OnOdd, sideOf, timeOf, triggerByOf, wordOf } from './row.ts';

const STATUSES: Readonly<Record<string, OrderStatus>> = {
  New: 'new',
  PartiallyFilled: 'partly-filled',
  Untriggered: 'untriggered',
  Triggered: 'triggered',
  Filled: 'filled',
  Cancelled: 'cancelled',
  // Of spot alone, yet nothing keeps a new release from saying it here.
  PartiallyFilledCanceled: 'cancelled',
  Rejected: 'rejected',
  Deactivated: 'deactivated',
};

/** Undefined for a row that names no order, or whose sizes are no numbers. */
export function orderReportFrom(row: unknown, instrument: Instrument, odd: OnOdd): OrderReport | undefined {
  const fields = fieldsOf(row);
  const orderId = textOf(fields.orderId);
  const side = sideOf(fields.side);
  const lots = lotsOf(fields.qty, instrument);
  const filledLots = lotsOf(fields.cumExecQty, instrument);
  if (orderId === '' || side === undefined || lots === undefined || filledLots === undefined) return undefined;
  const tick = nearTickOf(fields.triggerPrice, instrument);
  const by = triggerByOf(fields.triggerBy);
  // Of a market order it is 0, and so is its trigger's where it waits for none.
  const price = moneyOf(fields.price) || moneyOf(fields.triggerPrice) || 0n;
  return {
    symbol: instrument.symbol,
    orderId,
    linkId: textOf(fields.orderLinkId),
    parentLinkId: textOf(fields.parentOrderLinkId),
    side,
    status: wordOf(STATUSES, 'orderStatus', fields.orderStatus, odd),
    createType: textOf(fields.createType),
    cancelType: textOf(fields.cancelType),
    rejectReason: textOf(fields.rejectReason),
    isStopLoss: textOf(fields.stopOrderType) === 'StopLoss',
    reduceOnly: fields.reduceOnly === true,
    lots,
    filledLots,
    resting: worthOf(price, (lots - filledLots) as Lot, instrument),
    trigger: tick === undefined || by === undefined ? undefined : { tick, by },
    updatedMs: timeOf(fields.updatedTime),
  };
}
