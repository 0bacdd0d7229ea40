// What is let go of when too much waits?
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { packSide } from '../../../src/store/rows/packed-book.ts';
import { RowQueue } from '../../../src/store/write/queue.ts';
import { density, event, execution, levels, marketStat, session, signal, snapshot, trade } from '../fixtures.ts';

test('market data makes room for events, the oldest first, and no event is ever shed for it', () => {
  const queue = new RowQueue(4);
  for (const updateId of [1, 2]) queue.push(snapshot({ updateId }));
  queue.push(marketStat());
  queue.push(event(0));
  queue.push(event(1));
  queue.push(density());
  expect(queue.dropped).toMatchObject({ orderbook_snapshots: 2, market_stats: 0, system_events: 0 });
  queue.push(signal());
  expect(queue.dropped).toMatchObject({ market_stats: 1, signals: 0 });
  queue.push(snapshot());
  expect(queue.dropped).toMatchObject({ orderbook_snapshots: 3 });
  queue.push(event(2));
  queue.push(event(3));
  expect(queue.dropped).toMatchObject({ signals: 1, densities: 1, system_events: 0 });
  for (const row of [event(4), density(), snapshot()]) queue.push(row);
  expect(queue.dropped).toMatchObject({ system_events: 1, densities: 2, orderbook_snapshots: 4 });
  expect(queue.take(10)).toEqual([event(0), event(1), event(2), event(3)]);
});

test('what is let go of: books, ranking, looks that led to nothing, densities and signals; trades and events never', () => {
  const offered = signal({ outcome: 'signal' });
  const rows = [trade(), execution(), session(), event(0), density(), offered, signal(), marketStat(), snapshot()];
  const queue = new RowQueue(rows.length);
  for (const row of rows) queue.push(row);
  const left = (): string[] => Object.entries(queue.dropped).flatMap(([table, count]) => (count > 0 ? [table] : []));
  const lost: string[][] = [];
  for (let i = 1; i <= 6; i++) {
    queue.push(event(i));
    lost.push(left());
  }
  expect(lost).toEqual([
    ['orderbook_snapshots'],
    ['market_stats', 'orderbook_snapshots'],
    ['signals', 'market_stats', 'orderbook_snapshots'],
    ['densities', 'signals', 'market_stats', 'orderbook_snapshots'],
    ['densities', 'signals', 'market_stats', 'orderbook_snapshots'],
    ['system_events', 'densities', 'signals', 'market_stats', 'orderbook_snapshots'],
  ]);
  expect(queue.dropped).toMatchObject({ signals: 2, trades: 0, executions: 0, sessions: 0, system_events: 1 });
});

test('the limit in bytes counts what a deep snapshot holds', () => {
  const packed = packSide(levels(...Array.from({ length: 10_000 }, (_, i) => [10_000 - i, 12_345] as const)));
  const queue = new RowQueue(1_000, 1 << 20);
  for (let i = 0; i < 100; i++) queue.push(snapshot({ packedBids: packed, packedAsks: packed }));
  expect(queue.size).toBeGreaterThan(3);
  expect(queue.size).toBeLessThan(20);
  expect(queue.take(500, 300_000).length).toBeLessThan(5);
});

test('of books the newest stay, and they too come out', () => {
  const queue = new RowQueue(2);
  for (const updateId of [1, 2, 3]) queue.push(snapshot({ updateId }));
  expect(queue.dropped.orderbook_snapshots).toBe(1);
  expect(queue.take(10)).toEqual([snapshot({ updateId: 2 }), snapshot({ updateId: 3 })]);
});

test('what is settled makes room for as much again, for as long as there is somebody to take it', () => {
  const queue = new RowQueue(1_000, 4_000);
  for (let i = 0; i < 200; i++) {
    queue.push(event(i));
    expect(queue.take(10)).toEqual([event(i)]);
    queue.settle();
  }
  expect(queue.dropped.system_events).toBe(0);
});

test('rows that have passed do not stay in memory, however many they become', async () => {
  const queue = new RowQueue();
  const passed = Array.from({ length: 2_000 }, (_, i) => {
    const row = event(i);
    queue.push(row);
    queue.take(1);
    queue.settle();
    return new WeakRef(row);
  });
  // What was looked at in a turn of the loop is held to its end.
  await new Promise((resolve) => setImmediate(resolve));
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  expect(passed.filter((row) => row.deref() !== undefined).length).toBeLessThan(1_024);
  expect(queue.size).toBe(0);
});

test('a criterion that could not be reckoned has its room too', () => {
  const queue = new RowQueue(10, 1_000);
  const row = signal({ criteria: [{ name: 'trend', value: null, threshold: null, passed: false }] });
  queue.push(row);
  expect(queue.take(10)).toEqual([row]);
});

test('a batch stays counted, and is the same one, until it is settled', () => {
  const queue = new RowQueue();
  queue.push(marketStat());
  for (let i = 0; i < 5; i++) queue.push(event(i));
  expect(queue.take(3)).toEqual([event(0), event(1), event(2)]);
  expect(queue.take(3)).toEqual([event(0), event(1), event(2)]);
  expect(queue.size).toBe(6);
  queue.settle();
  expect(queue.size).toBe(3);
  expect(queue.take(3)).toEqual([event(3), event(4), marketStat()]);
  queue.settle();
  expect(queue.take(3)).toEqual([]);
});

test('a hundred thousand rows pass in order', () => {
  const queue = new RowQueue(200_000);
  for (let i = 0; i < 100_000; i++) queue.push(event(i));
  let expected = 0;
  for (let rows = queue.take(777); rows.length > 0; rows = queue.take(777)) {
    for (const row of rows) if (row.table === 'system_events' && row.ordinal === expected) expected++;
    queue.settle();
  }
  expect(expected).toBe(100_000);
});
