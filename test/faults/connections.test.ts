// Connections that are cut, refused or dead: are books believed only while they are told, and do all come back?
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRoom, type Room, soon, until } from './room.ts';

let room: Room;

// An exchange and an engine of their own for each: a connection that fails again is dialled later by design.
beforeEach(async () => {
  room = await openRoom({ seed: 5, symbols: 8 });
});
afterEach(() => room.close());

const live = (): number => room.engine.status().books.live;
const closings = () => room.ledger.happened('ws.closed');

test('a connection that is cut is dialled anew, and every book starts from a new snapshot', async () => {
  const by = soon();
  await room.fault({ kind: 'cut' });
  await until('books out of use', () => live() === 0, by);
  await room.agrees(by);
  expect(closings()).toHaveLength(1);
  expect(room.ledger.happened('ws.open')).toHaveLength(2);
});

test('an exchange that refuses connections is asked again until it takes them', async () => {
  await room.fault({ kind: 'refuse-connections', ms: 600_000 });
  await room.fault({ kind: 'cut' });
  await until('two refusals', () => closings().length === 3);
  expect(live()).toBe(0);
  const by = soon();
  await room.fault({ kind: 'clear' });
  await room.agrees(by);
  expect(room.ledger.happened('ws.open')).toHaveLength(2);
});

test('one bad topic spoils neither the others of its request nor its symbol', async () => {
  const symbol = room.symbols[0] as string;
  const topic = `orderbook.${room.depthOf(symbol)}.${symbol}`;
  await room.fault({ kind: 'reject-topic', topic });
  await room.fault({ kind: 'cut' });
  await until('all other books live', () => live() === room.symbols.length - 1 && room.trustOf(symbol) === 'syncing');
  const refused = room.ledger.happened('feed.topic_refused');
  expect(new Set(refused.map(({ details }) => (details as { topic: string }).topic))).toEqual(new Set([topic]));
  const { topics } = await room.exchange.state();
  expect([topics[topic], topics[`publicTrade.${symbol}`], topics[`tickers.${symbol}`]]).toEqual([undefined, 1, 1]);
  const by = soon();
  await room.fault({ kind: 'clear' });
  await room.agrees(by);
});

test('a half-open connection is noticed by its silence, and no book is believed meanwhile', async () => {
  await room.fault({ kind: 'half-open' });
  await until('no book in use', () => live() === 0);
  expect(room.ledger.happened('book.stale').length).toBeGreaterThan(0);
  expect(closings()).toEqual([]);
  await until('the end of the connection', () => closings().length > 0);
  const by = soon();
  expect(closings()).toMatchObject([{ details: { reason: 'silent' } }]);
  await room.agrees(by);
  expect(room.ledger.happened('ws.open')).toHaveLength(2);
});
