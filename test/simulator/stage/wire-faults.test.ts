// Does each trouble between a client and the exchange happen as it was ordered, once, and to nobody else?
import { expect, test } from 'vitest';
import { FAULTS } from '../../../src/simulator/faults/table.ts';
import { SOL, StageRoom } from './stage-room.ts';

const BUY = { side: 'Buy', qty: '1.0' };
const ORDERS = { category: 'linear', symbol: SOL };

test('each fault says what it does', () => {
  expect(Object.keys(FAULTS).filter((kind) => FAULTS[kind]?.does === '')).toEqual([]);
});

test.each([
  [{ kind: 'no-such-thing' }, 'none of drop-delta'],
  [{ kind: 'toString' }, 'none of drop-delta'],
  [{ kind: 'push-price', symbol: 'NOSUCHUSDT', percent: 1 }, 'NOSUCHUSDT'],
  [{ kind: 'push-price', symbol: SOL, percent: 0 }, 'percent'],
  [{ kind: 'push-price', symbol: SOL, percent: 1, often: true }, 'often'],
  [{ kind: 'human-open', symbol: SOL, side: 'Buy', qty: '0.05' }, 'qty'],
  [{ kind: 'stop-stripped', symbol: SOL, uid: 7 }, 'uid'],
  [{ kind: 'freeze', channel: 'private' }, 'ms: is missing, and must be a number'],
  [{ kind: 'freeze', channel: 'private', ms: 0 }, 'ms: must be at least 1'],
  [{ kind: 'freeze', channel: 'private', ms: 9e7 }, 'ms: must be at most 86400000'],
  [{ kind: 'drop', channel: 'wire' }, 'channel: must be one of public, private, trade, rest'],
  [{ kind: 'drop', channel: 'rest', holds: '' }, 'holds: must not be empty'],
  [{ kind: 'off-grid', depth: 3 }, 'depth: must be one of 1, 50, 200, 1000'],
  [
    { kind: 'off-grid', depht: 50, count: 'all' },
    'count: must be a number; depht: not known here; it takes {symbol?, depth?, count?}',
  ],
])('the order %j is refused, naming %s', (order, name) => {
  const room = new StageRoom();
  const { status, body } = room.post('/control/fault', order);
  expect(status).toBe(400);
  expect(body['error']).toContain(name);
  expect(room.ledger('act').filter(({ refused }) => refused === undefined)).toHaveLength(
    name === 'percent' || name === 'qty' || name === 'uid' ? 1 : 0,
  );
});

test('drop: as many messages as were ordered are lost, and those alone that hold the text', () => {
  const room = new StageRoom();
  const stream = room.login('private');
  room.fault('drop', { channel: 'private', holds: '"topic":"order"' });
  room.order(BUY);
  room.order(BUY);
  room.pass(50);
  expect([stream.of('order').length, stream.of('execution').length, stream.of('wallet').length]).toEqual([1, 2, 2]);
});

test('duplicate and reorder: messages come twice, or change places', () => {
  const plain = new StageRoom();
  const stream = plain.login('private');
  plain.order(BUY);
  plain.pass(50);
  const usual = stream.texts.slice(2);
  const suffer = (kind: string): string[] => {
    const room = new StageRoom();
    const line = room.login('private');
    room.fault(kind, { channel: 'private' });
    room.order(BUY);
    room.pass(50);
    return line.texts.slice(2);
  };
  expect(suffer('duplicate')).toEqual([usual[0], ...usual]);
  expect(suffer('reorder')).toEqual([usual[1], usual[0], ...usual.slice(2)]);
});

test('silent-topic, reject-topic and freeze-market that are ordered once more last for as long as was said last', () => {
  const room = new StageRoom();
  const topic = `orderbook.50.${SOL}`;
  const stream = room.connect('public');
  const subscribe = (): unknown => {
    stream.say({ op: 'subscribe', args: [`tickers.${SOL}`] });
    room.pass(300);
    return stream.heard.findLast(({ op }) => op === 'subscribe')?.['success'];
  };
  stream.say({ op: 'subscribe', args: [topic] });
  room.pass(1_000);
  const books = (): number => room.exchange.market.contract(SOL)?.matching.book.version ?? 0;
  for (const ms of [1_000, 5_000]) {
    room.fault('silent-topic', { topic, ms });
    room.fault('reject-topic', { topic: `tickers.${SOL}`, ms });
    room.pass(500);
  }
  const told = stream.of(topic).length;
  room.pass(4_000);
  expect([stream.of(topic).length, subscribe()]).toEqual([told, false]);
  room.pass(1_000);
  expect([stream.of(topic).length > told, subscribe()]).toEqual([true, true]);
  for (const ms of [1_000, 5_000]) room.fault('freeze-market', { symbol: SOL, ms });
  const before = books();
  room.pass(4_900);
  expect(books()).toBe(before);
  room.pass(1_000);
  expect(books()).toBeGreaterThan(before);
});

test('delay and freeze: what waits comes later in its order, and nothing is lost', () => {
  const room = new StageRoom();
  const stream = room.login('private');
  room.fault('delay', { channel: 'private', ms: 2_000 });
  room.order(BUY);
  room.pass(1_900);
  expect(stream.of('execution')).toEqual([]);
  room.pass(150);
  expect(stream.heard.slice(2).map(({ topic }) => topic)).toEqual(['execution', 'order', 'position', 'wallet']);
  room.fault('freeze', { channel: 'private', ms: 3_000 });
  room.order(BUY);
  stream.say({ op: 'ping' });
  room.pass(2_900);
  expect(stream.of('wallet')).toHaveLength(1);
  room.pass(150);
  expect(stream.of('wallet')).toHaveLength(2);
  expect(stream.heard.at(-1)).toMatchObject({ op: 'pong' });
});

test('the public channel too: a frozen feed comes all at once, without a gap', () => {
  const room = new StageRoom();
  const feed = room.connect('public');
  const topic = `orderbook.50.${SOL}`;
  feed.say({ op: 'subscribe', args: [topic] });
  room.pass(1_000);
  const before = feed.texts.length;
  room.fault('freeze', { channel: 'public', ms: 2_000 });
  room.pass(1_900);
  expect(feed.texts.length).toBe(before);
  room.pass(200);
  const us = feed.of(topic).map(({ data }) => (data as { u: number }).u);
  expect(us).toEqual(us.map((_, i) => (us[0] ?? 0) + i));
  expect(feed.texts.length).toBeGreaterThan(before + 20);
});

test('truncate: a text is cut off in the middle', () => {
  const room = new StageRoom();
  const stream = room.login('private');
  room.fault('truncate', { channel: 'private' });
  room.order(BUY);
  room.pass(50);
  expect(stream.heard.filter((message) => Object.keys(message).length === 0)).toHaveLength(1);
});

test('half-open: the private socket stands and says nothing, the trade socket goes on', () => {
  const room = new StageRoom();
  const [stream, trade] = [room.login('private'), room.login('trade')];
  const before = stream.texts.length;
  expect(room.fault('half-open', { channel: 'private' }).body).toMatchObject({ sockets: 1 });
  stream.say({ op: 'ping' });
  room.shout(trade, 'r-1', BUY);
  room.pass(100);
  expect([stream.texts.length, stream.ended]).toEqual([before, undefined]);
  expect(trade.heard.at(-1)).toMatchObject({ reqId: 'r-1', retCode: 0 });
});

test('cut: connections of the kind end, with a close code or without a word', () => {
  const room = new StageRoom();
  const [stream, trade] = [room.login('private'), room.login('trade')];
  room.fault('cut', { channel: 'trade', code: 1_001 });
  expect([stream.ended, trade.ended]).toEqual([undefined, 1_001]);
  room.fault('cut', {});
  expect(stream.ended).toBe(0);
});

test('refuse-connections and black-hole: who knocks is sent away, with a status or none, or never answered', () => {
  const room = new StageRoom();
  const { exchange } = room;
  room.fault('refuse-connections', { channel: 'trade', ms: 1_000, status: 503 });
  room.fault('black-hole', { channel: 'private', ms: 2_000 });
  const doors = ['/v5/public/linear', '/v5/private', '/v5/trade'].map((path) => exchange.door(path));
  expect(doors).toEqual(['public', 'black-hole', { status: 503 }]);
  room.pass(1_000);
  expect([exchange.door('/v5/private'), exchange.door('/v5/trade')]).toEqual(['black-hole', 'trade']);
  room.fault('clear');
  expect(exchange.door('/v5/private')).toBe('private');
});

test('lost-request: nobody answers and there is no order; lost-answer: nobody answers and there is one', () => {
  const room = new StageRoom();
  const create = { ...ORDERS, side: 'Buy', orderType: 'Market', qty: '1.0' };
  room.fault('lost-request', { door: 'rest' });
  const lost = room.send('POST', '/v5/order/create', { ...create, orderLinkId: 'lost-request' });
  room.pass(1_000);
  room.fault('lost-answer', { door: 'rest' });
  const unheard = room.send('POST', '/v5/order/create', { ...create, orderLinkId: 'lost-answer' });
  room.pass(1_000);
  expect([lost.answer, unheard.answer]).toEqual([undefined, undefined]);
  expect(room.filled()).toEqual(['lost-answer']);
});

test('over the trade socket the same: the order lives, its acknowledgement is lost', () => {
  const room = new StageRoom();
  const trade = room.login('trade');
  const before = trade.texts.length;
  room.fault('lost-answer', { door: 'trade' });
  room.shout(trade, 'r-1', { ...BUY, orderLinkId: 'unheard' });
  room.pass(100);
  expect(trade.texts.length).toBe(before);
  expect(room.filled()).toEqual(['unheard']);
});

test('late-acceptance: an order comes to life seconds later, or dies of its time stamp', () => {
  const room = new StageRoom();
  const create = { ...ORDERS, side: 'Buy', orderType: 'Market', qty: '1.0' };
  room.fault('late-acceptance', { door: 'rest', ms: 3_000 });
  const late = room.send('POST', '/v5/order/create', { ...create, orderLinkId: 'late' });
  room.pass(2_900);
  expect([late.answer, room.ledger('fill')]).toEqual([undefined, []]);
  // Whoever asks for it meanwhile is answered at once: there is no such order.
  const asked = room.send('GET', '/v5/order/realtime', { category: 'linear', orderLinkId: 'late' });
  expect(asked.answer?.body).toMatchObject({ retCode: 0, result: { list: [] } });
  room.pass(200);
  expect(late.answer?.body).toMatchObject({ retCode: 0 });
  expect(room.filled()).toEqual(['late']);
  room.fault('late-acceptance', { door: 'rest', ms: 6_000 });
  const tooLate = room.send('POST', '/v5/order/create', { ...create, orderLinkId: 'too-late' });
  room.pass(6_100);
  expect(tooLate.answer?.body).toMatchObject({ retCode: 10_002 });
  expect(room.filled()).toEqual(['late']);
});

test('truncated-answer and gateway-error: no JSON comes back, with the order existing or not', () => {
  const room = new StageRoom();
  room.fault('truncated-answer', { count: 1 });
  expect(room.order({ ...BUY, orderLinkId: 'cut-short' })).toMatchObject({ status: 200, body: {} });
  room.fault('gateway-error', { path: 'order/create', exists: false });
  room.fault('gateway-error', { path: 'order/create', status: 504, exists: true });
  const [first, second] = ['no-502', 'yes-504'].map((orderLinkId) => room.order({ ...BUY, orderLinkId }));
  expect([first?.status, second?.status]).toEqual([502, 504]);
  expect(second?.text).toMatch(/^<html>/);
  expect(second?.headers['content-type']).toBe('text/html');
  expect(room.filled()).toEqual(['cut-short', 'yes-504']);
});

test.each([
  ['server-timeout', 10_000],
  ['server-error', 10_016],
  ['rate-burst', 10_006],
  ['overloaded', 10_429],
  ['wrong-time', 10_002],
  ['key-expired', 33_004],
  ['ip-refused', 10_010],
  ['permission-lost', 10_005],
  ['banned', 10_008],
])('%s: code %i over REST and the trade socket, with the order existing or not', (kind, code) => {
  const room = new StageRoom();
  const trade = room.login('trade');
  room.fault(kind, { door: 'rest' });
  room.fault(kind, { door: 'rest', exists: true });
  expect(room.order({ ...BUY, orderLinkId: 'rest-no' }).body['retCode']).toBe(code);
  expect(room.order({ ...BUY, orderLinkId: 'rest-yes' }).body['retCode']).toBe(code);
  room.fault(kind, { door: 'trade', exists: true });
  room.shout(trade, 'r-1', { ...BUY, orderLinkId: 'trade-yes' });
  room.pass(100);
  expect(trade.heard.at(-1)).toMatchObject({ reqId: 'r-1', retCode: code });
  expect(room.filled()).toEqual(['rest-yes', 'trade-yes']);
});

test('restarting: the trade socket takes no new request, and says 10019', () => {
  const room = new StageRoom();
  const trade = room.login('trade');
  room.fault('restarting', { door: 'trade' });
  room.shout(trade, 'r-1', BUY);
  room.pass(100);
  expect(trade.heard.at(-1)).toMatchObject({ reqId: 'r-1', retCode: 10_019 });
  expect(room.ledger('fill')).toEqual([]);
});

test('shut-out and http-down: all of HTTP is gone, the sockets live on', () => {
  const room = new StageRoom();
  const trade = room.login('trade');
  room.fault('shut-out', { ms: 1_000 });
  expect(room.get('/v5/market/time')).toMatchObject({ status: 403, body: { retMsg: 'access too frequent' } });
  room.shout(trade, 'r-1', BUY);
  room.pass(1_000);
  expect(trade.heard.at(-1)).toMatchObject({ reqId: 'r-1', retCode: 0 });
  expect(room.get('/v5/market/time').status).toBe(200);
  room.fault('http-down', { ms: 500 });
  expect(room.get('/v5/market/time')).toMatchObject({ status: 503, text: expect.stringMatching(/^<html>/) });
});

test('clock-skew: the exchange tells another time, and refuses whoever goes by the old one', () => {
  const room = new StageRoom();
  room.fault('clock-skew', { skewMs: -1_500 });
  const times = ['/v5/market/time', '/v5/market/tickers'].map((path) => room.get(path, ORDERS).body['time']);
  expect(times).toEqual([room.nowMs - 1_500, room.nowMs - 1_500]);
  expect(room.order(BUY).body).toMatchObject({ retCode: 10_002 });
  room.fault('clock-skew', { skewMs: 4_000 });
  expect(room.order(BUY).body).toMatchObject({ retCode: 0 });
  room.fault('clock-skew', { skewMs: 6_000 });
  expect(room.order(BUY).body).toMatchObject({ retCode: 10_002 });
});

test('from a seed: of ten thousand messages so many suffer, the same ones every time', () => {
  const run = (): number[] => {
    const room = new StageRoom(9);
    const stream = room.login('private');
    room.fault('drop', { channel: 'private', perTenThousand: 2_500, count: 1_000 });
    for (let i = 0; i < 30; i++) {
      room.order({ side: i % 2 === 0 ? 'Buy' : 'Sell', qty: '1.0' });
      room.pass(200);
    }
    return stream.heard.map(({ creationTime }) => Number(creationTime));
  };
  const heard = run();
  expect(heard.length).toBeGreaterThan(60);
  expect(heard.length).toBeLessThan(115);
  expect(run()).toEqual(heard);
});
