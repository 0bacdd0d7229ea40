// What does the exchange say of one execution, over REST or in the private stream?
import type { Instrument } from '../../market/instrument.ts';
import { ONE_USDT, type Money } from '../../market/money.ts';
import { sizesFromDecimals } from '../../market/size.ts';
import type { Fill, FillKind } from '../../order/words.ts';
import { fieldsOf, integerOf, listOf, textOf } from '../fields.ts';
import { decimalOf, moneyOf, nearTickOf, type OnOdd, sideOf, tickOf, timeOf, wordOf } from './row.ts';

const KINDS: Readonly<Record<string, FillKind>> = {
  Trade: 'trade',
  Funding: 'funding',
  BustTrade: 'liquidation',
  AdlTrade: 'adl',
  Delivery: 'settlement',
  Settle: 'settlement',
  // Of a share that was split: the part of one that the new ones do not fill.
  ForwardSplitSettle: 'settlement',
  ReverseSplitSettle: 'settlement',
  // Made with somebody else at a price of their own.
  BlockTrade: 'trade',
  MovePosition: 'trade',
  FutureSpread: 'trade',
};

/** Has it a name here? The exchange goes on making up kinds of payments. */
export function isNamed(row: unknown): boolean {
  return Object.hasOwn(KINDS, textOf(fieldsOf(row).execType));
}

/** The coins that contracts are settled in. */
const SETTLED_IN: ReadonlySet<string> = new Set(['', 'USDT', 'USDC']);

const isElsewhere = (coin: unknown): boolean => !SETTLED_IN.has(textOf(coin));

/** Of what the account pays in another coin, as it may choose to, the rate alone says what it is worth (bybit-v5, 8.2 and 8.3). */
function worthOfFee(told: unknown, coin: unknown, rate: unknown, execValue: unknown): Money | undefined {
  const [value, part] = isElsewhere(coin) ? [moneyOf(execValue), moneyOf(rate)] : [];
  return value === undefined || part === undefined ? moneyOf(told) : (value * part) / ONE_USDT;
}

/** Taxes of some countries come on top of the fee (bybit-v5, 8.3); without any the field is ''. */
function taxes(extraFees: unknown, execValue: unknown): Money {
  return listOf(extraFees)
    .map(fieldsOf)
    .reduce<Money>((sum, extra) => sum + (worthOfFee(extra.fee, extra.feeCoin, extra.feeRate, execValue) ?? 0n), 0n);
}

/**
 * Undefined for a row without identity, or whose numbers are none. An execution may be of another grid than the one known here,
 * older or newer: its price lies between the ticks then, and its size between the steps, and both are told as they are (B12, P12).
 */
export function fillFrom(row: unknown, instrument: Instrument, odd: OnOdd): Fill | undefined {
  const fields = fieldsOf(row);
  const execId = textOf(fields.execId);
  const side = sideOf(fields.side);
  const kind = wordOf(KINDS, 'execType', fields.execType, odd);
  const tick = nearTickOf(fields.execPrice, instrument);
  const sizes = sizesFromDecimals(decimalOf(fields.execQty), decimalOf(fields.closedSize) || '0', instrument);
  const isFeeElsewhere = isElsewhere(fields.feeCurrency);
  if (isFeeElsewhere) odd('feeCurrency', textOf(fields.feeCurrency));
  const worth = worthOfFee(fields.execFee, fields.feeCurrency, fields.feeRate, fields.execValue);
  const fee = worth ?? (textOf(fields.execFee) === '' ? 0n : undefined);
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
    offGrid: tickOf(fields.execPrice, instrument) === undefined ? moneyOf(fields.execPrice) : undefined,
    ...sizes,
    fee: fee + taxes(fields.extraFees, fields.execValue),
    ...(isFeeElsewhere && { isFeeElsewhere }),
    feeRate: textOf(fields.feeRate),
    isMaker: fields.isMaker === true,
    timeMs: timeOf(fields.execTime),
    seq: integerOf(fields.seq, -1),
  };
}
