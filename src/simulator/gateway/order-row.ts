// How is an order spelt over REST and in the private stream?
import type { Instrument } from '../../market/instrument.ts';
import type { Order, Protection } from '../venue/model.ts';
import { always, names, printer } from './printer.ts';
import { averagePrice, moneyOfUnits, moneyText, paddedPrice, plainPrice, quantityText } from './spelling.ts';

type PriceText = (tick: number, instrument: Instrument) => string;

const FINAL: ReadonlySet<string> = new Set(['Filled', 'Cancelled', 'Rejected', 'Deactivated']);

function leavesLots({ status, lots, filledLots }: Order): number {
  return FINAL.has(status) ? 0 : lots - filledLots;
}

/** `unset` is how the place spells a limit price, a mode and a tolerance that there are not. */
function fields(priceText: PriceText, unset: { readonly limit: string; readonly mode: string }) {
  const price = (tick: number, { instrument }: Order): string => (tick === 0 ? '0' : priceText(tick, instrument));
  const protection = (order: Order, side: Protection | undefined): string =>
    side === undefined ? '' : priceText(side.tick, order.instrument);
  const limit = (order: Order, side: Protection | undefined): string =>
    side?.limitTick === undefined ? unset.limit : priceText(side.limitTick, order.instrument);
  return {
    category: always('linear'),
    orderId: (order: Order) => order.id,
    orderLinkId: (order: Order) => order.linkId,
    parentOrderLinkId: (order: Order) => order.parentLinkId,
    blockTradeId: always(''),
    symbol: (order: Order) => order.instrument.symbol,
    price: (order: Order) => price(order.tick, order),
    qty: (order: Order) => quantityText(order.lots, order.instrument),
    side: (order: Order) => order.side,
    isLeverage: always(''),
    positionIdx: always(0),
    orderStatus: (order: Order) => order.status,
    createType: (order: Order) => order.createType,
    cancelType: (order: Order) => order.cancelType,
    rejectReason: (order: Order) => order.rejectReason,
    avgPrice: (order: Order) =>
      order.filledLots === 0
        ? ''
        : averagePrice(moneyOfUnits(order.filledUnits, order.instrument), order.filledLots, order.instrument),
    leavesQty: (order: Order) => quantityText(leavesLots(order), order.instrument),
    leavesValue: (order: Order) => moneyText(moneyOfUnits(order.tick * leavesLots(order), order.instrument)),
    cumExecQty: (order: Order) => quantityText(order.filledLots, order.instrument),
    cumExecValue: (order: Order) => moneyText(moneyOfUnits(order.filledUnits, order.instrument)),
    cumExecFee: (order: Order) => moneyText(order.fee),
    timeInForce: (order: Order) => order.timeInForce,
    orderType: (order: Order) => order.type,
    stopOrderType: (order: Order) => order.stopOrderType,
    orderIv: always(''),
    marketUnit: always(''),
    triggerPrice: (order: Order) =>
      order.trigger === undefined ? '' : priceText(order.trigger.tick, order.instrument),
    takeProfit: (order: Order) => protection(order, order.takeProfit),
    stopLoss: (order: Order) => protection(order, order.stopLoss),
    tpslMode: (order: Order) => order.tpslMode ?? unset.mode,
    ocoTriggerBy: always(''),
    tpLimitPrice: (order: Order) => limit(order, order.takeProfit),
    slLimitPrice: (order: Order) => limit(order, order.stopLoss),
    tpTriggerBy: (order: Order) => order.takeProfit?.by ?? '',
    slTriggerBy: (order: Order) => order.stopLoss?.by ?? '',
    triggerDirection: (order: Order) => order.trigger?.direction ?? 0,
    triggerBy: (order: Order) => order.trigger?.by ?? '',
    lastPriceOnCreated: (order: Order) => price(order.lastTickOnCreated, order),
    reduceOnly: (order: Order) => order.reduceOnly,
    closeOnTrigger: (order: Order) => order.closeOnTrigger,
    placeType: always(''),
    smpType: (order: Order) => order.smpType,
    smpGroup: always(0),
    smpOrderId: always(''),
    createdTime: (order: Order) => String(order.createdMs),
    updatedTime: (order: Order) => String(order.updatedMs),
    feeCurrency: always(''),
    closedPnl: (order: Order) => moneyText(order.closedPnl),
    slippageToleranceType: (order: Order) => order.slippage?.type ?? 'UNKNOWN',
    slippageTolerance: (order: Order) => order.slippage?.text ?? '0',
    rpiTakerAccess: always(false),
    rpiMatchedQty: always(''),
    extraFees: always(''),
    cumFeeDetail: (order: Order) => (order.fee === 0n ? {} : { USDT: moneyText(order.fee) }),
  };
}

type Name = keyof ReturnType<typeof fields>;

const REST = names<Name>(`
  orderId orderLinkId parentOrderLinkId blockTradeId symbol price qty side isLeverage positionIdx orderStatus createType
  cancelType rejectReason avgPrice leavesQty leavesValue cumExecQty cumExecValue cumExecFee timeInForce orderType
  stopOrderType orderIv marketUnit triggerPrice takeProfit stopLoss tpslMode ocoTriggerBy tpLimitPrice slLimitPrice
  tpTriggerBy slTriggerBy triggerDirection triggerBy lastPriceOnCreated reduceOnly closeOnTrigger placeType smpType
  smpGroup smpOrderId createdTime updatedTime cumFeeDetail`);
const HISTORY = names<Name>('slippageToleranceType slippageTolerance rpiTakerAccess rpiMatchedQty extraFees');
const STREAM = names<Name>(`
  category symbol orderId orderLinkId blockTradeId side positionIdx orderStatus cancelType rejectReason timeInForce
  isLeverage price qty avgPrice leavesQty leavesValue cumExecQty cumExecValue cumExecFee orderType stopOrderType orderIv
  triggerPrice takeProfit stopLoss triggerBy tpTriggerBy slTriggerBy triggerDirection placeType lastPriceOnCreated
  closeOnTrigger reduceOnly smpGroup smpType smpOrderId slLimitPrice tpLimitPrice tpslMode createType marketUnit
  createdTime updatedTime feeCurrency closedPnl parentOrderLinkId slippageTolerance slippageToleranceType cumFeeDetail`);

const overRest = fields(paddedPrice, { limit: '', mode: '' });
const inStream = fields(plainPrice, { limit: '0', mode: 'UNKNOWN' });

export const openOrderRow = printer(overRest, REST);
export const pastOrderRow = printer(overRest, [...REST, ...HISTORY]);
export const streamOrderRow = printer(inStream, STREAM);
