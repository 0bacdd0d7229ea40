// How is a fill spelt over REST, in the private stream, and in its fast version?
import type { Execution } from '../venue/model.ts';
import { always, names, printer } from './printer.ts';
import { moneyText, plainPrice, quantityText } from './spelling.ts';

const FIELDS = {
  category: always('linear'),
  symbol: (fill: Execution) => fill.instrument.symbol,
  closedSize: (fill: Execution) => quantityText(fill.closedLots, fill.instrument),
  execFee: (fill: Execution) => moneyText(fill.fee),
  execId: (fill: Execution) => fill.id,
  execPrice: (fill: Execution) => plainPrice(fill.tick, fill.instrument),
  execQty: (fill: Execution) => quantityText(fill.lots, fill.instrument),
  execType: (fill: Execution) => fill.type,
  execValue: (fill: Execution) => moneyText(fill.value),
  feeRate: (fill: Execution) => fill.feeRate,
  tradeIv: always(''),
  markIv: always(''),
  blockTradeId: always(''),
  markPrice: (fill: Execution) => plainPrice(fill.markTick, fill.instrument),
  indexPrice: always(''),
  underlyingPrice: always(''),
  leavesQty: (fill: Execution) => quantityText(fill.leavesLots, fill.instrument),
  orderId: (fill: Execution) => fill.order?.id ?? '',
  orderLinkId: (fill: Execution) => fill.order?.linkId ?? '',
  // A fast fill of a maker does not name its order by link id.
  takerLinkId: (fill: Execution) => (fill.isMaker ? '' : (fill.order?.linkId ?? '')),
  orderPrice: ({ order, instrument }: Execution) =>
    order === undefined || order.tick === 0 ? '0' : plainPrice(order.tick, instrument),
  orderQty: ({ order, instrument }: Execution) => (order === undefined ? '0' : quantityText(order.lots, instrument)),
  orderType: (fill: Execution) => fill.order?.type ?? 'UNKNOWN',
  stopOrderType: (fill: Execution) => fill.order?.stopOrderType || 'UNKNOWN',
  side: (fill: Execution) => fill.side,
  execTime: (fill: Execution) => String(fill.timeMs),
  isLeverage: always('0'),
  isMaker: (fill: Execution) => fill.isMaker,
  seq: (fill: Execution) => fill.seq,
  marketUnit: always(''),
  execPnl: (fill: Execution) => moneyText(fill.pnl),
  createType: (fill: Execution) => fill.createType,
  extraFees: always(''),
  feeCurrency: always('USDT'),
};

type Name = keyof typeof FIELDS;

const REST = names<Name>(`
  symbol closedSize execFee execId execPrice execQty execType execValue feeRate tradeIv markIv blockTradeId markPrice
  indexPrice underlyingPrice leavesQty orderId orderLinkId orderPrice orderQty orderType stopOrderType side execTime
  isLeverage isMaker seq marketUnit execPnl createType extraFees feeCurrency`);
const FAST = names<Name>('category symbol execId execPrice execQty orderId isMaker orderLinkId side execTime seq');

export const executionRow = printer(FIELDS, REST);
export const streamExecutionRow = printer(FIELDS, ['category', ...REST]);
export const fastExecutionRow = printer({ ...FIELDS, orderLinkId: FIELDS.takerLinkId }, FAST);
