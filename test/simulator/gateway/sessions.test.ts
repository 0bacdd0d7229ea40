// What do private and trade connections hear: logins, refusals, pongs, acknowledgements, and their account's messages?
import { expect, test } from 'vitest';
import { GatewayRoom, type Line, type Said } from './gateway-room.ts';

const symbol = 'SOLUSDT';
const order = (room: GatewayRoom, changes: object = {}): object => ({
  category: 'linear',
  symbol,
  side: 'Buy',
  orderType: 'Market',
  qty: '2',
  positionIdx: 0,
  stopLoss: room.price(symbol, -500),
  tpslMode: 'Full',
  ...changes,
});

function ask(line: Line, request: object | string): Said | undefined {
  const before = line.heard.length;
  line.say(request);
  return line.heard[before];
}

const subscribe = (line: Line, ...args: string[]): Said | undefined =>
  ask(line, { op: 'subscribe', args, req_id: 's' });

test('a private connection logs in, subscribes and is answered in the order of fields that is recorded', () => {
  const line = new GatewayRoom().connect('private');
  expect(subscribe(line, 'order.linear')).toMatchObject({ success: false, ret_msg: 'Request not authorized' });
  expect(line.login()).toMatchObject({ success: true, ret_msg: '', op: 'auth' });
  subscribe(line, 'order.linear', 'execution.linear', 'position.linear', 'wallet');
  expect(line.texts.at(-1)).toMatch(
    /^{"success":true,"ret_msg":"","op":"subscribe","conn_id":"[0-9a-v]{20}-p","req_id":"s"}$/,
  );
  ask(line, { op: 'ping' });
  expect(line.texts.at(-1)).toMatch(/^{"req_id":"","op":"pong","args":\["\d{13}"\],"conn_id":"[0-9a-v]{20}-p"}$/);
});

test.each([
  ['an unknown topic', ['orders'], 'error:handler not found,topic:orders'],
  ['a topic twice', ['wallet', 'wallet'], 'error:already subscribed,topic:wallet'],
  ['both forms of a topic', ['order', 'order.linear'], /^error:.*,topic:order\.linear$/],
])('%s spoils the whole request', (_, args, text) => {
  const line = new GatewayRoom().connect('private');
  line.login();
  expect(subscribe(line, 'position', ...args)).toMatchObject({ success: false, ret_msg: expect.stringMatching(text) });
  expect(subscribe(line, 'position')).toMatchObject({ success: true });
});

test('both forms of a topic in two requests are both served, and what is unsubscribed is heard no more', () => {
  const room = new GatewayRoom();
  const line = room.connect('private');
  line.login();
  subscribe(line, 'order');
  subscribe(line, 'order.linear');
  room.post('/v5/order/create', order(room));
  room.step(30);
  const heard = line.heard.filter(({ topic }) => topic === 'order' || topic === 'order.linear');
  expect(new Set(heard.map(({ topic }) => topic))).toEqual(new Set(['order', 'order.linear']));
  ask(line, { op: 'unsubscribe', args: ['order', 'order.linear'] });
  const before = line.heard.length;
  room.post('/v5/order/create', order(room));
  room.step(30);
  expect(line.heard).toHaveLength(before);
});

test('texts that are nothing are told so', () => {
  const room = new GatewayRoom();
  const line = room.connect('private');
  expect(ask(line, 'hello')).toMatchObject({ success: false, ret_msg: 'Params Error' });
  expect(ask(line, { op: 'dance' })).toMatchObject({ success: false });
  expect(ask(line, { op: 'auth', args: [] })).toMatchObject({ success: false, ret_msg: 'Params Error', op: 'auth' });
  expect(room.order(room.connect('trade'), 'order.dance', {})).toMatchObject({ retCode: 10_404 });
});

test('a refused login leaves the connection standing, or closes it where the exchange does that', () => {
  const wrong = { key: 'nobody', secret: 'x' };
  const patient = new GatewayRoom().connect('private');
  expect(patient.login(wrong)).toMatchObject({ success: false, op: 'auth' });
  expect(patient.hungUp).toBe(false);
  for (const kind of ['private', 'trade'] as const) {
    const strict = new GatewayRoom({ variants: { refusedLogin: 'closes' } }).connect(kind);
    strict.login(wrong);
    expect(strict.hungUp).toBe(true);
  }
});

test('a trade connection logs in once, acknowledges at once, and has the limit in its header', () => {
  const room = new GatewayRoom();
  const line = room.connect('trade');
  expect(room.order(line, 'order.create', order(room))).toMatchObject({ retCode: 10_005, data: {} });
  expect(line.login()).toMatchObject({ retCode: 0, retMsg: 'OK', op: 'auth' });
  expect(line.login()).toMatchObject({ retCode: 20_001, op: 'auth' });
  room.order(line, 'order.create', order(room, { orderLinkId: 'first' }), '7');
  expect(line.texts.at(-1)).toMatch(
    new RegExp(
      '^{"reqId":"7","retCode":0,"retMsg":"OK","op":"order.create","data":{"orderId":"[0-9a-f-]{36}","orderLinkId":"first"},' +
        '"retExtInfo":{},"header":{"X-Bapi-Limit":"10","X-Bapi-Limit-Status":"9","X-Bapi-Limit-Reset-Timestamp":"\\d{13}",' +
        '"Traceid":"[0-9a-f]{32}","Timenow":"\\d{13}"},"connId":"[0-9a-v]{20}-2t"}$',
    ),
  );
  ask(line, { op: 'ping' });
  expect(line.texts.at(-1)).toMatch(
    /^{"retCode":0,"retMsg":"OK","op":"pong","data":\["\d{13}"\],"connId":"[0-9a-v]{20}-2t"}$/,
  );
});

test.each([
  ['a request id that came before', 'order.create', {}, '1', {}, 20_006],
  ['a request id that is too long', 'order.create', {}, 'x'.repeat(37), {}, 10_001],
  ['another category', 'order.create', { category: 'spot' }, '2', {}, 10_404],
  ['an operation that only REST has', 'order.cancel-all', {}, '3', {}, 10_404],
  ['a time stamp of long ago', 'order.create', {}, '4', { 'X-BAPI-TIMESTAMP': '1' }, 10_002],
  ['no time stamp', 'order.create', {}, '5', undefined, 10_002],
])('%s is refused by the trade connection', (_, op, changes, reqId, header, code) => {
  const room = new GatewayRoom();
  const line = room.connect('trade');
  line.login();
  room.order(line, 'order.create', order(room), '1');
  const now = { 'X-BAPI-TIMESTAMP': String(room.nowMs) };
  const request = { reqId, op, args: [order(room, changes)], header: header && { ...now, ...header } };
  expect(ask(line, request)).toMatchObject({ reqId, op, retCode: code, data: {} });
});

test('request ids are remembered by the connection, or by the account where the exchange does that', () => {
  for (const [reqIdScope, code] of [
    ['connection', 0],
    ['account', 20_006],
  ] as const) {
    const room = new GatewayRoom({ variants: { reqIdScope } });
    const answers = [1, 2].map(() => {
      const line = room.connect('trade');
      line.login();
      return room.order(line, 'order.create', order(room), '1')?.['retCode'];
    });
    expect(answers).toEqual([0, code]);
  }
});

test('orders over both doors draw on one bucket, or on two where the exchange does that', () => {
  for (const [orderBuckets, left] of [
    ['shared', '8'],
    ['separate', '9'],
  ] as const) {
    const room = new GatewayRoom({ variants: { orderBuckets } });
    const line = room.connect('trade');
    line.login();
    room.post('/v5/order/create', order(room));
    expect(room.order(line, 'order.create', order(room))?.['header']).toMatchObject({ 'X-Bapi-Limit-Status': left });
  }
});

test('the twenty-first session of an account is refused', () => {
  const room = new GatewayRoom();
  const logins = Array.from({ length: 21 }, () => room.connect('trade').login()?.['retCode']);
  expect(logins).toEqual([...Array.from({ length: 20 }, () => 0), 10_003]);
});

test('a silent connection is cut after its time, one that pings is not, nor any because the exchange’s clock is set', () => {
  let skewMs = 0;
  const room = new GatewayRoom({ skewMs: () => skewMs });
  const [quick, lively, usual] = ['30s', '1m', undefined].map((time) => room.connect('private', time)) as [
    Line,
    Line,
    Line,
  ];
  for (const setMs of [3_600_000, 0, -3_600_000, 0]) {
    skewMs = setMs;
    room.step(20_000);
    lively.say({ op: 'ping' });
  }
  expect([quick, lively, usual].map(({ hungUp }) => hungUp)).toEqual([true, false, false]);
  const before = quick.heard.length;
  quick.say({ op: 'ping' });
  expect(quick.heard).toHaveLength(before);
});

test('messages come within eight milliseconds: fast fills, then fills and orders, then position and wallet', () => {
  const room = new GatewayRoom();
  const line = room.connect('private');
  line.login();
  subscribe(line, 'order.linear', 'execution.linear', 'execution.fast.linear', 'position.linear', 'wallet');
  const from = line.heard.length;
  room.post('/v5/order/create', order(room, { stopLoss: undefined, tpslMode: undefined }));
  room.step(30);
  const heard = line.heard.slice(from) as { topic: string; creationTime: number; id?: string; data: Said[] }[];
  const at = (topic: string): number => heard.findIndex((message) => message.topic === topic);
  const [fast, fills, orders, position, wallet] = [
    'execution.fast.linear',
    'execution.linear',
    'order.linear',
    'position.linear',
    'wallet',
  ].map(at) as [number, number, number, number, number];
  expect(fast).toBe(0);
  expect(Math.max(fills, orders)).toBeLessThan(Math.min(position, wallet));
  expect(Object.keys(heard[fast] ?? {})).toEqual(['topic', 'creationTime', 'data']);
  expect(Object.keys(heard[orders] ?? {})).toEqual(['topic', 'id', 'creationTime', 'data']);
  expect(Object.keys(heard[position] ?? {})).toEqual(['id', 'topic', 'creationTime', 'data']);
  expect(heard[fills]?.id).toBe(heard[orders]?.id);
  expect(heard[fills]?.creationTime).toBe(heard[orders]?.creationTime);
  expect(heard[position]?.creationTime).toBe(heard[wallet]?.creationTime);
  const filledMs = Number(heard[fills]?.data[0]?.['execTime']);
  const delays = heard.map(({ creationTime }) => creationTime - filledMs);
  expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  expect(Math.max(...delays)).toBeLessThanOrEqual(8);
});

test('shuffled, the same rows are told in another order, and a fill may be faster than its acknowledgement', () => {
  const told = (delivery: 'recorded' | 'shuffled') => {
    const room = new GatewayRoom({ variants: { delivery } });
    const [line, trade] = [room.connect('private'), room.connect('trade')];
    line.login();
    trade.login();
    room.step(50);
    subscribe(line, 'order.linear', 'execution.linear', 'position.linear', 'wallet');
    const all: Said[] = [];
    let overtaken = 0;
    for (let i = 0; i < 20; i++) {
      const [heard, acks] = [line.heard.length, trade.heard.length];
      room.order(
        trade,
        'order.create',
        order(room, { side: i % 2 === 0 ? 'Buy' : 'Sell', stopLoss: undefined, tpslMode: undefined }),
      );
      for (let ms = 0; ms < 150; ms++) {
        room.step(1);
        if (trade.heard.length === acks && line.heard.length > heard) overtaken++;
      }
      all.push(...line.heard.slice(heard));
    }
    return { all, overtaken };
  };
  const [plain, shuffled] = [told('recorded'), told('shuffled')];
  const times = (messages: Said[]): number[] => messages.map(({ creationTime }) => creationTime as number);
  expect(times(plain.all)).toEqual(times(plain.all).toSorted((a, b) => a - b));
  expect(times(shuffled.all)).not.toEqual(times(shuffled.all).toSorted((a, b) => a - b));
  expect(shuffled.all).toHaveLength(plain.all.length);
  expect(plain.overtaken).toBe(0);
  expect(shuffled.overtaken).toBeGreaterThan(0);
});
