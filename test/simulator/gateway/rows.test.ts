// Are rows spelt as the exchange spells them, field by field and in its order? The reference's example, as words.
import { expect, test } from 'vitest';
import { fastExecutionRow, streamExecutionRow } from '../../../src/simulator/gateway/execution-row.ts';
import { openOrderRow, pastOrderRow, streamOrderRow } from '../../../src/simulator/gateway/order-row.ts';
import { positionRow, streamPositionRow } from '../../../src/simulator/gateway/position-row.ts';
import { closedTradeRow } from '../../../src/simulator/gateway/trade-row.ts';
import {
  coinRow,
  emptyCoinRow,
  streamCoinRow,
  streamWalletRow,
  walletRow,
} from '../../../src/simulator/gateway/wallet-row.ts';
import type { ClosedTrade, Execution, Order, Position, Wallet } from '../../../src/simulator/venue/model.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import {
  CLOSED_TRADE,
  FILL,
  FILLED_ENTRY,
  POSITION_ASKED,
  POSITION_TOLD,
  WAITING_STOP,
  WALLET_ASKED,
  WALLET_TOLD,
} from './reference-rows.ts';

const SOL = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const UID = 123_456_789;

const entry: Order = {
  id: 'a4c123b1-612d-4272-8137-1c17149d4395',
  linkId: 'pf-7f3a-0001',
  parentLinkId: '',
  uid: UID,
  instrument: SOL,
  side: 'Buy',
  type: 'Market',
  timeInForce: 'IOC',
  tick: 8_117,
  lots: 13,
  filledLots: 13,
  filledUnits: 7_731 * 13,
  fee: 5_527_665n,
  closedPnl: 0n,
  status: 'Filled',
  stopOrderType: '',
  createType: 'CreateByUser',
  cancelType: 'UNKNOWN',
  rejectReason: 'EC_NoError',
  trigger: undefined,
  stopLoss: { tick: 7_653, by: 'MarkPrice', limitTick: undefined },
  takeProfit: undefined,
  tpslMode: 'Full',
  reduceOnly: false,
  closeOnTrigger: false,
  slippage: undefined,
  smpType: 'None',
  lastTickOnCreated: 7_731,
  createdMs: 1_786_310_821_501,
  updatedMs: 1_786_310_821_504,
};

const stop: Order = {
  ...entry,
  id: 'abfe228f-219e-4cb0-bb53-f16947ccf25e',
  linkId: '',
  parentLinkId: 'pf-7f3a-0001',
  side: 'Sell',
  tick: 0,
  filledLots: 0,
  filledUnits: 0,
  fee: 0n,
  status: 'Untriggered',
  stopOrderType: 'StopLoss',
  createType: 'CreateByStopLoss',
  trigger: { tick: 7_653, by: 'MarkPrice', direction: 2 },
  stopLoss: undefined,
  reduceOnly: true,
  closeOnTrigger: true,
  createdMs: 1_786_310_821_503,
  updatedMs: 1_786_310_821_503,
};

const fill: Execution = {
  id: '6b3216fd-aeeb-5757-a9fa-e923d5a4fd12',
  uid: UID,
  instrument: SOL,
  order: entry,
  type: 'Trade',
  side: 'Buy',
  tick: 7_731,
  lots: 13,
  closedLots: 0,
  value: 10_050_300_000n,
  fee: 5_527_665n,
  feeRate: '0.00055',
  pnl: 0n,
  isMaker: false,
  createType: 'CreateByUser',
  leavesLots: 0,
  markTick: 7_731,
  seq: 272_903_628_100,
  timeMs: 1_786_310_821_501,
};

const position: Position = {
  uid: UID,
  instrument: SOL,
  lots: 13,
  entryValue: 10_050_300_000n,
  entryPrice: 7_731_000_000n,
  leverage: 1_000,
  extraMargin: 0n,
  initialMargin: 1_010_004_898n,
  maintenanceMargin: 55_226_398n,
  feeToClose: 4_974_898n,
  liquidationPrice: 6_992_864_321n,
  breakEvenPrice: 7_739_508_779n,
  unrealised: 0n,
  currentRealised: -5_527_665n,
  allRealised: 119_103_855n,
  markTick: 7_731,
  stopLoss: { tick: 7_653, by: 'MarkPrice', limitTick: undefined },
  takeProfit: undefined,
  trailingTicks: 0,
  tpslMode: 'Full',
  status: 'Normal',
  isReduceOnly: false,
  autoAddMargin: false,
  riskId: 281,
  riskLimit: 5_000_000_000_000n,
  adlRank: 2,
  createdMs: 1_785_826_877_748,
  openedMs: 1_786_310_821_501,
  updatedMs: 1_786_310_821_504,
  seq: 272_903_628_100,
};

const wallet: Wallet = {
  uid: UID,
  balance: 99_994_472_335n,
  positionMargin: 1_010_004_898n,
  positionMaintenance: 55_226_398n,
  orderMargin: 0n,
  unrealised: 0n,
  allRealised: 120_385_944n,
  free: 98_984_467_437n,
};

test('the entry, its fill and its position are told to the letter', () => {
  expect(JSON.stringify(streamOrderRow(entry))).toBe(FILLED_ENTRY);
  expect(JSON.stringify(streamExecutionRow(fill))).toBe(FILL);
  expect(JSON.stringify(streamPositionRow(position))).toBe(POSITION_TOLD);
});

test('the stop that waits, the position and the closed trade are answered to the letter', () => {
  expect(JSON.stringify(openOrderRow(stop))).toBe(WAITING_STOP);
  expect(JSON.stringify(positionRow(position))).toBe(POSITION_ASKED);
  const closing: Order = { ...stop, tick: 7_344, filledLots: 13, status: 'Filled' };
  const trade: ClosedTrade = {
    order: closing,
    side: 'Sell',
    type: 'Trade',
    closedLots: 13,
    entryValue: 10_050_300_000n,
    exitValue: 9_945_000_000n,
    openFee: 5_527_665n,
    closeFee: 5_469_750n,
    pnl: -116_297_415n,
    fills: 2,
    leverage: 1_000,
    createdMs: 1_786_310_885_120,
    updatedMs: 1_786_310_885_131,
  };
  expect(JSON.stringify(closedTradeRow(trade))).toBe(CLOSED_TRADE);
});

test('a wallet is told and answered with the fields of the reference, its coin to the letter', () => {
  const isolated = { wallet, marginMode: 'ISOLATED_MARGIN', noTotal: '' } as const;
  const told = JSON.parse(WALLET_TOLD) as { coin: [object] };
  const asked = JSON.parse(WALLET_ASKED) as { coin: [object] };
  expect(Object.keys(streamWalletRow({ ...isolated, coins: [] }))).toEqual(Object.keys(told));
  expect(Object.keys(walletRow({ ...isolated, coins: [] }))).toEqual(Object.keys(asked));
  // The examples round the value in US dollars, and show a wallet of another moment around the coin.
  const dollars = { usdValue: '999.94472335' };
  expect(JSON.stringify(streamCoinRow(wallet))).toBe(JSON.stringify({ ...told.coin[0], ...dollars }));
  expect(JSON.stringify(coinRow(wallet))).toBe(JSON.stringify({ ...asked.coin[0], ...dollars }));
});

test('account-wide totals mean nothing in isolated margin and something in cross margin', () => {
  const total = (marginMode: 'ISOLATED_MARGIN' | 'REGULAR_MARGIN', noTotal: '' | '0') =>
    walletRow({ wallet, marginMode, noTotal, coins: [] });
  expect(total('ISOLATED_MARGIN', '0')).toMatchObject({ accountIMRate: '0', totalInitialMargin: '0' });
  expect(total('ISOLATED_MARGIN', '')).toMatchObject({ accountIMRate: '', totalInitialMargin: '' });
  expect(total('REGULAR_MARGIN', '')).toMatchObject({ accountIMRate: '0.0101', totalInitialMargin: '10.10004898' });
});

test('a flat position, a coin that is not there and a fill of funding are spelt with what they have', () => {
  const flat: Position = { ...position, lots: 0, entryValue: 0n, entryPrice: 0n, stopLoss: undefined };
  expect(streamPositionRow(flat)).toMatchObject({ side: '', size: '0', entryPrice: '0', stopLoss: '0' });
  expect(positionRow(flat)).toMatchObject({ side: '', size: '0', avgPrice: '0', stopLoss: '', openTime: 0 });
  expect(emptyCoinRow('BTC')).toMatchObject({ coin: 'BTC', walletBalance: '0', equity: '0' });
  const funding: Execution = { ...fill, order: undefined, type: 'Funding', fee: -31_557n, createType: '' };
  expect(streamExecutionRow(funding)).toMatchObject({
    execType: 'Funding',
    orderType: 'UNKNOWN',
    stopOrderType: 'UNKNOWN',
    orderQty: '0',
    orderPrice: '0',
    execFee: '-0.00031557',
    createType: '',
  });
});

test('what an order has left ends with the order, and history has a few fields more', () => {
  const cancelled: Order = { ...entry, type: 'Limit', filledLots: 4, filledUnits: 4 * 7_731, status: 'Cancelled' };
  expect(pastOrderRow(cancelled)).toMatchObject({
    leavesQty: '0',
    cumExecQty: '0.4',
    slippageToleranceType: 'UNKNOWN',
  });
  expect(pastOrderRow({ ...cancelled, status: 'PartiallyFilled' })).toMatchObject({
    price: '81.170',
    leavesQty: '0.9',
    leavesValue: '73.053',
    avgPrice: '77.31',
  });
});

test('a fast fill names its order, by link id only for the taker', () => {
  expect(Object.keys(fastExecutionRow(fill)).join(' ')).toBe(
    'category symbol execId execPrice execQty orderId isMaker orderLinkId side execTime seq',
  );
  expect(fastExecutionRow(fill)).toMatchObject({ orderLinkId: 'pf-7f3a-0001' });
  expect(fastExecutionRow({ ...fill, isMaker: true })).toMatchObject({ orderId: entry.id, orderLinkId: '' });
});
