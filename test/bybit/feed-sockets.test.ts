// Does the connection live, die and return as it should? (W01, W02, W04, W05, W07)
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import { Budget } from '../../src/bybit/budget.ts';
import type { LinkEvents } from '../../src/bybit/feed/dial.ts';
import { PublicSocket, type SocketOptions } from '../../src/bybit/feed/public-socket.ts';
import { shardWithRoom, type Shard } from '../../src/bybit/feed/shard.ts';
import { chunks, Subscriptions } from '../../src/bybit/feed/subscriptions.ts';
import { bookTopic, tickerTopic, touchTopic, tradeTopic, type Watched } from '../../src/bybit/feed/watched.ts';
import type { Usdt } from '../../src/market/units.ts';
import { createRoom, liveRoom, universe } from './feed-room.ts';
import { ScriptedExchange } from './scripted-exchange.ts';
import { createVirtualClock } from './virtual-clock.ts';

const THREE = ['AAAUSDT', 'BBBUSDT', 'CCCUSDT'];

test('W01: a half-open link is given up 10 s after its last word, and the books live on a new one', async () => {
  const room = await liveRoom(THREE);
  await room.trade(30_000);
  room.exchange.last.isDeaf = true;
  await room.trade(9_000);
  expect(room.exchange.conversations).toHaveLength(1);
  expect(room.trust('AAAUSDT')).toBe('stale');
  await room.trade(4_500);
  expect(room.exchange.conversations).toHaveLength(2);
  await room.trade(1_000);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
  expect(room.book('AAAUSDT')).toBe(room.theirs('AAAUSDT'));
});

/** One socket to an exchange of its own. */
function socketOf(buffered = (): number => 0, changes: Partial<SocketOptions> = {}) {
  const clock = createVirtualClock();
  const exchange = new ScriptedExchange(clock, THREE);
  let connections = 0;
  const socket = new PublicSocket(
    {
      name: 'public-1',
      url: 'ws://127.0.0.1:1',
      dial: (url, events) => ({ ...exchange.dial(url, events), buffered }),
      clock,
      rng: createRng(3),
      budget: new Budget(60, 300_000 as Ms),
      nextConnection: () => ++connections,
      reconnectMsInitial: 1_000 as Ms,
      reconnectMsMax: 30_000 as Ms,
      report: () => undefined,
      ...changes,
    },
    { opened: () => undefined, frame: () => undefined, closed: () => undefined },
  );
  socket.start();
  return { clock, exchange, socket };
}

test('W01: a quiet link that answers pings is kept, one that does not is left', async () => {
  const { clock, exchange, socket } = socketOf();
  await clock.advance(120_000);
  expect(exchange.conversations).toHaveLength(1);
  expect(exchange.last.requests.every((request) => request.op === 'ping')).toBe(true);
  exchange.last.isDeaf = true;
  await clock.advance(18_000);
  expect(exchange.conversations).toHaveLength(2);
  socket.stop();
});

test('W16: a peer that reads nothing is left with what it has not taken, one that is a megabyte behind is not yet', async () => {
  let waiting = 1_048_576;
  const { clock, exchange, socket } = socketOf(() => waiting);
  expect(socket.send('{}')).toBe(false);
  await clock.advance(10);
  expect(socket.send('{"op":"ping","args":[]}')).toBe(true);
  waiting++;
  expect(socket.send('{"op":"ping","args":[]}')).toBe(false);
  expect(exchange.last.isOpen).toBe(false);
  expect(socket.send('{}')).toBe(false);
  await clock.advance(1_100);
  expect(exchange.conversations).toHaveLength(2);
  socket.stop();
  expect(exchange.last.isOpen).toBe(false);
});

test('W16: the silence of a link that was left for what it has not taken cuts no dial of the next one', async () => {
  let waiting = 0;
  const dialled: LinkEvents[] = [];
  const { clock, socket } = socketOf(undefined, {
    reconnectMsInitial: 50 as Ms,
    dial(_url, events) {
      dialled.push(events);
      return { send: () => undefined, buffered: () => waiting, terminate: () => undefined };
    },
  });
  dialled[0]?.open();
  await clock.advance(9_500);
  waiting = 2 ** 21;
  // After a stall the link is asked once more before it is judged.
  await clock.stall(3_500);
  await clock.advance(1_000);
  expect([dialled.length, socket.reconnects, socket.state]).toEqual([2, 1, 'connecting']);
  socket.stop();
});

test('a link that is being opened for ten seconds, a byte at a time, is given up and dialled anew; one that is open is not', async () => {
  const dialled: LinkEvents[] = [];
  const ended: number[] = [];
  const { clock, socket } = socketOf(undefined, {
    reconnectMsInitial: 50 as Ms,
    dial(_url, events) {
      const number = dialled.push(events);
      return { send: () => undefined, buffered: () => 0, terminate: () => void ended.push(number) };
    },
  });
  await clock.advance(9_900);
  expect([dialled.length, socket.state]).toEqual([1, 'connecting']);
  await clock.advance(200);
  expect([dialled.length, ended, socket.reconnects]).toEqual([2, [1], 1]);
  dialled[1]?.open();
  for (let second = 0; second < 15; second++) {
    dialled[1]?.message(Buffer.from('{}'));
    await clock.advance(1_000);
  }
  expect([dialled.length, socket.state]).toEqual([2, 'open']);
  socket.stop();
  expect(clock.waiting()).toBe(0);
});

test('a socket that is stopped while it waits for its next dial makes none', async () => {
  const { clock, exchange, socket } = socketOf();
  await clock.advance(10);
  socket.reconnect('for a reason');
  socket.stop();
  await clock.advance(120_000);
  expect(exchange.conversations).toHaveLength(1);
});

test('W02: after the loop stood still for a minute no link and no symbol is judged before its mail is read', async () => {
  const room = await liveRoom(THREE);
  await room.trade(20_000);
  await room.clock.stall(60_000);
  // The frames of that minute are read only now.
  await room.trade(5_000);
  expect(room.exchange.conversations).toHaveLength(1);
  expect(room.count('book.stale')).toBe(0);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
});

/** A quiet link whose answers are half a second on their way. */
function distantSocket() {
  const dialled: LinkEvents[] = [];
  const told: number[] = [];
  const pong = new TextEncoder().encode('{"success":true,"ret_msg":"pong","op":"ping"}');
  const { clock, socket } = socketOf(undefined, {
    dial(_url, events) {
      dialled.push(events);
      const send = (): void => {
        told.push(clock.monotonic());
        clock.after(500 as Ms, () => events.message(pong));
      };
      return { send, buffered: () => 0, terminate: () => undefined };
    },
  });
  dialled[0]?.open();
  return { clock, socket, told, hear: () => dialled[0]?.message(pong) };
}

test('W02: a quiet link whose answers take half a second outlives a loop that stands still for twelve', async () => {
  const { clock, socket } = distantSocket();
  await clock.advance(60_000);
  await clock.stall(12_000);
  await clock.advance(60_000);
  expect([socket.state, socket.reconnects]).toEqual(['open', 0]);
  socket.stop();
});

test('W01: a busy link of a loop that stands still now and then is pinged every 20 s all the same', async () => {
  const { clock, socket, told, hear } = distantSocket();
  const began = clock.monotonic();
  for (let i = 0; i < 30; i++) {
    for (let second = 0; second < 7; second++) {
      hear();
      await clock.advance(1_000);
    }
    await clock.stall(3_000);
  }
  const pauses = told.map((at, i) => at - (told[i - 1] ?? began));
  expect([pauses.length, Math.max(...pauses) <= 23_000, socket.reconnects]).toEqual([told.length, true, 0]);
  expect(told.length).toBeGreaterThan(12);
  socket.stop();
});

test('W04: a flapping host is dialled at most 60 times in 5 minutes over all sockets, and it is said', async () => {
  const many = Array.from({ length: 30 }, (_, i) => `C${i}USDT`);
  const room = createRoom(many, { topicsPerConnectionMax: 5, reconnectMsMax: 2_000 as Ms });
  room.exchange.isRefusing = true;
  void room.feed.start();
  await room.clock.advance(299_000);
  expect(room.exchange.conversations).toHaveLength(60);
  expect(room.count('ws.budget_exhausted')).toBeGreaterThan(0);
  room.exchange.isRefusing = false;
  await room.clock.advance(20_000);
  expect(room.exchange.conversations.length).toBeGreaterThan(60);
  expect(room.exchange.conversations.length).toBeLessThanOrEqual(120);
  room.feed.stop();
});

test('W05: a host that accepts and hangs up is approached ever more slowly; 60 s of data forgive it', async () => {
  const room = await liveRoom(THREE);
  const waits = (): number[] =>
    room.events.filter((event) => event.type === 'ws.closed').map((event) => event.details.failures as number);
  for (let i = 0; i < 5; i++) {
    room.exchange.cut();
    await room.trade(33_000);
    expect(room.trust('AAAUSDT')).toBe('live');
  }
  // Up to half a minute of life each time: not enough.
  expect(waits()).toEqual([1, 2, 3, 4, 5]);
  await room.trade(65_000);
  room.exchange.cut();
  expect(waits().at(-1)).toBe(1);
});

test.each([
  ['by its name', false],
  ['without a name', true],
])('W07: a topic refused %s spoils its request once; then it is tried alone with patience', async (_how, isVague) => {
  const room = createRoom(THREE);
  room.exchange.unknown.add('tickers.BBBUSDT');
  room.exchange.isVague = isVague;
  void room.feed.start();
  await room.clock.advance(200);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
  await room.trade(60_000);
  const tries = room.exchange.last.requests.filter((request) => request.args.includes('tickers.BBBUSDT'));
  expect(tries.slice(1).every((request) => request.args.length === 1)).toBe(true);
  expect(tries.length).toBeLessThan(12);
  expect(room.count('feed.topic_refused')).toBeGreaterThan(1);
  room.exchange.unknown.clear();
  await room.trade(31_000);
  expect(room.exchange.last.topics.has('tickers.BBBUSDT')).toBe(true);
  // Once it has come the patience with it begins anew.
  room.exchange.unknown.add('tickers.BBBUSDT');
  room.exchange.dead.add('tickers.BBBUSDT');
  const refused = room.events.length;
  await room.trade(40_000);
  const failures = room.events.slice(refused).map(({ details }) => details.failures);
  expect(failures.find((count) => count !== undefined)).toBe(1);
});

test('W07: however many topics a connection may carry, what it asks for stays below the 21,000 characters of the exchange', () => {
  const watched = new Set<Watched>();
  const shard = { watched } as unknown as Shard;
  for (let i = 100; shardWithRoom([shard], `COIN${i}USDT`, 2_000) !== undefined; i++)
    watched.add({ symbol: `COIN${i}USDT` } as Watched);
  const topics = [...watched].flatMap(({ symbol }) => [
    ...([200, 1_000] as const).map((depth) => bookTopic(symbol, depth)),
    ...[touchTopic, tradeTopic, tickerTopic].map((topic) => topic(symbol)),
  ]);
  expect(JSON.stringify(topics).length).toBeLessThan(21_000);
  expect(watched.size).toBeGreaterThan(100);
});

test('W07: a topic that is already subscribed poisons the request; it is left and asked for anew', async () => {
  const room = createRoom(THREE);
  const started = room.feed.start();
  await room.clock.advance(1);
  room.exchange.last.topics.add('orderbook.50.BBBUSDT');
  await room.clock.advance(3_000);
  await started;
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
});

test('W07: a refusal that names nobody is resolved by asking one by one', async () => {
  const room = createRoom(THREE);
  room.exchange.isIgnoring = true;
  const started = room.feed.start();
  await room.clock.advance(100);
  await started;
  room.exchange.isIgnoring = false;
  for (const request of room.exchange.last.requests) {
    room.exchange.raw(
      JSON.stringify({ success: false, ret_msg: 'Params Error', req_id: request.req_id, op: request.op }),
    );
  }
  await room.clock.advance(100);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
});

test('W07: a connection that answers pings and brings nothing to anybody is dialled anew, once a minute', async () => {
  const room = createRoom(THREE);
  room.exchange.isIgnoring = true;
  void room.feed.start();
  await room.clock.advance(15_000);
  expect(room.exchange.conversations).toHaveLength(1);
  await room.clock.advance(285_000);
  expect(room.exchange.conversations.length).toBeGreaterThan(3);
  expect(room.exchange.conversations.length).toBeLessThanOrEqual(6);
  // What is wrong with the one is not wrong with the next.
  const before = room.exchange.conversations.length;
  while (room.exchange.conversations.length === before) await room.clock.advance(1);
  room.exchange.isIgnoring = false;
  await room.clock.advance(1_000);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
});

test('W07: where one symbol of a connection was never heard its neighbours keep it', async () => {
  const room = createRoom(THREE);
  for (const topic of ['orderbook.50', 'orderbook.1', 'tickers']) room.exchange.mute.add(`${topic}.AAAUSDT`);
  void room.feed.start();
  await room.trade(120_000);
  expect(room.exchange.conversations).toHaveLength(1);
  expect(THREE.map(room.trust)).toEqual(['syncing', 'live', 'live']);
});

test('W07: an acknowledgement without data is not believed: asked again after 5 s', async () => {
  const room = createRoom(THREE);
  room.exchange.mute.add('orderbook.50.CCCUSDT');
  const started = room.feed.start();
  await room.clock.advance(1_000);
  await started;
  expect(room.trust('CCCUSDT')).toBe('syncing');
  room.exchange.mute.clear();
  await room.clock.advance(6_500);
  expect(room.trust('CCCUSDT')).toBe('live');
  expect(room.events.some((event) => event.type === 'feed.topic_unconfirmed' && event.symbol === 'CCCUSDT')).toBe(true);
});

test('W07: an unsubscription that is not answered is waited for two seconds, and the book lives after all', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 0 });
  const { last } = room.exchange;
  const before = last.requests.length;
  room.exchange.change('BBBUSDT', 'b', '99.95', '9.0', false);
  room.exchange.change('BBBUSDT', 'b', '99.94', '8.0');
  last.isDeaf = true;
  await room.clock.advance(100);
  last.isDeaf = false;
  const asked = (): string[] => last.requests.slice(before).map(({ op, args }) => `${op} ${args.join()}`);
  await room.trade(1_800, 100);
  expect(asked()).toEqual(['unsubscribe orderbook.50.BBBUSDT']);
  await room.trade(600, 100);
  expect(asked()).toContain('subscribe orderbook.50.BBBUSDT');
  await room.trade(3_000);
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
});

test('W16: what was to be asked for when the peer took no more is asked for on the next connection', async () => {
  const room = await liveRoom(THREE, { touchPlaces: 1, touchTurnMs: 5_000 as Ms });
  await room.trade(2_000);
  const { last } = room.exchange;
  const before = new Set([...last.topics].filter((topic) => topic.startsWith('orderbook.1.')));
  room.exchange.untaken = 2 ** 21;
  while (last.isOpen) await room.trade(500);
  expect(last.requests.at(-1)).toMatchObject({ op: 'unsubscribe', args: [...before] });
  room.exchange.untaken = 0;
  await room.trade(2_500);
  expect(room.exchange.conversations).toHaveLength(2);
  expect([...room.exchange.last.topics].filter((topic) => topic.startsWith('orderbook.1.'))).toHaveLength(1);
});

test('W07: a touch and a ticker that bring nothing are not believed because their book speaks', async () => {
  const room = createRoom(THREE);
  const silent = ['orderbook.1.AAAUSDT', 'tickers.AAAUSDT'];
  for (const topic of silent) room.exchange.mute.add(topic);
  void room.feed.start();
  await room.trade(8_000);
  const unproven = room.events.filter(({ type }) => type === 'feed.topic_unconfirmed');
  expect(new Set(unproven.map(({ details }) => details.topic))).toEqual(new Set(silent));
});

test('W07: no request carries more than 10 topics or 10,000 characters, and none is forgotten', () => {
  const rng = createRng(11);
  for (let round = 0; round < 200; round++) {
    const names = Array.from({ length: rng.below(60) }, (_, i) => `orderbook.50.${'X'.repeat(rng.below(3_000))}${i}`);
    const split = chunks(names);
    expect(split.flat()).toEqual(names);
    for (const chunk of split) {
      expect(chunk.length).toBeLessThanOrEqual(10);
      expect(JSON.stringify(chunk).length).toBeLessThanOrEqual(10_000);
    }
  }
});

test('symbols are shared out over connections, all topics of one symbol on one', async () => {
  const many = Array.from({ length: 9 }, (_, i) => `C${i}USDT`);
  const room = await liveRoom(many, { topicsPerConnectionMax: 15 });
  expect(room.exchange.conversations).toHaveLength(3);
  for (const conversation of room.exchange.conversations) {
    const symbols = [...conversation.topics].map((topic) => topic.slice(topic.lastIndexOf('.') + 1));
    expect(new Set(symbols).size).toBe(3);
  }
  room.exchange.cut(room.exchange.conversations[0]);
  const live = many.filter((symbol) => room.trust(symbol) === 'live');
  expect(live).toHaveLength(6);
  await room.clock.advance(1_500);
  expect(many.map(room.trust)).toEqual(many.map(() => 'live'));
});

test('a connection that is needed no more takes none of the reconnections away that it was counted for', async () => {
  const room = await liveRoom(['AAAUSDT', 'BBBUSDT'], { topicsPerConnectionMax: 5, universe: universe('auto') });
  room.exchange.conversations.forEach((conversation) => room.exchange.cut(conversation));
  await room.trade(5_000);
  expect(room.feed.status()).toMatchObject({ reconnects: 2, sockets: [{ reconnects: 1 }, { reconnects: 1 }] });
  room.exchange.of('BBBUSDT').turnover = 0;
  await room.trade(330_000, 2_000);
  expect(room.feed.status()).toMatchObject({ reconnects: 2, sockets: [{ reconnects: 1 }] });
});

test('an exchange that cannot be asked at the start is asked until it answers', async () => {
  const room = createRoom(THREE);
  room.exchange.restFails = true;
  let isStarted = false;
  const started = room.feed.start().then(() => (isStarted = true));
  await room.clock.advance(20_000);
  expect(isStarted).toBe(false);
  expect(room.count('universe.refresh_failed')).toBeGreaterThan(2);
  expect(room.feed.status().waitsFor).toBe('instruments: ECONNREFUSED');
  room.exchange.restFails = false;
  await room.trade(31_000);
  await started;
  expect(THREE.map(room.trust)).toEqual(['live', 'live', 'live']);
  expect(room.feed.status().waitsFor).toBeUndefined();
  room.exchange.conversations.forEach((conversation) => room.exchange.cut(conversation));
  expect(room.feed.status().waitsFor).toBe('no market data connection is open');
});

test('before the market has been read nobody says that no coin has passed what is asked of it', async () => {
  const room = createRoom(THREE);
  const started = room.feed.start();
  expect(room.feed.status().waitsFor).toBe('no market data connection is open');
  await room.clock.advance(1_000);
  await started;
  expect(room.feed.status().waitsFor).toBeUndefined();
});

test('where no coin passes what is asked of it, that is said, and not that a connection is missing', async () => {
  const asked = { ...universe('auto'), min24hVolume: 1e12 as Usdt };
  const room = await liveRoom(THREE, { universe: asked });
  expect([room.count('universe.empty'), room.feed.status().waitsFor]).toEqual([
    1,
    'no symbol is watched: none has passed what the section market asks for',
  ]);
  room.feed.changeRules(universe('auto'), 300_000 as Ms);
  await room.clock.advance(2_000);
  expect(room.feed.status().waitsFor).toBeUndefined();
});

test.each([
  ['a list of symbols that nobody knows', universe(['GONEUSDT'])],
  ['a turnover that no symbol has', { ...universe('auto'), min24hVolume: 1e12 as Usdt }],
] as const)('%s leaves nothing to watch, and that is said: no quiet market looks like it', async (_, rules) => {
  const room = createRoom(THREE, { universe: rules });
  const started = room.feed.start();
  await room.clock.advance(1_000);
  await started;
  expect(room.events.filter(({ type }) => type === 'universe.empty')).toMatchObject([{ severity: 'warning' }]);
});

test('once stopped, nothing is dialled, asked or timed any more', async () => {
  const room = await liveRoom(THREE);
  await room.trade(5_000);
  // One book waits for the second look at its grid.
  const scripted = room.exchange.of('AAAUSDT');
  scripted.bids = new Map([['100.0005', '7.0'], ...scripted.bids]);
  room.exchange.snapshot('orderbook.50.AAAUSDT');
  await room.clock.advance(50);
  room.feed.stop();
  expect(room.exchange.last.isOpen).toBe(false);
  const { calls } = room.exchange;
  const before = JSON.stringify(calls);
  const requests = room.exchange.last.requests.length;
  room.held.add('LATEUSDT');
  room.feed.pin('LATEUSDT');
  await room.clock.advance(10);
  expect(room.clock.waiting()).toBe(0);
  await room.clock.advance(600_000);
  expect(JSON.stringify(calls)).toBe(before);
  expect(room.exchange.last.requests.length).toBe(requests);
  expect(room.exchange.conversations).toHaveLength(1);
});

test('an exchange that answers no request is not waited for without end: of a thousand and one the oldest is forgotten', async () => {
  const clock = createVirtualClock();
  const sent: string[] = [];
  const subscriptions = new Subscriptions({
    clock,
    rng: createRng(1),
    report: () => undefined,
    send: (text) => sent.push(text) > 0,
    waiting: () => undefined,
    confirmed: () => undefined,
  });
  subscriptions.opened();
  for (let i = 0; i < 10_010; i++) subscriptions.want(`publicTrade.C${i}USDT`, 'ack');
  await clock.advance(1);
  expect(sent).toHaveLength(1_001);
  for (const requestId of ['s1', 's2']) subscriptions.answered({ op: 'subscribe', requestId, success: true, text: '' });
  const proved = [0, 10].map((i) => subscriptions.isConfirmed(`publicTrade.C${i}USDT`));
  expect(proved).toEqual([false, true]);
});
