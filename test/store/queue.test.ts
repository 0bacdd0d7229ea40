// What is let go of when too much waits?
import { expect, test } from 'vitest';
import { RowQueue } from '../../src/store/queue.ts';
import { density, event, marketStat, signal, snapshot } from './fixtures.ts';

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
  expect(queue.dropped).toMatchObject({ system_events: 1 });
  expect(queue.take(10)).toEqual([event(0), event(1), density(), signal()]);
});

test('the limit in bytes counts what a deep snapshot holds', () => {
  const levels = Array.from({ length: 1_000 }, (_, i) => [`0.${10_000 + i}`, '12345'] as const);
  const queue = new RowQueue(1_000, 1 << 20);
  for (let i = 0; i < 100; i++) queue.push(snapshot({ bids: levels, asks: levels }));
  expect(queue.size).toBeGreaterThan(3);
  expect(queue.size).toBeLessThan(20);
  expect(queue.take(500, 300_000).length).toBeLessThan(5);
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
