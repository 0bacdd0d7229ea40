// What does the exchange say of a position, over REST or in the private stream?
import type { Instrument } from '../../market/instrument.ts';
import { worthOfSize } from '../../market/money.ts';
import { isOnStep, nearestLots, sizeFromDecimal } from '../../market/size.ts';
import type { TriggerBy } from '../../market/stop-price.ts';
import type { Tick } from '../../market/units.ts';
import type { PositionReport } from '../../order/words.ts';
import { fieldsOf, integerOf, textOf } from '../fields.ts';
import { decimalOf, moneyOf, nearTickOf, type OnOdd, sideOf, timeOf, wordOf, hundredthsOf } from './row.ts';

const STATUSES = { Normal: 'normal', Liq: 'liquidating', Adl: 'deleveraging' } as const;

/** The row does not tell which price sets its stop off: `stopBy` knows it. */
export function positionReportFrom(
  row: unknown,
  instrument: Instrument,
  stopBy: (tick: Tick) => TriggerBy,
  odd: OnOdd,
): PositionReport | undefined {
  const fields = fieldsOf(row);
  const side = sideOf(fields.side);
  // Of a position with a side a row without a size does not say that it is flat (P3).
  const size = sizeFromDecimal(decimalOf(fields.size) || (side === undefined ? '0' : ''));
  if (size === undefined || (size > 0n && side === undefined)) return undefined;
  const signed = side === 'sell' ? -size : size;
  const stopTick = nearTickOf(fields.stopLoss, instrument);
  // REST calls it `avgPrice`, the stream `entryPrice`.
  const entryPrice = moneyOf(fields.avgPrice) ?? moneyOf(fields.entryPrice) ?? 0n;
  const liquidationPrice = moneyOf(fields.liqPrice);
  return {
    symbol: instrument.symbol,
    lots: nearestLots(signed, instrument),
    exact: isOnStep(signed, instrument) ? undefined : signed,
    entryPrice,
    entryValue: worthOfSize(entryPrice, size),
    markTick: nearTickOf(fields.markPrice, instrument),
    liquidationPrice: liquidationPrice === 0n ? undefined : liquidationPrice,
    stop: stopTick === undefined ? undefined : { tick: stopTick, by: stopBy(stopTick) },
    leverage: hundredthsOf(fields.leverage),
    // A flat position may leave its status out.
    status:
      textOf(fields.positionStatus) === '' ? 'normal' : wordOf(STATUSES, 'positionStatus', fields.positionStatus, odd),
    isOneWay: integerOf(fields.positionIdx, 0) === 0,
    isMarginFixed: integerOf(fields.autoAddMargin, 0) === 0,
    isReduceOnly: fields.isReduceOnly === true,
    updatedMs: timeOf(fields.updatedTime),
    seq: integerOf(fields.seq, -1),
  };
}
