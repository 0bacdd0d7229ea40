// Is a reading whole or none? Pages, several lists, grids that have to be asked for; on wires of the test's own.
import { expect, test } from 'vitest';
import type { Reply } from '../../../src/bybit/gateway/wires.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { sizeFromDecimal } from '../../../src/market/size.ts';
import {
  FILL,
  FILLED_ENTRY,
  POSITION_ASKED,
  WAITING_STOP,
  WALLET_ASKED,
} from '../../simulator/gateway/reference-rows.ts';
import { body, type Put, ScriptedRoom } from './scripted.ts';

const row = (text: string, change: object = {}): object => ({ ...(JSON.parse(text) as object), ...change });
const list = (rows: readonly object[], nextPageCursor = ''): object => ({
  list: rows,
  nextPageCursor,
  category: 'linear',
});
const sorry = (code: number, retMsg: string): Reply => body({}, code, { retMsg });
const DAY_MS = 86_400_000;

const IN_USDC = 'positions that are settled in USDC';
const nameOf = ({ path, params }: Put['question']): string => (params['settleCoin'] === 'USDC' ? IN_USDC : path);

/** Answers every question put so far that was not yet, by its path. */
function answerer(room: ScriptedRoom, answers: Readonly<Record<string, (put: Put) => object | undefined>>): () => void {
  let at = 0;
  return () => {
    for (; at < room.put.length; at++) {
      const put = room.put[at] as Put;
      const result = answers[nameOf(put.question)]?.(put);
      if (result !== undefined) put.reply(body(result));
    }
  };
}

const WHOLE = {
  '/v5/position/list': () => list([row(POSITION_ASKED)]),
  [IN_USDC]: () => list([]),
  '/v5/order/realtime': () => list([row(WAITING_STOP)]),
  '/v5/order/history': () => list([row(FILLED_ENTRY)]),
  '/v5/execution/list': () => list([row(FILL)]),
  '/v5/account/wallet-balance': () => ({ list: [row(WALLET_ASKED)] }),
};

test('a light reading asks for positions and open orders of all kinds, and knows the triggers of stops', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-2', depth: 'light' });
  answerer(room, WHOLE)();
  expect(room.put.map(({ host, question }) => [host, question.path, question.params])).toEqual([
    ['rest-2', '/v5/position/list', { category: 'linear', settleCoin: 'USDT', limit: 200 }],
    ['rest-2', '/v5/position/list', { category: 'linear', settleCoin: 'USDC', limit: 200 }],
    ['rest-2', '/v5/order/realtime', { category: 'linear', settleCoin: 'USDT', openOnly: 0, limit: 50 }],
  ]);
  expect(room.of('account-read')).toMatchObject([
    {
      depth: 'light',
      reading: {
        ok: true,
        value: { positions: [{ lots: 13, stop: { tick: 7_653, by: 'mark' } }], openOrders: [{ isStopLoss: true }] },
      },
    },
  ]);
  expect(room.of('positions-seen')).toMatchObject([{ positions: [{ symbol: 'SOLUSDT', lots: 13 }] }]);
});

test('a stop that a person has set for a part of a position does not cost the reading of the account, though its size is spelt .4 (X07)', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  const ofPart = row(WAITING_STOP, {
    orderId: 'of a part',
    stopOrderType: 'PartialStopLoss',
    qty: '.4',
    leavesQty: '.4',
  });
  answerer(room, { ...WHOLE, '/v5/order/realtime': () => list([row(WAITING_STOP), ofPart]) })();
  expect(room.of('account-read')).toMatchObject([
    { reading: { ok: true, value: { openOrders: [{ lots: 13 }, { lots: 4, isStopLoss: false }] } } },
  ]);
});

test('what is asked for by the path of the trade socket is asked over REST: the socket takes orders alone', async () => {
  const room = await ScriptedRoom.up();
  for (const path of ['trade-socket', 'rest-1', 'rest-2'] as const)
    room.send({ kind: 'read-position', path, symbol: 'SOLUSDT' });
  expect(room.put.map(({ host }) => host)).toEqual(['rest-1', 'rest-1', 'rest-2']);
});

test('a deep reading of two days and a half asks for executions day by day, the last without an end', async () => {
  const room = await ScriptedRoom.up();
  const sinceMs = room.serverNow() - 2.5 * DAY_MS;
  // What is asked for is whole milliseconds.
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs: sinceMs + 0.75 });
  answerer(room, WHOLE)();
  const windows = room.put.flatMap(({ question }) => (question.path === '/v5/execution/list' ? [question.params] : []));
  expect(windows).toEqual([
    { category: 'linear', startTime: sinceMs, endTime: sinceMs + DAY_MS - 1, limit: 100 },
    { category: 'linear', startTime: sinceMs + DAY_MS, endTime: sinceMs + 2 * DAY_MS - 1, limit: 100 },
    { category: 'linear', startTime: sinceMs + 2 * DAY_MS, limit: 100 },
  ]);
  expect(room.of('account-read')[0]?.reading).toMatchObject({
    ok: true,
    value: { wallet: { balance: 99_994_472_335n } },
  });
});

test('a deep reading of three months asks for executions week by week, without a gap: day by day it would not be done in time', async () => {
  const room = await ScriptedRoom.up();
  const sinceMs = room.serverNow() - 90 * DAY_MS;
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs });
  answerer(room, WHOLE)();
  const windows = room.put.flatMap(({ question }) => (question.path === '/v5/execution/list' ? [question.params] : []));
  expect(windows).toEqual(
    Array.from({ length: 13 }, (_, week) => {
      const startTime = sinceMs + week * 7 * DAY_MS;
      const end = week === 12 ? {} : { endTime: startTime + 7 * DAY_MS - 1 };
      return { category: 'linear', startTime, ...end, limit: 100 };
    }),
  );
  expect(room.of('account-read')[0]?.reading.ok).toBe(true);
});

test('R18: twelve thousand executions a day, a hundred in each tenth of a second, are read within the deadline of a start', async () => {
  const room = await ScriptedRoom.up();
  const nowMs = room.serverNow();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs: nowMs - 1.5 * DAY_MS });
  const answers: Readonly<Record<string, (put: Put) => object>> = {
    ...WHOLE,
    '/v5/execution/list': ({ question: { params } }: Put) => {
      const page = Number(params['cursor'] ?? 0) + 1;
      const from = Number(params['startTime']);
      const isLast = page >= (120 * (Number(params['endTime'] ?? nowMs) - from)) / DAY_MS;
      return list([row(FILL, { execId: `${from}-${page}` })], isLast ? '' : String(page));
    },
  };
  let answered = 0;
  for (let tenths = 0; tenths < 150; tenths++) {
    const asked = room.put.slice(answered);
    answered = room.put.length;
    for (const put of asked) put.reply(body(answers[nameOf(put.question)]?.(put) ?? {}));
    await room.clock.advance(100);
  }
  const { reading } = room.of('account-read')[0] ?? {};
  expect(reading?.ok === true && reading.value.fills?.length).toBe(180);
});

test.each([
  ['an empty cursor', ['a%3A1', 'b%3A2', ''], 3],
  ['an empty page behind a cursor', ['a%3A1', 'b%3A2', 'c%3A3'], 4],
])('a list is read until %s', async (_, cursors, pages) => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  const asked: unknown[] = [];
  const answer = answerer(room, {
    ...WHOLE,
    '/v5/order/realtime': ({ question }) => {
      asked.push(question.params['cursor']);
      const page = asked.length - 1;
      return page < 3
        ? list([row(WAITING_STOP, { orderId: `order-${page}` })], cursors[page])
        : list([], `more%3A${page}`);
    },
  });
  answer();
  expect(asked).toEqual([undefined, ...cursors].slice(0, pages));
  const { reading } = room.of('account-read')[0] ?? {};
  expect(reading?.ok === true && reading.value.openOrders.map(({ orderId }) => orderId)).toEqual([
    'order-0',
    'order-1',
    'order-2',
  ]);
});

test.each([
  ['a page that fails', { '/v5/order/realtime': () => undefined }, '10016'],
  ['pages without an end', { '/v5/order/realtime': () => list([row(WAITING_STOP)], 'again') }, 'without an end'],
  ['an answer without a list', { '/v5/order/realtime': () => ({}) }, 'no list'],
  ['a row that cannot be read', { '/v5/position/list': () => list([row(POSITION_ASKED, { size: '1e1' })]) }, 'SOLUSDT'],
])('%s makes the whole reading none', async (_, change, reason) => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  answerer(room, { ...WHOLE, ...change } as never)();
  for (const put of room.put) if (put.question.path === '/v5/order/realtime') put.reply(body({}, 10_016));
  expect(room.of('account-read')).toHaveLength(1);
  const { reading } = room.of('account-read')[0] ?? {};
  expect(reading?.ok === false && reading.reason).toContain(reason);
});

test.each([
  ['that the key is refused', sorry(10_010, 'Unmatched IP'), true],
  ['by its status that the key is refused', { kind: 'status', status: 401 } as const, true],
  ['that it is overloaded', sorry(10_016, 'Server error.'), false],
  ['that a parameter is wrong', sorry(10_001, 'params error'), false],
])('a reading that is answered %s says so of itself (O25)', async (_, reply, isKeyRefused) => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  for (const put of room.put) put.reply(reply);
  expect(room.of('account-read')).toMatchObject([{ reading: { ok: false, isKeyRefused } }]);
});

test('a reading that is not answered within 5 s is none, and told once', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  room.send({ kind: 'look-up', path: 'rest-1', symbol: 'SOLUSDT', linkId: 'a-E' });
  await room.clock.advance(5_001);
  answerer(room, WHOLE)();
  const reason = expect.stringContaining('no answer within 5000 ms') as string;
  for (const kind of ['account-read', 'position-read', 'looked-up'] as const) {
    expect(room.of(kind)).toMatchObject([{ reading: { ok: false, reason } }]);
  }
});

test('all pages of a light reading have the 5 s of one', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  await room.clock.advance(4_000);
  answerer(room, {
    ...WHOLE,
    '/v5/order/realtime': ({ question }) =>
      question.params['cursor'] === undefined ? list([row(WAITING_STOP)], 'b') : undefined,
  })();
  await room.clock.advance(999);
  expect(room.of('account-read')).toEqual([]);
  await room.clock.advance(1);
  expect(room.of('account-read')).toMatchObject([{ reading: { ok: false } }]);
});

test('a page that a loop which stood still finds after the time of its reading asks for no other, and its host is up (W02)', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  await room.clock.stall(6_000);
  answerer(room, { ...WHOLE, '/v5/order/realtime': () => list([row(WAITING_STOP)], 'b') })();
  await room.clock.advance(0);
  expect(room.put).toHaveLength(3);
  expect(room.of('account-read')).toMatchObject([
    { reading: { ok: false, reason: '/v5/order/realtime: too many pages for its deadline' } },
  ]);
  expect(room.of('link').filter(({ up }) => !up)).toEqual([]);
});

test('a grid that is asked for at the end of a reading has a second of its own, and no more', async () => {
  const room = await ScriptedRoom.up();
  const strange = { ...WHOLE, '/v5/position/list': () => list([row(POSITION_ASKED, { symbol: 'HERSUSDT' })]) };
  const listed = { symbol: 'HERSUSDT', priceFilter: { tickSize: '0.01' }, lotSizeFilter: { qtyStep: '0.1' } };
  for (const isTold of [false, true]) {
    room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
    await room.clock.advance(4_900);
    answerer(room, strange)();
    await room.clock.advance(999);
    const grids = room.put.filter(({ question }) => question.path === '/v5/market/instruments-info');
    if (isTold) for (const put of grids) put.reply(body({ list: [listed] }));
    expect(room.of('account-read')).toHaveLength(isTold ? 2 : 0);
    await room.clock.advance(1);
    expect(room.of('account-read')).toHaveLength(isTold ? 2 : 1);
  }
  expect(room.of('account-read').map(({ reading }) => reading.ok)).toEqual([false, true]);
});

test('strangers’ positions are counted on grids that are asked for (P09)', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  const listed = (symbol: string, qtyStep: string) => ({
    symbol,
    priceFilter: { tickSize: '0.01' },
    lotSizeFilter: { qtyStep },
    priceScale: '2',
  });
  const answer = answerer(room, {
    ...WHOLE,
    '/v5/position/list': () =>
      list([
        row(POSITION_ASKED),
        row(POSITION_ASKED, { symbol: 'HERSUSDT', side: 'Sell' }),
        row(POSITION_ASKED, { symbol: 'HISUSDT' }),
      ]),
    '/v5/market/instruments-info': () => ({ list: [listed('HERSUSDT', '0.1'), listed('HISUSDT', '0.05')] }),
  });
  answer();
  answer();
  const { reading } = room.of('account-read')[0] ?? {};
  expect(reading?.ok === true && reading.value.positions.map(({ symbol, lots }) => [symbol, lots])).toEqual([
    ['SOLUSDT', 13],
    ['HERSUSDT', -13],
    ['HISUSDT', 26],
  ]);
});

test.each(['PreLaunch', 'Delivering', 'Closed'])(
  'the account is read although somebody holds a contract that is %s: the exchange lists only those that trade, unless asked (P09, X01)',
  async (status) => {
    const room = await ScriptedRoom.up();
    const listed = { symbol: 'HERSUSDT', priceFilter: { tickSize: '0.01' }, lotSizeFilter: { qtyStep: '0.1' } };
    const answer = answerer(room, {
      ...WHOLE,
      '/v5/position/list': () => list([row(POSITION_ASKED), row(POSITION_ASKED, { symbol: 'HERSUSDT' })]),
      '/v5/market/instruments-info': ({ question }) =>
        list((question.params['status'] ?? 'Trading') === status ? [listed] : []),
    });
    room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
    answer();
    const { reading } = room.of('account-read')[0] ?? {};
    expect(reading).toMatchObject({ ok: true, value: { positions: [{ symbol: 'SOLUSDT' }, { symbol: 'HERSUSDT' }] } });
  },
);

test('what somebody holds in a contract that is settled in USDC is counted as well: the stream tells of it too (P07, P09)', async () => {
  const room = await ScriptedRoom.up();
  const listed = { symbol: 'HERSPERP', priceFilter: { tickSize: '0.01' }, lotSizeFilter: { qtyStep: '0.1' } };
  const answer = answerer(room, {
    ...WHOLE,
    [IN_USDC]: () => list([row(POSITION_ASKED, { symbol: 'HERSPERP', size: '0.5' })]),
    '/v5/market/instruments-info': () => ({ list: [listed] }),
  });
  for (const depth of [{ depth: 'light' }, { depth: 'deep', sinceMs: room.serverNow() - 1_000 }]) {
    room.send({ kind: 'read-account', path: 'rest-1', ...depth });
    answer();
    answer();
  }
  const held = room.of('account-read').map(({ reading }) => reading.ok && reading.value.positions);
  const both = [
    { symbol: 'SOLUSDT', lots: 13 },
    { symbol: 'HERSPERP', lots: 5 },
  ];
  expect(held).toMatchObject([both, both]);
});

test('of an account each page of positions is told as soon as it is there, though the rest never comes (P01)', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  const asked = room.put.find(({ question }) => question.path === '/v5/position/list');
  asked?.reply(body(list([row(POSITION_ASKED, { stopLoss: '' })], 'SOLUSDT%3A1')));
  expect(room.of('account-read')).toEqual([]);
  expect(room.of('positions-seen')).toMatchObject([{ positions: [{ symbol: 'SOLUSDT', lots: 13, stop: undefined }] }]);
  await room.clock.advance(5_001);
  expect(room.of('account-read')).toMatchObject([{ reading: { ok: false } }]);
});

test('positions are told though the open orders were lost before them: each page is evidence by itself (P01)', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  const of = (path: string): Put | undefined => room.put.find(({ question }) => question.path === path);
  of('/v5/order/realtime')?.reply(body({}, 10_016));
  expect(room.of('account-read')).toMatchObject([{ reading: { ok: false } }]);
  of('/v5/position/list')?.reply(body(list([row(POSITION_ASKED, { stopLoss: '' })])));
  expect(room.of('positions-seen')).toMatchObject([{ positions: [{ symbol: 'SOLUSDT', lots: 13, stop: undefined }] }]);
  expect(room.of('account-read')).toHaveLength(1);
});

const OLDER = row(FILLED_ENTRY, { orderStatus: 'New', cumExecQty: '0', updatedTime: '1' });

test.each([
  ['open', { '/v5/order/realtime': () => list([OLDER]) }],
  ['open', { '/v5/order/realtime': () => list([{ ...OLDER, updatedTime: '1786310821504' }]) }],
  ['past', { '/v5/order/realtime': () => list([row(FILLED_ENTRY)]), '/v5/order/history': () => list([OLDER]) }],
])(
  'a look-up asks all three places, and takes an order that was older among the %s ones as it was last (O04)',
  async (_, change) => {
    const room = await ScriptedRoom.up();
    const linkId = 'pf-7f3a-0001';
    room.send({ kind: 'look-up', path: 'rest-1', symbol: 'SOLUSDT', linkId });
    answerer(room, { ...WHOLE, ...change })();
    expect(room.put.map(({ question }) => question.path)).toEqual([
      '/v5/order/realtime',
      '/v5/order/history',
      '/v5/execution/list',
    ]);
    expect(room.put.every(({ question }) => question.params['orderLinkId'] === linkId)).toBe(true);
    expect(room.of('looked-up')[0]?.reading).toMatchObject({
      ok: true,
      value: { orders: [{ status: 'filled', filledLots: 13 }], fills: [{ linkId }] },
    });
  },
);

test.each([
  ['of those that are open', '/v5/order/realtime', [FILLED_ENTRY]],
  ['of those that are past', '/v5/order/history', [FILLED_ENTRY]],
  ['of any', undefined, []],
])(
  'an exchange that does not know an id, %s, has answered: what other places hold is found, and nothing in any of them is a negative (O04)',
  async (_, unknowing, orders) => {
    const room = await ScriptedRoom.up();
    const linkId = 'pf-7f3a-0001';
    room.send({ kind: 'look-up', path: 'rest-1', symbol: 'SOLUSDT', linkId });
    for (const put of room.put) {
      const { path } = put.question;
      const isUnknown = path.startsWith('/v5/order') && (unknowing ?? path) === path;
      put.reply(
        isUnknown
          ? sorry(110_001, 'order not exists or too late to replace')
          : body(list(path === '/v5/execution/list' ? [] : orders.map((text) => row(text)))),
      );
    }
    expect(room.of('looked-up')[0]?.reading).toMatchObject({
      ok: true,
      value: { orders: orders.map(() => ({ linkId, status: 'filled' })), fills: [] },
    });
  },
);

test('an exchange that tells more than it was asked proves nothing of this order, and nothing of this symbol (O31)', async () => {
  const room = await ScriptedRoom.up();
  const linkId = 'd1-a-1-1-E';
  room.send({ kind: 'look-up', path: 'rest-1', symbol: 'SOLUSDT', linkId });
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  const listed = { symbol: 'HERSUSDT', priceFilter: { tickSize: '0.01' }, lotSizeFilter: { qtyStep: '0.1' } };
  const answer = answerer(room, {
    ...WHOLE,
    '/v5/position/list': () =>
      list([row(POSITION_ASKED, { symbol: 'HERSUSDT' }), row(POSITION_ASKED, { side: '', size: '0' })]),
    '/v5/market/instruments-info': () => ({ list: [listed] }),
  });
  answer();
  answer();
  expect(room.of('looked-up')[0]?.reading).toEqual({ ok: true, value: { orders: [], fills: [] } });
  expect(room.of('position-read')[0]?.reading).toMatchObject({ ok: true, value: { symbol: 'SOLUSDT', lots: 0 } });
});

test('the wallet of a deep reading is as old as its own answer, however long the executions take: the stream may have told a later one', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs: room.serverNow() - 1_000 });
  const answered = { wallet: 1_786_310_821_000, executions: 1_786_310_824_000 };
  const { '/v5/execution/list': executions, ...others } = WHOLE;
  answerer(room, others)();
  room.put
    .find(({ question }) => question.path === '/v5/execution/list')
    ?.reply(body(executions(), 0, { time: answered.executions }));
  expect(room.of('account-read')).toMatchObject([
    { reading: { ok: true, value: { wallet: { updatedMs: answered.wallet } } } },
  ]);
});

test('a deep reading without a row of USDT is none: nobody knows what may be lost', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs: room.serverNow() - 1_000 });
  answerer(room, { ...WHOLE, '/v5/account/wallet-balance': () => ({ list: [row(WALLET_ASKED, { coin: [] })] }) })();
  expect(room.of('account-read')).toMatchObject([{ reading: { ok: false } }]);
});

test('in hedge mode the side with a size is told, and that it is no one-way account (O14)', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  const long = row(POSITION_ASKED, { positionIdx: 1, side: '', size: '0' });
  const short = row(POSITION_ASKED, { positionIdx: 2, side: 'Sell' });
  answerer(room, { '/v5/position/list': () => list([long, short], 'leads%3Anowhere') })();
  expect(room.of('position-read')[0]?.reading).toMatchObject({ ok: true, value: { lots: -13, isOneWay: false } });
});

test('no row at all is no flat position', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  answerer(room, { '/v5/position/list': () => list([]) })();
  expect(room.of('position-read')[0]?.reading).toEqual({ ok: false, reason: 'no row for SOLUSDT' });
});

test('the account is read although executions are of another grid: a price counts as the nearest tick, a size as what it is (B12, P12)', async () => {
  const room = await ScriptedRoom.up();
  const fill = (execId: string, change: object): object => row(FILL, { execId, execTime: '1', ...change });
  const past = [fill('fits', {}), fill('price', { execPrice: '77.316' }), fill('size', { execQty: '1.35' })];
  const read = (fills: readonly object[]): unknown => {
    const before = room.of('account-read').length;
    room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs: (room.serverNow() - 1_000) as Ms });
    answerer(room, { ...WHOLE, '/v5/execution/list': () => list(fills) })();
    const { reading } = room.of('account-read')[before] ?? {};
    return (
      reading?.ok === true &&
      reading.value.fills?.map(({ execId, tick, lots, exact }) => [execId, tick, lots, exact?.size])
    );
  };
  expect(read(past)).toEqual([
    ['fits', 7_731, 13, undefined],
    ['price', 7_732, 13, undefined],
    ['size', 7_731, 14, sizeFromDecimal('1.35')],
  ]);
  expect(read([fill('new', { execPrice: '77.316', execTime: String(room.serverNow()) })])).toEqual([
    ['new', 7_732, 13, undefined],
  ]);
});

test.each([
  ['Dividend', true],
  ['Trade', false],
])(
  'an execution of type %s without side and price: the account is read without it: %s (X07)',
  async (execType, isRead) => {
    const room = await ScriptedRoom.up();
    room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs: (room.serverNow() - 1_000) as Ms });
    const strange = row(FILL, { execId: 'strange', execType, side: '', execPrice: '', execQty: '' });
    answerer(room, { ...WHOLE, '/v5/execution/list': () => list([strange, row(FILL, { execId: 'plain' })]) })();
    const { reading } = room.of('account-read')[0] ?? {};
    const ids = reading?.ok === true && reading.value.fills?.map(({ execId }) => execId);
    expect(ids).toEqual(isRead ? ['plain'] : false);
    expect(room.lines.join().includes('Dividend')).toBe(isRead);
  },
);

test('the account is read although a position and its stop are of before a coarser step: they count as the nearest steps (B12, P12)', async () => {
  const room = await ScriptedRoom.up();
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  const now = String(room.serverNow());
  const held = [row(POSITION_ASKED, { size: '1.35', updatedTime: now })];
  const open = [row(WAITING_STOP, { qty: '1.35', updatedTime: now })];
  answerer(room, { ...WHOLE, '/v5/position/list': () => list(held), '/v5/order/realtime': () => list(open) })();
  expect(room.of('account-read')[0]?.reading).toMatchObject({
    ok: true,
    value: { positions: [{ lots: 14, exact: sizeFromDecimal('1.35') }], openOrders: [{ lots: 14 }] },
  });
});

test('an execution of before that names no contract costs nobody the reading of the account; what is held under no name does', async () => {
  const room = await ScriptedRoom.up();
  const read = (change: Parameters<typeof answerer>[1]): unknown => {
    room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs: (room.serverNow() - 1_000) as Ms });
    answerer(room, { ...WHOLE, ...change })();
    return room.of('account-read').at(-1)?.reading.ok;
  };
  const nameless = { symbol: '', execId: 'nameless', execTime: '1' };
  expect(read({ '/v5/execution/list': () => list([row(FILL), row(FILL, nameless)]) })).toBe(true);
  expect(read({ '/v5/position/list': () => list([row(POSITION_ASKED, nameless)]) })).toBe(false);
});

test.each([
  ['lists no such contract', (put: Put) => put.reply(body({ category: 'linear', list: [] })), true],
  ['says that its symbol is none', (put: Put) => put.reply(sorry(10_001, 'params error: symbol invalid')), true],
  ['is overloaded', (put: Put) => put.reply(sorry(10_016, 'Server error.')), false],
  ['refuses another parameter', (put: Put) => put.reply(sorry(10_001, 'Illegal category')), false],
  ['answers with a row that nobody can read', (put: Put) => put.reply(body({ list: [{}] })), false],
])('an execution in a contract of which the exchange %s', async (_, answerTo, isRead) => {
  const room = await ScriptedRoom.up();
  const read = (change: Parameters<typeof answerer>[1]): unknown => {
    const before = room.of('account-read').length;
    const from = room.put.length;
    room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs: (room.serverNow() - 1_000) as Ms });
    answerer(room, { ...WHOLE, ...change })();
    // What is put while this goes on is answered as well.
    for (let at = from; at < room.put.length; at++) {
      const put = room.put[at] as Put;
      if (put.question.path === '/v5/market/instruments-info') answerTo(put);
    }
    const { reading } = room.of('account-read')[before] ?? {};
    return reading?.ok === true && reading.value.fills?.map(({ symbol }) => symbol);
  };
  const gone = { symbol: 'DOGEUSDT-14AUG26', execId: 'gone', execTime: '1' };
  expect(read({ '/v5/execution/list': () => list([row(FILL), row(FILL, gone)]) })).toEqual(isRead && ['SOLUSDT']);
  const told = 'warn gateway.unknown_value {"field":"symbol","value":"DOGEUSDT-14AUG26"}';
  expect(room.lines.includes(told)).toBe(isRead);
  // What has just been executed there is more than a memory.
  const fresh = { ...gone, execTime: String(room.serverNow()) };
  expect(read({ '/v5/execution/list': () => list([row(FILL, fresh)]) })).toBe(false);
  // What is still held in it is another matter.
  expect(read({ '/v5/position/list': () => list([row(POSITION_ASKED, gone)]) })).toBe(false);
});
