// Does the public stream answer as the real one does? Plain ws against a real socket.
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Simulator } from '../../src/simulator/server.ts';
import { createVirtualClock } from '../bybit/virtual-clock.ts';
import { get, openExchange, type Heard, Subscriber } from './exchange-room.ts';

let exchange: Simulator;
let subscriber: Subscriber;

beforeAll(async () => {
  exchange = await openExchange();
});
afterAll(() => exchange.close());
afterEach(() => subscriber.socket.terminate());

async function join(): Promise<Subscriber> {
  subscriber = await Subscriber.connect(exchange.publicUrl);
  return subscriber;
}

const topicsHeld = async (): Promise<unknown> => (await get(exchange.controlUrl, '/state')).body['topics'];
const firstOf =
  (topic: string) =>
  (heard: Heard): boolean =>
    heard.topic === topic;

test('a ping is answered with op ping and ret_msg pong, and the id that came with it', async () => {
  await join();
  const withId = await subscriber.ask({ op: 'ping', req_id: 'p1' });
  expect(withId.text).toMatch(/^\{"success":true,"ret_msg":"pong","conn_id":"[\w-]+","req_id":"p1","op":"ping"\}$/);
  const without = await subscriber.ask({ op: 'ping' });
  expect(without.text).toBe(withId.text.replace('"p1"', '""'));
  subscriber.say('{"op":"subscribe"');
  expect(await subscriber.next(({ success }) => success === false)).toMatchObject({ op: '' });
  expect(await subscriber.ask({ op: 'order' })).toMatchObject({ success: false });
  expect(await subscriber.ask({ op: 'subscribe', args: [] })).toMatchObject({ success: false });
  expect(await subscriber.ask({ op: 'subscribe', args: [7] })).toMatchObject({ success: false });
});

test('the snapshot and the deltas that queued behind it come before the acknowledgement', async () => {
  await join();
  const topics = ['orderbook.50.SOLUSDT', 'orderbook.200.SOLUSDT', 'tickers.SOLUSDT', 'publicTrade.SOLUSDT'];
  const ack = await subscriber.ask({ op: 'subscribe', req_id: 's1', args: topics });
  expect(ack.text).toMatch(/^\{"success":true,"ret_msg":"","conn_id":"[\w-]+","req_id":"s1","op":"subscribe"\}$/);
  const before = subscriber.heard.slice(0, subscriber.heard.indexOf(ack));
  const snapshots = before.filter(({ topic, type }) => type === 'snapshot' && !topic?.startsWith('publicTrade'));
  expect(snapshots.map(({ topic }) => topic)).toEqual(topics.slice(0, 3));
  await subscriber.next(({ topic, type }) => topic === topics[1] && type === 'delta', 0);
  for (const topic of topics.slice(0, 2)) {
    const book = subscriber.book(topic, subscriber.of(topic).at(-1)?.data.u ?? 0);
    expect(book.complaints).toEqual([]);
  }
});

test('a late subscriber of a running topic joins it where it is', async () => {
  const first = await join();
  await first.subscribe('orderbook.50.DOGEUSDT');
  await first.next(({ type }) => type === 'delta');
  const second = await Subscriber.connect(exchange.publicUrl);
  await second.subscribe('orderbook.50.DOGEUSDT');
  const delta = await second.next(({ type }) => type === 'delta');
  const u = delta.data?.u ?? 0;
  await first.next(({ data }) => data?.u === u, 0);
  expect(second.book('orderbook.50.DOGEUSDT', u).levels()).toEqual(first.book('orderbook.50.DOGEUSDT', u).levels());
  second.socket.terminate();
});

test.each([
  ['is subscribed already', ['orderbook.50.BTCUSDT'], 'error:already subscribed,topic:orderbook.50.BTCUSDT'],
  ['stands twice in the request', ['tickers.ETHUSDT'], 'error:already subscribed,topic:tickers.ETHUSDT'],
  ['has a depth that was removed', ['orderbook.500.ETHUSDT'], 'error:handler not found,topic:orderbook.500.ETHUSDT'],
  ['names no contract', ['publicTrade.NOSUCHUSDT'], 'error:handler not found,topic:publicTrade.NOSUCHUSDT'],
  ['is of no kind', ['order.ETHUSDT'], 'error:handler not found,topic:order.ETHUSDT'],
])('one topic that %s poisons the whole request', async (_, bad, message) => {
  await join();
  await subscriber.subscribe('orderbook.50.BTCUSDT');
  const answer = await subscriber.subscribe('publicTrade.ETHUSDT', 'tickers.ETHUSDT', ...bad);
  expect(answer).toMatchObject({ success: false, ret_msg: message });
  expect(await topicsHeld()).toEqual({ 'orderbook.50.BTCUSDT': 1 });
  const rest = await subscriber.subscribe('publicTrade.ETHUSDT', 'tickers.ETHUSDT');
  expect(rest.success).toBe(true);
});

test('the topics of one connection have at most 21,000 characters', async () => {
  const wide = await openExchange({ symbols: 200 });
  const many = await Subscriber.connect(wide.publicUrl);
  const symbols = wide.market.contracts.map(({ listing }) => listing.symbol);
  const kinds = ['publicTrade', 'tickers', 'orderbook.50', 'orderbook.200', 'orderbook.1000'];
  const topics = kinds.flatMap((kind) => symbols.map((symbol) => `${kind}.${symbol}`));
  expect(await many.subscribe(...topics)).toMatchObject({ success: false, ret_msg: expect.stringContaining('21000') });
  expect(await many.subscribe(...topics.slice(0, 200))).toMatchObject({ success: true });
  many.socket.terminate();
  await wide.close();
});

test('after an unsubscription nothing comes of the topic, and a new subscription begins with a snapshot', async () => {
  await join();
  const topic = 'orderbook.50.SOLUSDT';
  await subscriber.subscribe(topic, 'orderbook.50.XRPUSDT');
  await subscriber.next(firstOf(topic));
  const ack = await subscriber.unsubscribe(topic);
  expect(ack).toMatchObject({ success: true, op: 'unsubscribe' });
  const from = subscriber.heard.length;
  for (let i = 0; i < 20; i++) await subscriber.next(firstOf('orderbook.50.XRPUSDT'));
  expect(subscriber.heard.slice(from).filter(firstOf(topic))).toEqual([]);
  const again = subscriber.next(firstOf(topic));
  await subscriber.subscribe(topic);
  expect((await again).type).toBe('snapshot');
});

test('whoever asks for another path is told that it does not exist', async () => {
  await expect(Subscriber.connect(exchange.publicUrl.replace('linear', 'spot'))).rejects.toThrow('404');
});

test('a subscriber who leaves takes his subscriptions along', async () => {
  await join();
  await subscriber.subscribe('orderbook.50.SOLUSDT');
  subscriber.socket.close();
  await subscriber.closed;
  await expect.poll(topicsHeld).toEqual({});
});

test('a client whom the machine cannot let in, as where it may open no more files, costs the market nothing', async () => {
  const create = vi.spyOn(http, 'createServer');
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  syncBuiltinESMExports();
  const clock = createVirtualClock();
  const opened = await openExchange({ symbols: 1, truthFile: '/dev/null' }, clock);
  create.mock.results[0]?.value.emit('error', new Error('accept ENFILE'));
  const before = opened.market.nowMs;
  await clock.advance(100);
  expect(opened.market.nowMs).toBeGreaterThan(before);
  await opened.close();
});
