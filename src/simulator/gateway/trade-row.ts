// How are a closed trade and a movement of the wallet spelt?
import type { ClosedTrade, Transaction } from '../venue/model.ts';
import { always, names, printer } from './printer.ts';
import { averagePrice, leverageText, moneyText, paddedPrice, plainPrice, quantityText } from './spelling.ts';

const CLOSED = {
  symbol: ({ order }: ClosedTrade) => order.instrument.symbol,
  orderId: ({ order }: ClosedTrade) => order.id,
  side: (trade: ClosedTrade) => trade.side,
  qty: ({ order }: ClosedTrade) => quantityText(order.lots, order.instrument),
  orderPrice: ({ order }: ClosedTrade) => (order.tick === 0 ? '0' : paddedPrice(order.tick, order.instrument)),
  orderType: ({ order }: ClosedTrade) => order.type,
  execType: (trade: ClosedTrade) => trade.type,
  closedSize: ({ closedLots, order }: ClosedTrade) => quantityText(closedLots, order.instrument),
  cumEntryValue: (trade: ClosedTrade) => moneyText(trade.entryValue),
  avgEntryPrice: ({ entryValue, closedLots, order }: ClosedTrade) =>
    averagePrice(entryValue, closedLots, order.instrument),
  cumExitValue: (trade: ClosedTrade) => moneyText(trade.exitValue),
  avgExitPrice: ({ exitValue, closedLots, order }: ClosedTrade) =>
    averagePrice(exitValue, closedLots, order.instrument),
  closedPnl: (trade: ClosedTrade) => moneyText(trade.pnl),
  fillCount: (trade: ClosedTrade) => String(trade.fills),
  leverage: (trade: ClosedTrade) => leverageText(trade.leverage),
  openFee: (trade: ClosedTrade) => moneyText(trade.openFee),
  closeFee: (trade: ClosedTrade) => moneyText(trade.closeFee),
  createdTime: (trade: ClosedTrade) => String(trade.createdMs),
  updatedTime: (trade: ClosedTrade) => String(trade.updatedMs),
};

export const closedTradeRow = printer(
  CLOSED,
  names<keyof typeof CLOSED>(`
    symbol orderId side qty orderPrice orderType execType closedSize cumEntryValue avgEntryPrice cumExitValue
    avgExitPrice closedPnl fillCount leverage openFee closeFee createdTime updatedTime`),
);

const MOVEMENT = {
  transSubType: always(''),
  id: (move: Transaction) => move.id,
  symbol: ({ instrument }: Transaction) => instrument?.symbol ?? '',
  category: ({ instrument }: Transaction) => (instrument === undefined ? '' : 'linear'),
  side: (move: Transaction) => move.side,
  transactionTime: (move: Transaction) => String(move.timeMs),
  type: (move: Transaction) => move.type,
  qty: ({ lots, instrument }: Transaction) => (instrument === undefined ? '0' : quantityText(lots, instrument)),
  size: ({ lots, side, instrument }: Transaction) =>
    instrument === undefined ? '0' : quantityText(side === 'Sell' ? -lots : lots, instrument),
  currency: always('USDT'),
  tradePrice: ({ tick, instrument }: Transaction) => (instrument === undefined ? '0' : plainPrice(tick, instrument)),
  funding: ({ type, funding }: Transaction) => (type === 'SETTLEMENT' ? moneyText(funding) : ''),
  fee: (move: Transaction) => moneyText(move.fee),
  cashFlow: (move: Transaction) => moneyText(move.cash),
  change: (move: Transaction) => moneyText(move.change),
  cashBalance: (move: Transaction) => moneyText(move.balance),
  feeRate: (move: Transaction) => move.feeRate,
  bonusChange: always(''),
  tradeId: (move: Transaction) => move.execId,
  orderId: ({ order }: Transaction) => order?.id ?? '',
  orderLinkId: ({ order }: Transaction) => order?.linkId ?? '',
  extraFees: always(''),
};

export const transactionRow = printer(
  MOVEMENT,
  names<keyof typeof MOVEMENT>(`
    transSubType id symbol category side transactionTime type qty size currency tradePrice funding fee cashFlow change
    cashBalance feeRate bonusChange tradeId orderId orderLinkId extraFees`),
);
