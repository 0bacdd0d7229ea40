// What does a signed REST request get, from whom it may be and in which envelope?
import { expect, test } from 'vitest';
import { signatureOf } from '../../../src/simulator/gateway/sign.ts';
import { cursorOf, GatewayRoom, rowsOf } from './gateway-room.ts';

const symbol = 'SOLUSDT';
const room = new GatewayRoom();
const linear = { category: 'linear' };

const limitOrder = (ticks: number, changes: object = {}): object => ({
  ...linear,
  symbol,
  side: 'Buy',
  orderType: 'Limit',
  qty: '1',
  price: room.price(symbol, ticks),
  ...changes,
});

test('an answer has its envelope, the limit, a trace and the time', () => {
  const { status, headers, body } = room.get('/v5/account/info');
  expect(status).toBe(200);
  expect(body).toEqual({
    retCode: 0,
    retMsg: 'OK',
    result: expect.objectContaining({ marginMode: 'ISOLATED_MARGIN', unifiedMarginStatus: 6, dcpStatus: 'OFF' }),
    retExtInfo: {},
    time: room.nowMs,
  });
  expect(headers).toEqual({
    'X-Bapi-Limit': '50',
    'X-Bapi-Limit-Status': '49',
    'X-Bapi-Limit-Reset-Timestamp': String(room.nowMs),
    Traceid: expect.stringMatching(/^[0-9a-f]{32}$/),
    Timenow: String(room.nowMs),
  });
});

test('what is not signed, not there, or not asked as it should be, is told by status', () => {
  const status = (method: string, path: string, body = '', headers = room.headers(body)): number =>
    room.raw(method, path, '', body, headers).status;
  expect(status('GET', '/v5/account/info', '', {})).toBe(401);
  expect(status('GET', '/v5/nowhere')).toBe(404);
  expect(status('POST', '/v5/market/time', '{}')).toBe(404);
  expect(status('POST', '/v5/account/info', '{}')).toBe(404);
  expect(status('GET', '/v5/account/info', '{"a":1}')).toBe(403);
});

test('a body that is no JSON object is refused by code', () => {
  for (const body of ['{"category":', '[]', '"linear"'])
    expect(room.raw('POST', '/v5/order/create', '', body, room.headers(body)).body).toMatchObject({ retCode: 10_001 });
});

test('the signature is that of the query as it was sent, encoded cursor and all', () => {
  const query = 'category=linear&symbol=SOLUSDT&cursor=abc%253A12';
  const said = room.raw('GET', '/v5/order/realtime', query, '', room.headers(query)).body;
  expect(said).toMatchObject({ retCode: 0 });
  const decoded = room.headers(decodeURIComponent(query));
  expect(room.raw('GET', '/v5/order/realtime', query, '', decoded).body).toMatchObject({ retCode: 10_004 });
});

test('a late request is not carried out, and says both times', () => {
  const raw = JSON.stringify(limitOrder(-300));
  const late = String(room.nowMs - 5_001);
  const { key, secret } = room.key;
  const said = room.raw('POST', '/v5/order/create', '', raw, {
    'x-bapi-api-key': key,
    'x-bapi-timestamp': late,
    'x-bapi-recv-window': '5000',
    'x-bapi-sign': signatureOf(secret, `${late}${key}5000${raw}`),
  }).body;
  expect(said['retCode']).toBe(10_002);
  expect(said['retMsg']).toContain(`req_timestamp[${late}],server_timestamp[${room.nowMs}],recv_window[5000]`);
  room.step(10);
  expect(rowsOf(room.get('/v5/order/realtime', { ...linear, symbol }))).toEqual([]);
});

test('open orders come in pages, newest first, and cancelling all of them empties the list', () => {
  room.step(1_000);
  const ids = [-300, -310, -320, -330, -340].map((ticks) => {
    const { body } = room.post('/v5/order/create', limitOrder(ticks));
    room.step(10);
    return (body['result'] as { orderId: string }).orderId;
  });
  const seen: unknown[] = [];
  let cursor = '';
  do {
    const answer = room.get('/v5/order/realtime', { ...linear, symbol, limit: '2', cursor });
    seen.push(...rowsOf(answer).map((row) => row['orderId']));
    cursor = cursorOf(answer);
  } while (cursor !== '');
  expect(seen).toEqual(ids.toReversed());
  const { body } = room.post('/v5/order/cancel-all', { ...linear, symbol });
  expect(body).toMatchObject({ retCode: 0, result: { success: '1' } });
  expect((body['result'] as { list: unknown[] }).list).toHaveLength(5);
  room.step(20);
  expect(rowsOf(room.get('/v5/order/realtime', { ...linear, symbol }))).toEqual([]);
  const closed = rowsOf(room.get('/v5/order/realtime', { ...linear, symbol, openOnly: '1' }));
  expect(new Set(closed.map((row) => row['orderId']))).toEqual(new Set(ids));
  expect(rowsOf(room.get('/v5/order/realtime', { ...linear, orderId: ids[0] as string }))).toHaveLength(1);
});

test('a batch answers 0 outside and each order its own code inside', () => {
  room.step(1_000);
  const request = [
    limitOrder(-400, { orderLinkId: 'batch-1' }),
    limitOrder(-400, { qty: '1.25', orderLinkId: 'batch-2' }),
  ];
  const { body, headers } = room.post('/v5/order/create-batch', { ...linear, request });
  expect(headers['X-Bapi-Limit-Status']).toBe('8');
  expect(body).toMatchObject({
    retCode: 0,
    result: {
      list: [
        { category: 'linear', symbol, orderLinkId: 'batch-1', orderId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        { category: 'linear', symbol, orderLinkId: 'batch-2', orderId: '', createAt: '' },
      ],
    },
    retExtInfo: {
      list: [
        { code: 0, msg: 'OK' },
        { code: 10_001, msg: 'Qty invalid' },
      ],
    },
  });
  const many = Array.from({ length: 21 }, () => limitOrder(-400));
  expect(room.post('/v5/order/create-batch', { ...linear, request: many }).body).toMatchObject({ retCode: 10_001 });
  const cancel = room.post('/v5/order/cancel-batch', { ...linear, request: [{ symbol, orderLinkId: 'batch-1' }] });
  expect(cancel.body).toMatchObject({ retCode: 0, retExtInfo: { list: [{ code: 0 }] } });
});

test('kinds of contracts that are not traded here answer with an empty list, others are refused', () => {
  for (const category of ['spot', 'inverse', 'option'])
    expect(room.get('/v5/position/list', { category }).body).toMatchObject({
      retCode: 0,
      result: { category, list: [] },
    });
  expect(room.get('/v5/position/list', { category: 'bonds' }).body).toMatchObject({ retCode: 10_001 });
  expect(room.get('/v5/position/list', {}).body).toMatchObject({ retCode: 10_001 });
  expect(room.get('/v5/order/realtime', linear).body).toMatchObject({ retCode: 10_001 });
});

test('the key says what it may do, the account what it pays, and what it may trade', () => {
  expect(room.get('/v5/user/query-api').body['result']).toMatchObject({
    apiKey: room.key.key,
    readOnly: 0,
    permissions: { ContractTrade: ['Order', 'Position'], Wallet: [] },
    uta: 1,
    userID: room.key.uid,
  });
  expect(rowsOf(room.get('/v5/account/fee-rate', { ...linear, symbol }))).toEqual([
    { symbol, takerFeeRate: '0.00055', makerFeeRate: '0.0002' },
  ]);
  expect(rowsOf(room.get('/v5/account/fee-rate')).length).toBeGreaterThan(6);
  expect(rowsOf(room.get('/v5/account/instruments-info', { ...linear, symbol }))).toMatchObject([{ symbol }]);
  expect(room.get('/v5/account/user-setting-config').body['result']).toMatchObject({ lpaPerp: false });
  expect(room.get('/v5/account/query-dcp-info').body['result']).toEqual({ dcpInfos: [] });
  expect(room.get('/v5/asset/coin/query-info').body['result']).toMatchObject({ rows: [{ coin: 'USDT' }] });
});

test('a wallet shows what there is, and what is asked for by name', () => {
  const coins = (params: Record<string, string>): unknown =>
    rowsOf(room.get('/v5/account/wallet-balance', params))[0]?.['coin'];
  expect(coins({ accountType: 'UNIFIED' })).toMatchObject([{ coin: 'USDT' }]);
  expect(coins({ accountType: 'UNIFIED', coin: 'BTC,USDT' })).toMatchObject([
    { coin: 'BTC', walletBalance: '0' },
    { coin: 'USDT' },
  ]);
  expect(room.get('/v5/account/wallet-balance', { accountType: 'SPOT' }).body).toMatchObject({ retCode: 10_001 });
});

test('a mishap is answered instead, with the request carried out or not', () => {
  const mishaps = [
    { executed: false, answer: { code: 10_016, text: 'Server error' } },
    { executed: true, answer: { code: 10_000, text: 'Server Timeout' } },
    { executed: true, answer: { code: 0, text: '' }, status: 502, body: '{"html":true}' },
  ];
  const unlucky = new GatewayRoom({ mishap: (_, path) => (path === '/v5/order/create' ? mishaps.shift() : undefined) });
  const order = (orderLinkId: string) =>
    unlucky.post('/v5/order/create', { ...limitOrder(0), price: unlucky.price(symbol, -300), orderLinkId });
  expect(order('lost').body).toMatchObject({ retCode: 10_016, retMsg: 'Server error' });
  expect(order('live').body).toMatchObject({ retCode: 10_000 });
  expect(order('live-too')).toMatchObject({ status: 502 });
  unlucky.step(20);
  const open = rowsOf(unlucky.get('/v5/order/realtime', { ...linear, symbol })).map((row) => row['orderLinkId']);
  expect(new Set(open)).toEqual(new Set(['live', 'live-too']));
});

test('an unknown key is refused by code, or by status where the exchange does that', () => {
  const stranger = { ...room.key, key: 'nobody' };
  expect(room.get('/v5/account/info', {}, stranger).body).toMatchObject({ retCode: 10_003 });
  const strict = new GatewayRoom({ variants: { unknownKey: 'status' } });
  expect(strict.get('/v5/account/info', {}, { ...strict.key, key: 'nobody' }).status).toBe(401);
});

test('of an order that is not known there are no rows, or the code that says so where the exchange does that', () => {
  const asked = { ...linear, symbol, orderLinkId: 'nobody' };
  const strict = new GatewayRoom({ variants: { unknownOrder: 'code' } });
  for (const path of ['/v5/order/realtime', '/v5/order/history']) {
    expect(room.get(path, asked).body).toMatchObject({ retCode: 0, result: { list: [] } });
    expect(strict.get(path, asked).body).toMatchObject({ retCode: 110_001 });
    expect(strict.get(path, { ...linear, symbol }).body).toMatchObject({ retCode: 0, result: { list: [] } });
  }
});
