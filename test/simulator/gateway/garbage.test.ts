// Does anything that a client can send bring the exchange down? Every endpoint and both sockets, with parameters of all kinds.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ROUTES } from '../../../src/simulator/gateway/routes.ts';
import { GatewayRoom } from './gateway-room.ts';

const NAMES = [
  'symbol',
  'category',
  'side',
  'orderType',
  'qty',
  'price',
  'timeInForce',
  'positionIdx',
  'orderId',
  'orderLinkId',
  'reduceOnly',
  'closeOnTrigger',
  'triggerPrice',
  'triggerDirection',
  'triggerBy',
  'takeProfit',
  'stopLoss',
  'trailingStop',
  'activePrice',
  'tpslMode',
  'tpSize',
  'slSize',
  'slOrderType',
  'slLimitPrice',
  'slTriggerBy',
  'slippageToleranceType',
  'slippageTolerance',
  'smpType',
  'buyLeverage',
  'sellLeverage',
  'margin',
  'autoAddMargin',
  'mode',
  'setMarginMode',
  'modifyEnable',
  'orderFilter',
  'settleCoin',
  'baseCoin',
  'openOnly',
  'limit',
  'cursor',
  'startTime',
  'endTime',
  'accountType',
  'coin',
  'request',
  'stopOrderType',
];
const VALUES = [
  'SOLUSDT',
  'BTCUSDT',
  'NOSUCHUSDT',
  'TSLAUSDT',
  'linear',
  'spot',
  'Buy',
  'Sell',
  'Market',
  'Limit',
  'PostOnly',
  'FOK',
  'IOC',
  'Full',
  'Partial',
  'LastPrice',
  'MarkPrice',
  'Percent',
  'TickSize',
  'CancelMaker',
  'USDT',
  'UNIFIED',
  'StopOrder',
  '0',
  '0.0',
  '1',
  '1.3',
  '-1',
  '50',
  '76.53',
  '78.000',
  '77.311',
  '1e5',
  '99999999999999999999',
  '1786310820000',
  'page%3A12',
  'true',
  '',
  'ß☃',
  '__proto__',
];
const value = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<unknown>(...VALUES) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(0, 1, 2, -1, 1.5, 1e21, true, false, null) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>([], [{}], {}, [null], [{ symbol: 'SOLUSDT', qty: '1' }]) },
);
// Half of all requests are nearly right, so that they come past the first check.
const params = fc
  .tuple(fc.boolean(), fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 7 }))
  .map(([near, changes]): Record<string, unknown> => {
    const order = { category: 'linear', symbol: 'SOLUSDT', side: 'Buy', orderType: 'Limit', qty: '1', price: '77.3' };
    return near ? { ...order, ...Object.fromEntries(Object.entries(changes).slice(0, 2)) } : changes;
  });

test('whatever is asked over REST is answered, and the market goes on', () => {
  const room = new GatewayRoom();
  const routes = [...ROUTES.values()];
  fc.assert(
    fc.property(fc.constantFrom(...routes), params, ({ method, path }, asked) => {
      // Past the limits of a second, so that endpoints are reached and not only counted.
      room.step(101);
      const texts = Object.fromEntries(Object.entries(asked).map(([name, item]) => [name, String(item)]));
      const reply = method === 'GET' ? room.get(path, texts) : room.post(path, asked);
      expect(reply.status).toBe(200);
      expect(Number.isInteger(reply.body['retCode'])).toBe(true);
      expect(typeof reply.body['retMsg']).toBe('string');
    }),
    { numRuns: 600 },
  );
});

test('whatever is said to a socket is answered or ignored, and the next ping is answered', () => {
  const room = new GatewayRoom();
  const lines = [room.connect('private'), room.connect('trade')];
  for (const line of lines) line.login();
  const operations = ['order.create', 'order.amend', 'order.cancel', 'order.create-batch', 'subscribe', 'auth', 'x'];
  const request = fc.record({
    op: fc.oneof(fc.constantFrom<unknown>(...operations), value),
    args: fc.oneof(
      params.map((one): unknown => [one]),
      value,
    ),
    reqId: value,
    req_id: value,
    header: fc.constantFrom<unknown>(undefined, null, 'x', {}, { 'X-BAPI-TIMESTAMP': 'now' }),
  });
  fc.assert(
    fc.property(fc.constantFrom(...lines), request, fc.boolean(), (line, said, onTime) => {
      room.step(101);
      const header = onTime ? { 'X-BAPI-TIMESTAMP': String(room.nowMs) } : said.header;
      line.say({ ...said, header });
      line.say(JSON.stringify(said).slice(0, -2));
      const before = line.heard.length;
      line.say({ op: 'ping' });
      expect(line.heard.slice(before)).toMatchObject([{ op: 'pong' }]);
    }),
    { numRuns: 300 },
  );
});
