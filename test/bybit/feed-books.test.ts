// Is every book live only while it is true? (B07–B10, B12, B18, W15 over the scripted exchange)
import { expect, onTestFinished, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { createRoom, liveRoom, type Room, universe } from './feed-room.ts';
import { settle } from './virtual-clock.ts';

/** A delta with a price between the ticks. */
const OFF_GRID = JSON.stringify({
  topic: 'orderbook.50.AAAUSDT',
  type: 'delta',
  ts: 1,
  data: { s: 'AAAUSDT', b: [['99.9555', '7.0']], a: [], u: 1_061, seq: 60_000 },
  cts: 1,
});

const THREE = ['AAAUSDT', 'BBBUSDT', 'CCCUSDT'];

test('a universe comes to life over one connection, each topic asked for once', async () => {
  const room = await liveRoom(THREE);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
  expect(room.exchange.conversations).toHaveLength(1);
  const asked = room.exchange.last.requests.flatMap((request) => request.args);
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked).toContain('orderbook.50.AAAUSDT');
  expect(asked).toContain('publicTrade.CCCUSDT');
  expect(asked).toContain('tickers.BBBUSDT');
  expect(room.exchange.last.requests.every((request) => request.args.length <= 10)).toBe(true);
  expect(room.count('book.live')).toBe(3);
  await room.trade(60_000);
  // The exchange hangs up where it is never pinged, however busy the connection is.
  expect(room.exchange.last.requests.filter(({ op }) => op === 'ping')).toHaveLength(3);
  expect(room.events.filter((event) => event.severity !== 'info')).toEqual([]);
  expect(room.book('AAAUSDT')).toBe(room.theirs('AAAUSDT'));
  expect(room.raw.length).toBeGreaterThan(300);
});

test('a lost delta is mended at once by resubscribing that symbol alone', async () => {
  const room = await liveRoom(THREE);
  room.exchange.change('BBBUSDT', 'b', '99.95', '9.0', false);
  room.exchange.change('BBBUSDT', 'b', '99.94', '8.0');
  expect(room.trust('BBBUSDT')).toBe('syncing');
  expect(room.trust('AAAUSDT')).toBe('live');
  await room.clock.advance(50);
  expect(room.trust('BBBUSDT')).toBe('live');
  expect(room.book('BBBUSDT')).toBe(room.theirs('BBBUSDT'));
  expect(room.feed.status().resyncs).toBe(1);
  expect(room.count('book.gap')).toBe(1);
});

test('a book that breaks again and again is mended with growing patience', async () => {
  const room = await liveRoom(THREE);
  for (let i = 0; i < 40; i++) {
    room.exchange.change('AAAUSDT', 'b', '99.95', '9.0', false);
    room.exchange.change('AAAUSDT', 'b', '99.94', '8.0');
    await room.clock.advance(500);
  }
  // 20 s of continual breakage: without patience every one of the 40 breaks would be answered.
  expect(room.feed.status().resyncs).toBeLessThan(15);
  await room.trade(35_000);
  expect(room.trust('AAAUSDT')).toBe('live');
  expect(room.book('AAAUSDT')).toBe(room.theirs('AAAUSDT'));
});

test('B07: a symbol that falls silent grows stale within 7 s, is resubscribed and lives again', async () => {
  const room = await liveRoom(THREE);
  await room.trade(10_000);
  const ours = ['orderbook.50.AAAUSDT', 'orderbook.1.AAAUSDT', 'tickers.AAAUSDT', 'publicTrade.AAAUSDT'];
  for (const topic of ours) room.exchange.mute.add(topic);
  await room.trade(7_500);
  expect(room.count('book.stale')).toBe(1);
  expect(room.trust('AAAUSDT')).not.toBe('live');
  expect(room.trust('BBBUSDT')).toBe('live');
  room.exchange.mute.clear();
  await room.trade(10_000);
  expect(room.trust('AAAUSDT')).toBe('live');
  expect(room.book('AAAUSDT')).toBe(room.theirs('AAAUSDT'));
});

test('W19: books that eight silent seconds of a connection made stale live with its next word, and grow stale in the next silence', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  await room.trade(5_000);
  for (let silence = 0; silence < 2; silence++) {
    room.exchange.last.isDeaf = true;
    await room.clock.advance(8_000);
    expect(THREE.map(room.trust)).toEqual(['stale', 'stale', 'stale']);
    room.exchange.last.isDeaf = false;
    await room.trade(2_000);
    expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
  }
  expect([room.count('book.stale'), room.feed.status().resyncs]).toEqual([6, 0]);
  expect(room.exchange.conversations).toHaveLength(1);
});

test('B07: when resubscribing does not help, the connection is dialled anew, once', async () => {
  const room = await liveRoom(THREE);
  await room.trade(10_000);
  const ours = ['orderbook.50.AAAUSDT', 'orderbook.1.AAAUSDT', 'tickers.AAAUSDT', 'publicTrade.AAAUSDT'];
  for (const topic of ours) room.exchange.mute.add(topic);
  await room.trade(120_000);
  expect(room.exchange.conversations).toHaveLength(2);
  expect(room.events.filter((event) => event.type === 'ws.closed').map((event) => event.details.reason)).toEqual([
    'silent symbol',
  ]);
  expect(room.trust('BBBUSDT')).toBe('live');
});

test('B07: a connection that is back after a long outage is not cut for the silence of before', async () => {
  const room = await liveRoom(THREE);
  await room.trade(5_000);
  room.exchange.isRefusing = true;
  room.exchange.cut();
  await room.clock.advance(40_000);
  room.exchange.isRefusing = false;
  room.exchange.isIgnoring = true;
  while (!room.exchange.last.isOpen) await room.clock.advance(100);
  const dialled = room.exchange.conversations.length;
  await room.clock.advance(4_000);
  expect(room.exchange.conversations).toHaveLength(dialled);
  room.exchange.isIgnoring = false;
  await room.trade(10_000);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
});

test('B07: a symbol whose grid has changed is not said to be silent since before', async () => {
  const room = await liveRoom(['AAAUSDT']);
  await room.trade(30_000);
  room.exchange.last.isDeaf = true;
  const scripted = room.exchange.of('AAAUSDT');
  scripted.tickSize = '0.005';
  scripted.priceScale = 3;
  room.exchange.last.events.message(new TextEncoder().encode(OFF_GRID));
  await room.clock.advance(3_000);
  expect(room.count('instrument.grid_changed')).toBe(1);
  expect(room.exchange.conversations).toHaveLength(1);
});

/** The touch of a symbol lives, its book does not: nine seconds later it was asked for anew. */
async function resyncedRoom(): ReturnType<typeof liveRoom> {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  await room.trade(5_000);
  room.exchange.dead.add('orderbook.50.AAAUSDT');
  for (let i = 0; i < 18; i++) {
    room.exchange.touch('AAAUSDT');
    await room.trade(500);
  }
  return room;
}

test('B07: a dead book topic beside living tickers is noticed by its touch within 10 s', async () => {
  const room = await resyncedRoom();
  expect(room.feed.status().resyncs).toBe(1);
  expect(room.trust('AAAUSDT')).toBe('live');
  expect(room.book('AAAUSDT')).toBe(room.theirs('AAAUSDT'));
});

test('B07: a book that falls silent again before it may be asked for again is old until then, and live with its next word', async () => {
  const room = await resyncedRoom();
  room.exchange.dead.add('orderbook.50.AAAUSDT');
  for (let i = 0; i < 20; i++) {
    room.exchange.touch('AAAUSDT');
    await room.trade(500);
  }
  expect(room.feed.status().resyncs).toBe(1);
  expect(THREE.map(room.trust)).toEqual(['stale', 'live', 'live']);
  room.exchange.dead.clear();
  room.exchange.snapshot('orderbook.50.AAAUSDT');
  await room.trade(500);
  expect(room.trust('AAAUSDT')).toBe('live');
  expect(room.book('AAAUSDT')).toBe(room.theirs('AAAUSDT'));
});

test('B07: where the book has fallen silent its trades and its ticker are subscribed anew with it', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  await room.trade(5_000);
  for (const topic of ['orderbook.50', 'publicTrade', 'tickers']) room.exchange.dead.add(`${topic}.AAAUSDT`);
  await room.trade(9_000);
  expect(room.exchange.dead).toEqual(new Set());
  expect(room.trust('AAAUSDT')).toBe('live');
});

/** A trade a second in each symbol, at another price every time; book and ticker follow half a second later. */
async function printing(room: Room, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    for (const symbol of THREE) room.exchange.print(symbol, i % 2 === 0 ? '100.00' : '100.01');
    await room.trade(1_000);
  }
}

test('B07: where all of its topics speak, trades and tickers of a symbol are left in peace', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  await printing(room, 60);
  expect(room.events.filter((event) => event.severity !== 'info')).toEqual([]);
  expect(room.feed.status().resyncs).toBe(0);
});

test('B07: trades dead beside a living book and ticker are noticed by the price that moves, and asked for anew', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  await printing(room, 5);
  room.exchange.dead.add('publicTrade.AAAUSDT');
  await printing(room, 9);
  expect(room.exchange.dead).toEqual(new Set());
  const resyncs = room.events.filter((event) => event.type === 'feed.resync');
  expect(resyncs.map(({ severity, symbol, details }) => [severity, symbol, details.reason])).toEqual([
    ['warning', 'AAAUSDT', 'trades-silent'],
  ]);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
});

test('B07: while its trades do not come at all a symbol is asked for twice a minute, and its neighbours are left alone', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  room.exchange.mute.add('publicTrade.AAAUSDT');
  await printing(room, 120);
  const resyncs = room.events.filter((event) => event.type === 'feed.resync');
  expect(new Set(resyncs.map(({ symbol }) => symbol))).toEqual(new Set(['AAAUSDT']));
  expect(resyncs).toHaveLength(4);
  expect(room.exchange.conversations).toHaveLength(1);
});

test('B07: a symbol whose price moves without its trades is deaf, also where its book is live again, until a trade is heard', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  const deaf = (): boolean[] => THREE.map((symbol) => room.feed.isDeaf(room.slotOf(symbol)));
  await printing(room, 5);
  expect(deaf()).toEqual([false, false, false]);
  room.exchange.mute.add('publicTrade.AAAUSDT');
  await printing(room, 20);
  expect([room.trust('AAAUSDT'), ...deaf()]).toEqual(['live', true, false, false]);
  room.exchange.mute.clear();
  await printing(room, 31);
  expect(deaf()).toEqual([false, false, false]);
});

test('B07: a ticker dead beside living trades is asked for anew, and the book goes on', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  await printing(room, 5);
  room.exchange.dead.add('tickers.AAAUSDT');
  await printing(room, 9);
  expect(room.exchange.dead).toEqual(new Set());
  expect(room.count('feed.ticker_silent')).toBe(1);
  expect(room.feed.status().resyncs).toBe(0);
});

test('B07: trades and ticker dead together beside a living book: the silent ticker is asked for anew, and its price tells of the trades', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  await printing(room, 5);
  room.exchange.dead.add('tickers.AAAUSDT').add('publicTrade.AAAUSDT');
  await printing(room, 40);
  expect(room.exchange.dead).toEqual(new Set());
  expect([room.count('feed.ticker_silent'), room.count('feed.resync')]).toEqual([1, 1]);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
});

test('B07: a ticker that tells a trade four seconds late says nothing of the trades: the book goes on', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  for (let i = 0; i < 6; i++) {
    room.exchange.print('AAAUSDT', `100.0${i}`);
    await room.clock.advance(4_000);
    await room.trade(16_000);
  }
  expect(room.feed.status().resyncs).toBe(0);
});

test('B07: a ticker that tells a price from amid what has just been heard says nothing of the trades', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  await room.trade(3_000);
  for (const price of ['100.01', '100.02']) room.exchange.print('AAAUSDT', price);
  room.exchange.of('AAAUSDT').last = '100.01';
  room.exchange.ticker('AAAUSDT');
  room.exchange.of('AAAUSDT').last = '100.02';
  await room.trade(20_000);
  expect(room.feed.status().resyncs).toBe(0);
});

test('B07: a coin that trades once in a while has told its trade with the next ticker, however late the next trade', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  for (let i = 0; i < 6; i++) {
    room.exchange.print('AAAUSDT', `100.0${i}`);
    room.exchange.ticker('AAAUSDT');
    await room.trade(20_000);
  }
  expect(room.events.filter((event) => event.severity !== 'info')).toEqual([]);
});

test('B08: a touch that has died beside a quiet book is asked for anew, and the book left in peace from then on', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  room.feed.pin('AAAUSDT');
  await room.trade(3_000);
  room.exchange.dead.add('orderbook.1.AAAUSDT');
  for (let second = 0; second < 120; second++) {
    room.exchange.change('BBBUSDT', 'b', '99.90', `${(second % 40) + 1}.0`);
    room.exchange.ticker('AAAUSDT');
    if (second % 3 === 0) for (const symbol of THREE) room.exchange.touch(symbol);
    await room.clock.advance(1_000);
  }
  expect(room.feed.status().resyncs).toBe(1);
  expect(room.trust('AAAUSDT')).toBe('live');
});

test('B01: the first gap of a book that was asked for anew because it was quiet is mended at once', async () => {
  const room = await resyncedRoom();
  expect(room.feed.status().resyncs).toBe(1);
  room.exchange.change('AAAUSDT', 'b', '99.95', '9.0', false);
  room.exchange.change('AAAUSDT', 'b', '99.94', '8.0');
  await room.clock.advance(50);
  expect(room.trust('AAAUSDT')).toBe('live');
});

test('B08: a quiet coin whose touch repeats every 3 s is left in peace', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  for (let second = 0; second < 300; second++) {
    room.exchange.change('BBBUSDT', 'b', '99.90', `${(second % 40) + 1}.0`);
    if (second % 3 === 0) for (const symbol of ['AAAUSDT', 'CCCUSDT']) room.exchange.touch(symbol);
    await room.clock.advance(1_000);
  }
  expect(room.feed.status().resyncs).toBe(0);
  expect(room.count('book.stale')).toBe(0);
  expect(room.trust('AAAUSDT')).toBe('live');
  expect(room.exchange.conversations).toHaveLength(1);
});

test.each([
  ['an RPI trade', 0, [{ BT: false, RPI: true }]],
  ['a block trade', 0, [{ BT: true, RPI: false }]],
  ['a frame without trades', 0, []],
  [
    'a trade of the visible book among others',
    1,
    [
      { BT: true, RPI: false },
      { BT: false, RPI: false },
    ],
  ],
])('B08: beside a book that rests %s proves %i times that it is deaf', async (_name, times, flags) => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  const data = flags.map((flag) => ({ T: 1, s: 'AAAUSDT', S: 'Sell', v: '1.0', p: '100.00', ...flag, seq: 1 }));
  for (let second = 0; second < 60; second++) {
    room.exchange.change('BBBUSDT', 'b', '99.90', `${second + 1}.0`);
    if (second % 3 === 0) for (const symbol of ['AAAUSDT', 'CCCUSDT']) room.exchange.touch(symbol);
    if (second === 5)
      room.exchange.raw(JSON.stringify({ topic: 'publicTrade.AAAUSDT', type: 'snapshot', ts: 1, data }));
    await room.clock.advance(1_000);
  }
  expect(room.count('feed.resync')).toBe(times);
});

test('B08: a coin without any sign of life is resubscribed at most twice a minute', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  for (const topic of ['orderbook.1.AAAUSDT']) room.exchange.mute.add(topic);
  for (let second = 0; second < 90; second++) {
    room.exchange.change('BBBUSDT', 'b', '99.90', `${(second % 40) + 1}.0`);
    await room.clock.advance(1_000);
  }
  const asked = room.exchange.conversations
    .flatMap((conversation) => conversation.requests)
    .filter((request) => request.op === 'subscribe' && request.args.includes('orderbook.50.AAAUSDT'));
  // The first, one per half minute, and one for each new connection.
  expect(asked.length).toBeLessThanOrEqual(1 + 3 + room.exchange.conversations.length - 1);
});

test('B09: when many books of a connection break at once it is dialled anew, not resubscribed topic by topic', async () => {
  const many = Array.from({ length: 20 }, (_, i) => `C${i}USDT`);
  const room = await liveRoom(many);
  for (const symbol of many) {
    room.exchange.change(symbol, 'b', '99.95', '9.0', false);
    room.exchange.change(symbol, 'b', '99.94', '8.0');
  }
  expect(room.count('feed.shard_broken')).toBe(1);
  expect(room.feed.status().resyncs).toBeLessThanOrEqual(7);
  await room.clock.advance(3_000);
  expect(room.exchange.conversations).toHaveLength(2);
  expect(many.map(room.trust)).toEqual(many.map(() => 'live'));
  expect(room.book('C3USDT')).toBe(room.theirs('C3USDT'));
});

test('B09: six broken books among forty are mended five in the first second', async () => {
  const many = Array.from({ length: 40 }, (_, i) => `C${i}USDT`);
  const room = await liveRoom(many);
  for (const symbol of many.slice(0, 8)) {
    room.exchange.change(symbol, 'b', '99.95', '9.0', false);
    room.exchange.change(symbol, 'b', '99.94', '8.0');
  }
  expect(room.feed.status().resyncs).toBe(5);
  await room.clock.advance(2_000);
  expect(room.feed.status().resyncs).toBe(8);
  expect(many.map(room.trust)).toEqual(many.map(() => 'live'));
  expect(room.exchange.conversations).toHaveLength(1);
});

test('B09: of twenty books that grew stale at once those that live again before their turn are not subscribed anew', async () => {
  const many = Array.from({ length: 20 }, (_, i) => `C${i}USDT`);
  const room = await liveRoom(many, { touchPlaces: 0 });
  for (const symbol of many) room.exchange.mute.add(`orderbook.1.${symbol}`);
  await room.trade(5_000);
  for (let i = 0; i < 80 && room.count('book.stale') === 0; i++) await room.clock.advance(100);
  expect(room.count('book.stale')).toBe(20);
  await room.trade(8_000);
  expect(room.feed.status().resyncs).toBe(5);
  expect(many.map(room.trust)).toEqual(many.map(() => 'live'));
});

test('B10: what the old socket still says after a reconnect reaches no book', async () => {
  const room = await liveRoom(THREE);
  const old = room.exchange.last;
  room.exchange.cut(old);
  expect(room.trust('AAAUSDT')).toBe('syncing');
  await room.clock.advance(1_500);
  expect(room.trust('AAAUSDT')).toBe('live');
  const before = room.book('AAAUSDT');
  const frames = room.raw.length;
  const { u, seq } = room.exchange.of('AAAUSDT');
  const data = { s: 'AAAUSDT', b: [['99.99', '777.0']], a: [], u: u + 1, seq: seq + 1 };
  const late = JSON.stringify({ topic: 'orderbook.50.AAAUSDT', type: 'delta', ts: 1, data, cts: 1 });
  room.exchange.raw(late, old);
  expect(room.raw.length).toBe(frames);
  expect(room.book('AAAUSDT')).toBe(before);
  // And even a frame that slips past the socket is refused by its number.
  expect(room.ingest.frame(new TextEncoder().encode(late), old.number, 0 as Ms)).toBe('dropped');
});

test('B12: a new tick size is fetched, and the book starts again on the new grid', async () => {
  const room = await liveRoom(THREE);
  const scripted = room.exchange.of('AAAUSDT');
  scripted.tickSize = '0.001';
  scripted.priceScale = 3;
  scripted.bids = new Map([...scripted.bids].map(([price, size]) => [`${price}5`, size]));
  scripted.asks = new Map([...scripted.asks].map(([price, size]) => [`${price}5`, size]));
  const epochs = room.ingest.epochs;
  room.exchange.change('AAAUSDT', 'b', '99.955', '9.0');
  expect(room.trust('AAAUSDT')).not.toBe('live');
  await room.clock.advance(1_000);
  expect(room.count('instrument.grid_mismatch')).toBe(1);
  expect(room.count('instrument.grid_changed')).toBe(1);
  expect(room.ingest.epochs).toBe(epochs + 1);
  expect(room.attached.filter((row) => row.symbol === 'AAAUSDT')).toHaveLength(2);
  expect(room.trust('AAAUSDT')).toBe('live');
  expect(room.ingest.readSide(room.slotOf('AAAUSDT'), 0, 1)).toEqual([[100_005, 50]]);
});

test.each([0, 5_000])(
  'B12: a symbol that leaves after a new tick size, and comes back before the next list was due, comes back on it (a list of %i ms before)',
  async (agoMs) => {
    const room = await liveRoom(['AAAUSDT', 'BBBUSDT'], { universe: universe('auto') });
    const scripted = room.exchange.of('BBBUSDT');
    await room.trade(20_000);
    if (agoMs > 0) room.feed.listDoubted();
    await room.clock.advance(agoMs);
    Object.assign(scripted, { tickSize: '0.001', priceScale: 3, turnover: 0 });
    room.exchange.change('BBBUSDT', 'b', '99.955', '9.0');
    await room.clock.advance(300_000);
    scripted.turnover = 5_000_000;
    await room.clock.advance(300_000);
    expect([room.detached, room.feed.symbols().length]).toEqual([['BBBUSDT'], 2]);
    expect(room.markets.at(-1)?.listed.get('BBBUSDT')?.instrument.priceScale).toBe(3);
  },
);

test('B12: a new grid that is told after the feed was stopped changes nothing any more', async () => {
  const room = await liveRoom(['AAAUSDT']);
  const answer = Promise.withResolvers<void>();
  room.exchange.grids = answer.promise;
  Object.assign(room.exchange.of('AAAUSDT'), { tickSize: '0.001', priceScale: 3 });
  room.exchange.change('AAAUSDT', 'b', '99.955', '9.0');
  await room.clock.advance(10);
  room.feed.stop();
  answer.resolve();
  await settle();
  expect([room.count('instrument.grid_mismatch'), room.count('instrument.grid_changed')]).toEqual([1, 0]);
  expect(room.attached).toHaveLength(1);
});

test('B12: a list that was asked for before the new tick size does not put the book back on the old one', async () => {
  const room = await liveRoom(['AAAUSDT']);
  await room.trade(20_000);
  const answer = Promise.withResolvers<void>();
  room.exchange.lists = answer.promise;
  room.feed.listDoubted();
  await room.clock.advance(10);
  Object.assign(room.exchange.of('AAAUSDT'), { tickSize: '0.001', priceScale: 3 });
  room.exchange.change('AAAUSDT', 'b', '99.955', '9.0');
  await room.clock.advance(1_000);
  answer.resolve();
  await room.clock.advance(1_000);
  expect([room.trust('AAAUSDT'), room.count('instrument.grid_changed')]).toEqual(['live', 1]);
});

test('B12: the grid of one symbol that comes after the list that was asked for later changes nothing of it', async () => {
  const room = await liveRoom(['AAAUSDT']);
  await room.trade(20_000);
  const answer = Promise.withResolvers<void>();
  room.exchange.grids = answer.promise;
  room.exchange.change('AAAUSDT', 'b', '99.955', '9.0');
  await room.clock.advance(10);
  Object.assign(room.exchange.of('AAAUSDT'), { tickSize: '0.001', priceScale: 3 });
  room.feed.listDoubted();
  await room.clock.advance(1_000);
  answer.resolve();
  await room.clock.advance(1_000);
  expect([room.trust('AAAUSDT'), room.count('instrument.grid_changed')]).toEqual(['live', 1]);
});

test('B12: on a new tick size the candles and the ticker are asked for anew, and candles of the old one are nobody’s', async () => {
  const room = createRoom(['AAAUSDT']);
  let answer = (): void => {};
  room.exchange.candles = new Promise((resolve) => (answer = resolve));
  const started = room.feed.start();
  await room.clock.advance(100);
  await started;
  const scripted = room.exchange.of('AAAUSDT');
  scripted.tickSize = '0.001';
  scripted.priceScale = 3;
  const before = room.exchange.last.requests.length;
  room.exchange.change('AAAUSDT', 'b', '99.955', '9.0');
  await room.clock.advance(1_000);
  answer();
  await room.clock.advance(1_000);
  expect(room.highs).toEqual([101_000]);
  const asked = room.exchange.last.requests.slice(before).map(({ op, args }) => `${op} ${args.join()}`);
  expect(asked).toContain('unsubscribe tickers.AAAUSDT');
  expect(room.exchange.last.topics).toContain('tickers.AAAUSDT');
});

/** Sizes between the steps of its own list, in each book that the exchange prints of it. */
async function unfitRoom(): Promise<Room> {
  const room = await liveRoom(THREE);
  room.exchange.of('AAAUSDT').bids.set('99.50', '5.05');
  room.exchange.change('AAAUSDT', 'b', '99.95', '9.05');
  await room.trade(600_000);
  return room;
}

test('B12: a contract whose book fits its own grid in none of ten readings is left out, and told of once', async () => {
  const room = await unfitRoom();
  expect(room.feed.symbols()).toEqual(['BBBUSDT', 'CCCUSDT']);
  expect(room.feed.status().leftOut).toEqual(['AAAUSDT']);
  expect(room.events.filter(({ type }) => type === 'universe.left_out')).toMatchObject([
    { severity: 'warning', symbol: 'AAAUSDT', details: { reason: 'its books do not fit its grid' } },
  ]);
  const { resyncs } = room.feed.status();
  await room.trade(600_000);
  expect(room.feed.status().resyncs).toBe(resyncs);
  expect(room.exchange.conversations).toHaveLength(1);
});

test('B12: a contract that was left out is watched again once its list has another grid', async () => {
  const room = await unfitRoom();
  room.exchange.of('AAAUSDT').qtyStep = '0.01';
  await room.trade(1_800_000 + 300_000);
  expect(room.trust('AAAUSDT')).toBe('live');
  expect(room.feed.status().leftOut).toEqual([]);
});

test('B12: a contract that was left out is tried again after an hour: what stood in its book may have gone', async () => {
  const room = await unfitRoom();
  for (const price of ['99.50', '99.95']) room.exchange.of('AAAUSDT').bids.set(price, '5.0');
  await room.trade(3_600_000 + 300_000);
  expect(room.trust('AAAUSDT')).toBe('live');
});

test('B12: a contract that proves unfit while another choice is carried out is left out at once all the same', async () => {
  const room = await liveRoom([...THREE, 'DDDUSDT'], {
    universe: universe(THREE),
    depth: 'auto',
    updateMs: 14_400_000 as Ms,
  });
  room.exchange.of('AAAUSDT').bids.set('99.50', '5.05');
  room.exchange.change('AAAUSDT', 'b', '99.95', '9.05');
  for (let i = 0; i < 600 && (room.exchange.calls['instrument'] ?? 0) < 9; i++) await room.trade(1_000);
  const grid = Promise.withResolvers<void>();
  room.exchange.grids = grid.promise;
  await room.trade(60_000);
  const book = Promise.withResolvers<void>();
  room.exchange.books = book.promise;
  room.feed.changeRules(universe([...THREE, 'DDDUSDT']), 14_400_000 as Ms);
  await room.clock.advance(100);
  grid.resolve();
  await room.clock.advance(100);
  expect(room.count('universe.left_out')).toBe(1);
  book.resolve();
  await room.trade(5_000);
  expect([...room.feed.symbols()].sort()).toEqual(['BBBUSDT', 'CCCUSDT', 'DDDUSDT']);
});

test('B12: what is held stays watched however its book is printed', async () => {
  const room = await liveRoom(THREE);
  room.held.add('AAAUSDT');
  room.exchange.of('AAAUSDT').bids.set('99.50', '5.05');
  room.exchange.change('AAAUSDT', 'b', '99.95', '9.05');
  await room.trade(600_000);
  expect(room.feed.symbols()).toContain('AAAUSDT');
  expect(room.count('universe.left_out')).toBe(1);
  room.held.clear();
  await room.trade(300_000);
  expect(room.feed.symbols()).toEqual(['BBBUSDT', 'CCCUSDT']);
});

test('B12: a list that nobody can read accuses no book', async () => {
  const room = await liveRoom(THREE);
  room.exchange.failing.add('instrument');
  room.exchange.of('AAAUSDT').bids.set('99.50', '5.05');
  room.exchange.change('AAAUSDT', 'b', '99.95', '9.05');
  await room.trade(600_000);
  expect(room.feed.symbols()).toContain('AAAUSDT');
});

test('candles of minutes to come are told of, and the rest is asked for again until an answer has none', async () => {
  const room = createRoom(['AAAUSDT']);
  room.exchange.candlesAhead = 2;
  const started = room.feed.start();
  await room.clock.advance(100);
  await started;
  expect(room.events.filter(({ type }) => type === 'klines.ahead')).toMatchObject([
    { severity: 'warning', symbol: 'AAAUSDT', details: { candles: 2 } },
  ]);
  expect(room.highs).toEqual([10_100]);
  room.exchange.candlesAhead = 0;
  await room.trade(600_000, 2_000);
  expect(room.exchange.calls['klines']).toBe(2);
  expect(room.count('klines.ahead')).toBe(1);
});

test('what traded while a connection was lost is read from candles once it is back, and asked for until they are told', async () => {
  const room = await liveRoom(THREE);
  await room.trade(5_000);
  room.exchange.cut();
  await room.clock.advance(5_000);
  expect(room.exchange.calls['klines']).toBe(6);
  expect(room.highs).toHaveLength(6);
  room.exchange.restFails = true;
  room.exchange.cut();
  await room.trade(5_000);
  expect([room.trust('AAAUSDT'), room.highs.length]).toEqual(['live', 6]);
  room.exchange.restFails = false;
  await room.trade(330_000);
  expect(room.highs).toHaveLength(9);
});

test('what traded while its trades alone were not heard is read from candles once they are, of that symbol alone', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  await printing(room, 5);
  room.exchange.dead.add('publicTrade.AAAUSDT');
  await printing(room, 9);
  expect(room.exchange.calls['klines']).toBe(4);
  expect(room.highs).toHaveLength(4);
});

test('what traded until its trades were at last subscribed is read from candles anew', async () => {
  const room = createRoom(THREE);
  room.exchange.unknown.add('publicTrade.BBBUSDT');
  void room.feed.start();
  await room.trade(20_000);
  expect(room.exchange.calls['klines']).toBe(3);
  room.exchange.unknown.clear();
  await room.trade(40_000);
  expect(room.exchange.calls['klines']).toBe(4);
});

test('what traded while a connection was lost, and its candles were still on their way, is read from candles anew', async () => {
  const room = createRoom(['AAAUSDT']);
  const first = Promise.withResolvers<void>();
  room.exchange.candles = first.promise;
  void room.feed.start();
  await room.trade(2_000);
  room.exchange.cut();
  await room.trade(3_000);
  first.resolve();
  await room.trade(1_000);
  expect(room.exchange.calls['klines']).toBe(2);
});

test('candles of before that come while farther ones are asked for do not stand in for them: what fails is asked for again', async () => {
  const room = createRoom(['AAAUSDT']);
  const [before, farther] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  room.exchange.candles = before.promise;
  void room.feed.start();
  await room.trade(1_000);
  room.exchange.candles = farther.promise;
  room.feed.lookbackGrew(['AAAUSDT']);
  before.resolve();
  await room.trade(1_000);
  room.exchange.failing.add('klines');
  farther.resolve();
  await room.trade(1_000);
  expect(room.count('klines.failed')).toBe(1);
  room.exchange.failing.clear();
  await room.trade(300_000, 2_000);
  expect(room.exchange.calls['klines']).toBe(3);
});

test('B12: one off-grid frame under an unchanged grid costs a snapshot, not the symbol', async () => {
  const room = await liveRoom(THREE);
  const epochs = room.ingest.epochs;
  const { u, seq } = room.exchange.of('AAAUSDT');
  const data = { s: 'AAAUSDT', b: [['99.9555', '7.0']], a: [], u: u + 1, seq: seq + 1 };
  room.exchange.raw(JSON.stringify({ topic: 'orderbook.50.AAAUSDT', type: 'delta', ts: 1, data, cts: 1 }));
  expect(room.trust('AAAUSDT')).toBe('suspect');
  await room.clock.advance(100);
  expect(room.trust('AAAUSDT')).toBe('live');
  expect(room.ingest.epochs).toBe(epochs);
  expect(room.exchange.calls.instrument).toBe(1);
  expect(room.book('AAAUSDT')).toBe(room.theirs('AAAUSDT'));
});

test('B12: a book that lives anew before its grid is told is not broken by the answer, and mended at once when it breaks', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  const answer = Promise.withResolvers<void>();
  room.exchange.grids = answer.promise;
  room.exchange.change('BBBUSDT', 'b', '99.9555', '7.0');
  room.exchange.of('BBBUSDT').bids.delete('99.9555');
  room.exchange.cut();
  await room.trade(3_000);
  expect(room.trust('BBBUSDT')).toBe('live');
  answer.resolve();
  await room.trade(3_000);
  room.exchange.change('BBBUSDT', 'b', '99.95', '9.0', false);
  room.exchange.change('BBBUSDT', 'b', '99.94', '8.0');
  await room.clock.advance(50);
  expect(room.trust('BBBUSDT')).toBe('live');
});

test('B12: the grid of a symbol that has gone while it was asked for is nobody’s', async () => {
  const room = await liveRoom(['AAAUSDT', 'BBBUSDT'], { universe: universe('auto') });
  const answer = Promise.withResolvers<void>();
  room.exchange.grids = answer.promise;
  const scripted = room.exchange.of('BBBUSDT');
  room.exchange.change('BBBUSDT', 'b', '99.9555', '7.0');
  expect(room.trust('BBBUSDT')).toBe('suspect');
  scripted.turnover = 0;
  await room.trade(330_000, 2_000);
  expect(room.feed.symbols()).toEqual(['AAAUSDT']);
  scripted.tickSize = '0.0001';
  scripted.priceScale = 4;
  answer.resolve();
  await room.clock.advance(1_000);
  expect(room.exchange.calls['instrument']).toBe(1);
  expect(room.count('instrument.grid_changed')).toBe(0);
});

test('B18: a level that went wrong without a trace is found over REST, twice, and mended', async () => {
  const room = await liveRoom(THREE, { auditMs: 9_000 as Ms });
  await room.trade(20_000);
  expect(room.feed.status().audit.equal).toBeGreaterThan(3);
  expect(room.feed.status().audit.wrong).toBe(0);
  room.ingest.corrupt(room.slotOf('BBBUSDT'), 0, 9_970 as Tick, 4_242 as Lot);
  await room.trade(20_000);
  expect(room.count('book.audit_mismatch')).toBe(1);
  expect(room.feed.status().resyncs).toBe(1);
  expect(room.trust('BBBUSDT')).toBe('live');
  expect(room.book('BBBUSDT')).toBe(room.theirs('BBBUSDT'));
});

test('B18: a REST book that lags behind, or is caught in mid-change, accuses nobody', async () => {
  const room = await liveRoom(THREE, { auditMs: 3_000 as Ms });
  room.exchange.restBook = (now) => ({ ...now, seq: now.seq - 700, bids: new Map([...now.bids].slice(3)) });
  await room.trade(30_000);
  expect(room.feed.status().audit.inconclusive).toBeGreaterThan(5);
  expect(room.feed.status().audit.wrong).toBe(0);
  // Between two of our messages 99.90 had a third size.
  room.exchange.restBook = (now) => ({ ...now, seq: now.seq + 3, bids: new Map([...now.bids, ['99.90', '0.5']]) });
  await room.trade(30_000);
  expect(room.feed.status().audit.mismatches).toBe(0);
  expect(room.feed.status().resyncs).toBe(0);
});

test('B18: a book whose stream is many seconds late is not said to be wrong', async () => {
  const room = await liveRoom(['AAAUSDT'], { auditMs: 3_000 as Ms });
  room.exchange.restBook = (now) => ({ ...now, seq: now.seq + 1e6, bids: new Map([...now.bids].slice(3)) });
  await room.trade(30_000);
  expect(room.feed.status().audit).toMatchObject({ equal: 0, wrong: 0, mismatches: 0 });
  expect(room.feed.status().audit.inconclusive).toBeGreaterThan(2);
});

test('B18: an answer about a book that was replaced meanwhile accuses nobody', async () => {
  const room = await liveRoom(['AAAUSDT'], { auditMs: 3_000 as Ms });
  const answer = Promise.withResolvers<void>();
  room.exchange.books = answer.promise;
  await room.trade(3_500);
  room.exchange.change('AAAUSDT', 'b', '99.95', '9.0', false);
  room.exchange.snapshot('orderbook.50.AAAUSDT');
  answer.resolve();
  await room.trade(10_000);
  expect(room.feed.status().audit).toMatchObject({ wrong: 0, inconclusive: 1 });
});

test('B18: a book that is being mended is not looked at', async () => {
  const room = await liveRoom(['AAAUSDT'], { auditMs: 3_000 as Ms });
  room.exchange.mute.add('orderbook.50.AAAUSDT');
  room.exchange.cut();
  await room.trade(20_000);
  expect(room.exchange.calls['book']).toBeUndefined();
});

test('W15: a truncated book frame is a gap of that symbol and nothing else', async () => {
  const room = await liveRoom(THREE);
  const topic = '{"topic":"orderbook.50.AAAUSDT","type":"delta","ts":1,"data":{"s":"AAAUSDT","b":[["99.9';
  room.exchange.raw(topic);
  expect(room.trust('AAAUSDT')).toBe('syncing');
  await room.clock.advance(100);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
  expect(room.book('AAAUSDT')).toBe(room.theirs('AAAUSDT'));
  // A trade that nobody can read is none.
  room.exchange.raw('{"topic":"publicTrade.AAAUSDT","type":"snapshot","ts":1,"data":[{"T":1,"s":"AAA');
  await room.clock.advance(3_000);
  expect(room.feed.status()).toMatchObject({ unreadable: 2, resyncs: 1 });
  expect(room.exchange.conversations).toHaveLength(1);
});

test('W15: how a frame begins that nobody can read is told, so that a person sees what the exchange sends', async () => {
  const room = await liveRoom(THREE);
  room.exchange.raw(`<html>${'x'.repeat(1_000)}`);
  const told = room.events.filter(({ type }) => type === 'ws.unreadable');
  expect(told).toMatchObject([{ severity: 'warning', details: { frame: `<html>${'x'.repeat(194)}` } }]);
});

test('a frame that only the slow reader could read is in the log as it came, one a minute; one that nobody can read is not among them', async () => {
  const room = await liveRoom(THREE);
  const slow = (): object[] => room.logged.filter((line) => 'event' in line && line.event === 'ws.slow_frame');
  room.ingest.surprise = 'what-is-this';
  room.exchange.raw('{"topic":"tickers.AAAUSDT","what-is-this"');
  const frame = '{"topic":"tickers.AAAUSDT","what-is-this":1,"data":{"symbol":"AAAUSDT"}}';
  for (const pauseMs of [0, 59_000, 2_000]) {
    await room.trade(pauseMs);
    room.exchange.raw(frame);
    room.exchange.raw(frame);
  }
  const { socket } = room.feed.status().symbols[0] ?? {};
  expect(slow()).toEqual([1, 2].map(() => ({ event: 'ws.slow_frame', socket, frame })));
});

test('W15: three frames that nobody can read in 10 s end the connection; two do not', async () => {
  const room = await liveRoom(THREE);
  room.exchange.raw('<html>');
  room.exchange.raw('\u0000\u0001');
  await room.trade(11_000);
  room.exchange.raw('<html>');
  room.exchange.raw('<html>');
  expect(room.exchange.conversations).toHaveLength(1);
  room.exchange.raw('<html>');
  await room.clock.advance(3_000);
  // What the one before has said is not laid to the charge of the next.
  room.exchange.raw('<html>');
  await room.clock.advance(3_000);
  expect(room.exchange.conversations).toHaveLength(2);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
});

const contiguous = (count: number, middle: number): { bids: Map<string, string>; asks: Map<string, string> } => ({
  bids: new Map(Array.from({ length: count }, (_, i) => [(middle - i * 0.01).toFixed(2), '5.0'])),
  asks: new Map(Array.from({ length: count }, (_, i) => [(middle + 0.01 + i * 0.01).toFixed(2), '5.0'])),
});

test('a deeper book is asked for before the old one is given up, and the book never stops', async () => {
  const changes = {
    depth: 'auto',
    bookRangePercent: () => 0.4,
    depthReviewMs: 10_000 as Ms,
    auditMs: 3_600_000 as Ms,
  } as const;
  const room = await liveRoom(['AAAUSDT'], changes);
  // 50 ticks of 0.01 around 100 reach 0.49 %.
  expect(room.attached[0]?.depth).toBe(50);
  room.exchange.restBook = (now) => ({ ...now, ...contiguous(300, 200) });
  let wasLive = true;
  for (let i = 0; i < 40; i++) {
    await room.trade(500);
    wasLive &&= room.trust('AAAUSDT') === 'live';
  }
  expect(room.feed.status().symbols[0]?.depth).toBe(200);
  expect(wasLive).toBe(true);
  expect(room.feed.status().resyncs).toBe(0);
  expect(room.exchange.last.topics.has('orderbook.50.AAAUSDT')).toBe(false);
  expect(room.exchange.last.topics.has('orderbook.200.AAAUSDT')).toBe(true);
  const asked = room.exchange.last.requests.map((request) => `${request.op} ${request.args.join()}`);
  expect(asked.indexOf('subscribe orderbook.200.AAAUSDT')).toBeLessThan(
    asked.indexOf('unsubscribe orderbook.50.AAAUSDT'),
  );
});

test('B18: while another depth is awaited, and if it never comes, the present one is looked at over REST', async () => {
  const room = await liveRoom(['AAAUSDT'], {
    depth: 'auto',
    bookRangePercent: () => 0.4,
    depthReviewMs: 10_000 as Ms,
    auditMs: 5_000 as Ms,
  });
  room.exchange.unknown.add('orderbook.200.AAAUSDT');
  room.exchange.restBook = (now) => ({ ...now, ...contiguous(300, 200) });
  await room.clock.advance(1);
  for (let i = 0; i < 40 && room.count('feed.topic_refused') === 0; i++) await room.trade(500);
  room.exchange.restBook = undefined;
  const { equal } = room.feed.status().audit;
  await room.trade(60_000);
  expect(room.feed.status().symbols[0]?.depth).toBe(50);
  expect(room.feed.status().audit.equal).toBeGreaterThan(equal + 5);
});

test('what is to be watched does not wait for the answer that tells its depth longer than three seconds', async () => {
  const many = Array.from({ length: 10 }, (_, i) => `C${i}USDT`);
  const room = createRoom(many, { depth: 'auto', bookRangePercent: () => 0.4 });
  const answer = Promise.withResolvers<void>();
  room.exchange.books = answer.promise;
  const started = room.feed.start();
  await room.trade(7_000);
  await started;
  expect(many.map(room.trust)).toEqual(many.map(() => 'live'));
  room.exchange.restBook = (now) => ({ ...now, ...contiguous(1_000, 50) });
  answer.resolve();
  // At the latest with the next choice of symbols.
  await room.trade(305_000);
  expect(new Set(room.feed.status().symbols.map(({ depth }) => depth))).toEqual(new Set([50]));
});

test('a bug that comes to light in the answer that tells a depth ends the engine, also after three seconds', async () => {
  const listeners = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[];
  process.removeAllListeners('unhandledRejection');
  const thrown = new Promise((resolve) => void process.once('unhandledRejection', resolve));
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  const room = createRoom(['AAAUSDT'], { depth: 'auto', bookRangePercent: () => 0.4 });
  const answer = Promise.withResolvers<void>();
  room.exchange.books = answer.promise;
  room.exchange.restBook = () => {
    throw new TypeError('a bug of ours');
  };
  void room.feed.start();
  await room.clock.advance(3_000);
  answer.resolve();
  expect(await Promise.race([thrown, settle()])).toEqual(new TypeError('a bug of ours'));
});

test('a depth whose book never comes keeps no other from being asked for, nor the present one from being kept', async () => {
  const room = await liveRoom(['AAAUSDT'], {
    depth: 'auto',
    bookRangePercent: () => 0.4,
    depthReviewMs: 10_000 as Ms,
    auditMs: 3_600_000 as Ms,
  });
  /** How often the depth of 200 is asked for while the market is such. */
  const askedWhile = async (levels: number): Promise<number> => {
    const before = room.exchange.last.requests.length;
    room.exchange.restBook = (now) => ({ ...now, ...contiguous(1_000, levels) });
    await room.trade(60_000);
    const asked = room.exchange.last.requests.slice(before);
    return asked.filter(({ op, args }) => op === 'subscribe' && args.includes('orderbook.200.AAAUSDT')).length;
  };
  room.exchange.mute.add('orderbook.200.AAAUSDT');
  expect(await askedWhile(200)).toBeGreaterThan(2);
  expect(await askedWhile(50)).toBeLessThan(3);
  expect(await askedWhile(50)).toBe(0);
  expect(await askedWhile(200)).toBeGreaterThan(2);
  expect(room.feed.status().symbols[0]?.depth).toBe(50);
  await askedWhile(1_000);
  expect(room.feed.status().symbols[0]?.depth).toBe(1_000);
});

test('the choice of depth does not waver at its edge', async () => {
  const changes = {
    depth: 'auto',
    bookRangePercent: () => 0.4,
    depthReviewMs: 5_000 as Ms,
    auditMs: 3_600_000 as Ms,
  } as const;
  const room = await liveRoom(['AAAUSDT'], changes);
  // 50 levels reach a little less than needed, then a little more, in turn: up at once, never down again.
  for (let i = 0; i < 20; i++) {
    room.exchange.restBook = (now) => ({ ...now, ...contiguous(300, i % 2 === 0 ? 130 : 115) });
    await room.trade(5_000);
  }
  expect(room.count('book.depth')).toBe(1);
  room.exchange.restBook = (now) => ({ ...now, ...contiguous(300, 50) });
  await room.trade(10_000);
  expect(room.feed.status().symbols[0]?.depth).toBe(50);
});

test('the touch is listened to for a few in turn, and for the pinned all the time', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 1, touchTurnMs: 10_000 as Ms });
  room.feed.pin('CCCUSDT');
  const heard = new Set<string>();
  for (let i = 0; i < 40; i++) {
    await room.trade(1_000);
    const touches = [...room.exchange.last.topics].filter((topic) => topic.startsWith('orderbook.1.'));
    expect(touches.length).toBeLessThanOrEqual(3);
    expect(touches.includes('orderbook.1.CCCUSDT') || i <= 2).toBe(true);
    for (const topic of touches) heard.add(topic);
  }
  expect(heard.size).toBe(3);
});

test('a market that changes its leaders changes what is watched, without a restart', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `C${i}USDT`);
  const rules = { ...universe('auto', 6), topGainersCount: 2, topLosersCount: 2 };
  const room = await liveRoom(names, { universe: rules, updateMs: 60_000 as Ms });
  names.forEach((symbol, i) => (room.exchange.of(symbol).change = i / 100));
  await room.trade(61_000);
  expect([...room.feed.symbols()].sort()).toEqual(['C0USDT', 'C1USDT', 'C6USDT', 'C7USDT']);
  room.held.add('C7USDT');
  names.forEach((symbol, i) => (room.exchange.of(symbol).change = [0, 5, 6, 3, 2, 7, 1, 4][i] as number));
  await room.trade(62_000);
  const now = [...room.feed.symbols()].sort();
  expect(now).toContain('C7USDT');
  expect(now).toContain('C5USDT');
  expect(now).toContain('C2USDT');
  expect(room.detached).toContain('C1USDT');
  const slots = room.feed.status().symbols.map((row) => row.slot);
  expect(new Set(slots).size).toBe(slots.length);
  for (const symbol of now) expect(room.trust(symbol)).toBe('live');
  expect([...room.exchange.last.topics].some((topic) => topic.endsWith('.C1USDT'))).toBe(false);
});

test('what is to be watched from now on is chosen at once, and not when the interval of before is over', async () => {
  const room = await liveRoom(THREE, { updateMs: 14_400_000 as Ms });
  await room.trade(20_000);
  const without = { ...universe(THREE.slice(1)), exclude: THREE.slice(0, 1) };
  room.feed.changeRules(without, 14_400_000 as Ms);
  await room.clock.advance(1_000);
  expect(room.feed.symbols()).toEqual(THREE.slice(1));
  // The first change is being carried out when the second comes.
  room.feed.changeRules(universe(THREE.slice(2)), 14_400_000 as Ms);
  await room.clock.advance(0);
  room.feed.changeRules(universe(THREE), 14_400_000 as Ms);
  await room.clock.advance(5_000);
  expect([...room.feed.symbols()].sort()).toEqual([...THREE].sort());
  const reads = room.markets.length;
  room.feed.changeRules(universe(THREE), 60_000 as Ms);
  await room.clock.advance(30_000);
  expect(room.markets.length, 'nothing has changed').toBe(reads);
  await room.clock.advance(31_000);
  expect(room.markets.length, 'an interval that was shortened').toBeGreaterThan(reads);
});

test.each(['days', 'clockOffset'])(
  'with no answer to %s the list is told all the same, and told as fresh as it is',
  async (name) => {
    const room = createRoom(THREE);
    room.exchange.failing.add(name);
    void room.feed.start();
    await room.clock.advance(60_000);
    // What is held can be protected by it.
    expect(room.markets.map(({ listed, days }) => [listed.size, days.size])).toEqual([[3, 0]]);
    await room.clock.advance(2 * 3_600_000);
    expect(room.clock.monotonic() - (room.markets.at(-1)?.listedAt ?? 0)).toBeLessThan(1_900_000);
    room.exchange.failing.clear();
    await room.clock.advance(31_000);
    expect(room.markets.at(-1)?.days.size).toBe(3);
    expect(room.feed.symbols()).toEqual(THREE);
  },
);

test('chosen anew once in four hours, the market is traded by a list that is never older than an hour, and by its days (G08)', async () => {
  const rules = { ...universe('auto', 4), topGainersCount: 1, topLosersCount: 1 };
  const updateMs = (4 * 3_600_000) as Ms;
  const room = createRoom(['C0USDT', 'C1USDT', 'C2USDT', 'C3USDT'], { universe: rules, updateMs });
  const changes = (...of: number[]): void =>
    of.forEach((change, i) => (room.exchange.of(`C${i}USDT`).change = change / 100));
  changes(4, 3, 2, 1);
  void room.feed.start();
  await room.clock.advance(60_000);
  expect([...room.feed.symbols()].sort()).toEqual(['C0USDT', 'C3USDT']);
  changes(1, 4, 0, 3);
  let oldest = 0;
  for (let minutes = 0; minutes < 230; minutes++) {
    await room.clock.advance(60_000);
    oldest = Math.max(oldest, room.clock.monotonic() - (room.markets.at(-1)?.listedAt ?? 0));
  }
  expect(oldest).toBeLessThan(3_600_000);
  expect(room.markets.at(-1)?.days.get('C1USDT')?.change).toBe(0.04);
  expect([...room.feed.symbols()].sort()).toEqual(['C0USDT', 'C3USDT']);
  await room.clock.advance(20 * 60_000);
  expect([...room.feed.symbols()].sort()).toEqual(['C1USDT', 'C2USDT']);
});

test('what becomes held between two lists, and was in none, is asked for within half a second (X02)', async () => {
  const room = createRoom(['AAAUSDT', 'BBBUSDT']);
  const reads = (): number => room.exchange.calls['instruments'] ?? 0;
  room.exchange.symbols.delete('BBBUSDT');
  void room.feed.start();
  await room.clock.advance(5_000);
  room.exchange.list('BBBUSDT');
  const before = reads();
  room.held.add('BBBUSDT');
  room.feed.pin('BBBUSDT');
  room.feed.pin('AAAUSDT');
  await room.clock.advance(600);
  expect(reads()).toBe(before + 1);
  expect([...room.feed.symbols()]).toContain('BBBUSDT');
});

test('a symbol that is named and was suspended at the start is watched by the next choice after it can be traded again', async () => {
  const room = createRoom(['AAAUSDT', 'BBBUSDT']);
  room.exchange.symbols.delete('BBBUSDT');
  void room.feed.start();
  await room.clock.advance(60_000);
  expect([...room.feed.symbols()]).toEqual(['AAAUSDT']);
  room.exchange.list('BBBUSDT');
  await room.trade(300_000);
  expect([...room.feed.symbols()].sort()).toEqual(['AAAUSDT', 'BBBUSDT']);
});

test('a list that the exchange does not go by any more is read again at once, but not for every order that it refuses (O11)', async () => {
  const room = await liveRoom(['AAAUSDT']);
  const { calls } = room.exchange;
  const before = calls['instruments'] ?? 0;
  const doubtFor = async (seconds: number): Promise<number> => {
    for (let second = 0; second < seconds; second++) {
      room.feed.listDoubted();
      await room.clock.advance(1_000);
    }
    return (calls['instruments'] ?? 0) - before;
  };
  expect(await doubtFor(9)).toBe(0);
  expect(await doubtFor(10)).toBe(1);
  await room.clock.advance(60_000);
  room.exchange.restFails = true;
  expect(await doubtFor(20)).toBeLessThan(10);
  room.exchange.restFails = false;
  const whileFailing = await doubtFor(0);
  await room.clock.advance(60_000);
  expect(await doubtFor(0)).toBe(whileFailing + 1);
});

test('a list that was on its way when it was found wrong is read again all the same (O11)', async () => {
  const room = await liveRoom(['AAAUSDT']);
  await room.clock.advance(20_000);
  const answer = Promise.withResolvers<void>();
  room.exchange.lists = answer.promise;
  for (let second = 0; second < 3; second++) {
    room.feed.listDoubted();
    await room.clock.advance(1_000);
  }
  answer.resolve();
  await room.clock.advance(1_000);
  expect(room.exchange.calls['instruments']).toBe(3);
  room.feed.listDoubted();
  await room.clock.advance(1_000);
  expect(room.exchange.calls['instruments']).toBe(3);
});

test('what becomes held in a symbol that is not watched is watched at once (X03)', async () => {
  const room = createRoom(['AAAUSDT', 'BBBUSDT'], { universe: universe(['AAAUSDT']) });
  void room.feed.start();
  await room.clock.advance(5_000);
  room.held.add('BBBUSDT');
  room.feed.pin('BBBUSDT');
  await room.clock.advance(100);
  expect([...room.feed.symbols()]).toContain('BBBUSDT');
});

test('what becomes held while a choice of symbols goes on is watched as soon as that has ended (X03)', async () => {
  const room = createRoom(['AAAUSDT', 'BBBUSDT'], { universe: universe(['AAAUSDT']), depth: 'auto' });
  const answer = Promise.withResolvers<void>();
  room.exchange.books = answer.promise;
  void room.feed.start();
  await room.clock.advance(1_000);
  room.held.add('BBBUSDT');
  room.feed.pin('BBBUSDT');
  answer.resolve();
  await room.clock.advance(100);
  expect([...room.feed.symbols()]).toEqual(['AAAUSDT', 'BBBUSDT']);
  const { days } = room.exchange.calls;
  await room.trade(290_000);
  expect(room.exchange.calls['days']).toBe(days);
});

test('what is held and not in the list is asked for at once when the exchange answers again, however long it has not (X02)', async () => {
  const room = createRoom(['AAAUSDT', 'BBBUSDT']);
  room.exchange.symbols.delete('BBBUSDT');
  room.held.add('BBBUSDT');
  void room.feed.start();
  await room.clock.advance(100);
  room.exchange.restFails = true;
  room.exchange.list('BBBUSDT');
  for (const outageMs of [10_000, 60_000, 600_000]) await room.clock.advance(outageMs);
  room.exchange.restFails = false;
  await room.clock.advance(600);
  expect([...room.feed.symbols()]).toContain('BBBUSDT');
});

test.each(['PreLaunch', 'Delivering', 'Closed'])(
  'what is held in a contract that is %s, and stands in no list, is found by its name, told, and watched (X01, P13)',
  async (status) => {
    const room = createRoom(['AAAUSDT', 'BBBUSDT']);
    room.exchange.of('BBBUSDT').status = status;
    void room.feed.start();
    await room.clock.advance(5_000);
    expect([...room.feed.symbols()]).toEqual(['AAAUSDT']);
    room.held.add('BBBUSDT');
    room.feed.pin('BBBUSDT');
    await room.clock.advance(600);
    expect(room.markets.at(-1)?.listed.get('BBBUSDT')).toMatchObject({ status });
    expect([...room.feed.symbols()]).toEqual(['AAAUSDT', 'BBBUSDT']);
  },
);

test('what is held, and whose contract cannot be read, keeps nobody else from being watched, and is asked for again (X01)', async () => {
  const room = createRoom(['AAAUSDT', 'BBBUSDT']);
  room.exchange.of('BBBUSDT').status = 'Closed';
  room.exchange.failing.add('instrument');
  room.held.add('BBBUSDT');
  void room.feed.start();
  await room.clock.advance(5_000);
  expect([...room.feed.symbols()]).toEqual(['AAAUSDT']);
  room.exchange.failing.clear();
  await room.clock.advance(10_000);
  expect([...room.feed.symbols()]).toEqual(['AAAUSDT', 'BBBUSDT']);
});

test('what is held and not in the list is asked for again within half a second, and ever more seldom while it is not (X02)', async () => {
  const room = createRoom(['AAAUSDT', 'BBBUSDT']);
  const reads = (): number => room.exchange.calls['instruments'] ?? 0;
  room.exchange.symbols.delete('BBBUSDT');
  room.held.add('BBBUSDT');
  void room.feed.start();
  await room.clock.advance(100);
  expect(reads()).toBe(1);
  await room.clock.advance(500);
  expect(reads()).toBe(2);
  await room.clock.advance(600_000);
  expect(reads()).toBeLessThan(16);
  room.exchange.list('BBBUSDT');
  await room.clock.advance(301_000);
  expect([...room.feed.symbols()]).toContain('BBBUSDT');
  const found = reads();
  await room.clock.advance(600_000);
  expect(reads()).toBe(found);
});
