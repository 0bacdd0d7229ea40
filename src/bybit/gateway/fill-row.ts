// What does the exchange say of one execution, over REST or in the private stream?
import type { Instrument } from '../../market/instrument.ts';
import type { Money } from '../../market/money.ts';
import { sizesFromDecimals } from '../../market/size.ts';
import type { Fill, FillKind } from '../../order/words.ts';
import { fieldsOf, integerOf, listOf, textOf } from '../fields.ts';
import { moneyOf, nearTickOf, type OnOdd, sideOf, tickOf, timeOf, wordOf } from './row.ts';

const KINDS: Readonly<Record<string, FillKind>> = {
  Trade: 'trade',
  Funding: 'funding',
  BustTrade: 'liquidation',
  AdlTrade: 'adl',
  Delivery: 'settlement',
  Settle: 'settlement',
  // Made with somebody else at a price of their own.
  BlockTrade: 'trade',
  MovePosition: 'trade',
  FutureSpread: 'trade',
};

/** Taxes of some countries come on top of the fee (bybit-v5, 8.3); without any the field is ''. */
function taxes(extraFees: unknown): Money {
  return listOf(extraFees).reduce<Money>((sum, extra) => sum + (moneyOf(fieldsOf(extra).fee) ?? 0n), 0n);
}

/**
 * Undefined for a row without identity, or whose numbers do not fit the instrument's grid. `isPast`: it may be of another
 * grid than that of today, whose prices lie between the ticks. Of a coarser one than today’s may be whatever is held (P12):
 * its size lies between the steps.
 */
export function fillFrom(row: unknown, instrument: Instrument, odd: OnOdd, isPast = false): Fill | undefined {
  const fields = fieldsOf(row);
  const execId = textOf(fields.execId);
  const side = sideOf(fields.side);
  const kind = wordOf(KINDS, 'execType', fields.execType, odd);
  // Funding is reckoned at the mark and a takeover at the price of bankruptcy: only what the book has traded must lie on the grid.
  const onGrid = tickOf(fields.execPrice, instrument);
  const tick = fields.execType === 'Trade' && !isPast ? onGrid : nearTickOf(fields.execPrice, instrument);
  const sizes = sizesFromDecimals(textOf(fields.execQty), textOf(fields.closedSize) || '0', instrument);
  const fee = moneyOf(fields.execFee) ?? (textOf(fields.execFee) === '' ? 0n : undefined);
  if (execId === '' || side === undefined || tick === undefined) return undefined;
  if (sizes === undefined || fee === undefined) return undefined;
  return {
    symbol: instrument.symbol,
    execId,
    orderId: textOf(fields.orderId),
    linkId: textOf(fields.orderLinkId),
    kind,
    createType: textOf(fields.createType),
    side,
    tick,
    offGrid: onGrid === undefined ? moneyOf(fields.execPrice) : undefined,
    ...sizes,
    fee: fee + taxes(fields.extraFees),
    feeRate: textOf(fields.feeRate),
    isMaker: fields.isMaker === true,
    timeMs: timeOf(fields.execTime),
    seq: integerOf(fields.seq, -1),
  };
}
