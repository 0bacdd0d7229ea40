// Which signed endpoints are there, who may ask them how often, and who answers?
import {
  accountInfo,
  addMargin,
  apiKey,
  coins,
  disconnectProtection,
  feeRates,
  positions,
  setDisconnectProtection,
  setMarginMode,
  symbolInfo,
  tradeable,
  transactionLog,
  userSettings,
  walletBalance,
} from './account-answers.ts';
import { type Answer, answerOf, type Call, ok, refuse } from './answer.ts';
import {
  amendOrder,
  batch,
  cancelAll,
  cancelOrder,
  closedTrades,
  createOrder,
  executions,
  inLinear,
  orderHistory,
  ordersNow,
  type Write,
} from './trading-answers.ts';

export type Permission = 'Order' | 'Position' | 'any';

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly permission: Permission;
  /** Requests a second. */
  readonly limit: number;
  /** Requests with the same bucket draw on one limit. */
  readonly bucket: string;
  readonly answer: (call: Call) => Answer;
}

const placed =
  (write: Write): ((call: Call) => Answer) =>
  (call) =>
    answerOf(write(call), (outcome) => outcome);

const done =
  (method: 'tradingStop' | 'setLeverage' | 'setAutoAddMargin' | 'switchMode' | 'setLimitPriceAction') =>
  ({ venue, key, params }: Call): Answer =>
    answerOf(venue[method](key.uid, params));

const forbidden = (): Answer => refuse({ code: 100_028, text: 'unified account is forbidden' });
const nothing = (key: string) => (): Answer => ok({ [key]: [], nextPageCursor: '' });

type Row = readonly [
  method: 'GET' | 'POST',
  path: string,
  permission: Permission,
  limit: number,
  answer: (call: Call) => Answer,
];

const ROWS: readonly Row[] = [
  ['POST', 'order/create', 'Order', 10, placed(createOrder)],
  ['POST', 'order/amend', 'Order', 10, placed(amendOrder)],
  ['POST', 'order/cancel', 'Order', 10, placed(cancelOrder)],
  ['POST', 'order/cancel-all', 'Order', 10, cancelAll],
  ['POST', 'order/create-batch', 'Order', 10, batch('create')],
  ['POST', 'order/amend-batch', 'Order', 10, batch('amend')],
  ['POST', 'order/cancel-batch', 'Order', 10, batch('cancel')],
  ['POST', 'order/disconnected-cancel-all', 'Order', 5, setDisconnectProtection],
  ['GET', 'order/realtime', 'any', 50, inLinear(ordersNow)],
  ['GET', 'order/history', 'any', 50, inLinear(orderHistory)],
  ['GET', 'execution/list', 'any', 50, inLinear(executions)],
  ['GET', 'position/list', 'any', 50, inLinear(positions)],
  ['GET', 'position/closed-pnl', 'any', 50, inLinear(closedTrades)],
  ['GET', 'position/symbol-info', 'any', 10, inLinear(symbolInfo)],
  ['POST', 'position/set-leverage', 'Position', 10, done('setLeverage')],
  ['POST', 'position/switch-mode', 'Position', 10, done('switchMode')],
  ['POST', 'position/switch-isolated', 'Position', 10, forbidden],
  ['POST', 'position/trading-stop', 'Position', 10, done('tradingStop')],
  ['POST', 'position/add-margin', 'Position', 10, addMargin],
  ['POST', 'position/set-auto-add-margin', 'Position', 10, done('setAutoAddMargin')],
  ['GET', 'account/info', 'any', 50, accountInfo],
  ['GET', 'account/wallet-balance', 'any', 50, walletBalance],
  ['GET', 'account/fee-rate', 'any', 5, inLinear(feeRates, 'linear')],
  ['POST', 'account/set-margin-mode', 'Position', 5, setMarginMode],
  ['GET', 'account/transaction-log', 'any', 25, transactionLog],
  ['GET', 'account/instruments-info', 'any', 10, inLinear(tradeable)],
  ['POST', 'account/set-limit-px-action', 'Position', 10, done('setLimitPriceAction')],
  ['GET', 'account/user-setting-config', 'any', 10, userSettings],
  ['GET', 'account/query-dcp-info', 'any', 5, disconnectProtection],
  ['GET', 'user/query-api', 'any', 10, apiKey],
  ['GET', 'asset/coin/query-info', 'any', 5, coins],
  ['GET', 'asset/transfer/query-inter-transfer-list', 'any', 5, nothing('list')],
  ['GET', 'asset/deposit/query-record', 'any', 5, nothing('rows')],
  ['GET', 'asset/withdraw/query-record', 'any', 5, nothing('rows')],
];

export const ROUTES: ReadonlyMap<string, Route> = new Map(
  ROWS.map(([method, path, permission, limit, answer]) => [
    `/v5/${path}`,
    { method, path: `/v5/${path}`, permission, limit, bucket: path, answer },
  ]),
);
