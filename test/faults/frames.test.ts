// Frames that are lost, doubled, swapped, cut or spoilt on their way: does the book come right, and only that book?
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRoom, type Room, soon, until } from './room.ts';

let room: Room;

beforeAll(async () => {
  room = await openRoom();
});
afterAll(() => room.close());

// A symbol of its own for each, because the second break of a book within a minute is mended more slowly by design.
test.each([
  ['a dropped delta', 'drop-delta', 'book.gap', 'sequence'],
  ['a delta that comes twice', 'duplicate-delta', 'book.gap', 'sequence'],
  ['two deltas in the wrong order', 'reorder-deltas', 'book.gap', 'sequence'],
  ['a truncated frame', 'truncate-frame', 'book.gap', 'unreadable'],
  ['a size that is no plain number', 'corrupt-number', 'book.gap', 'unreadable'],
  ['a crossed book', 'crossed-book', 'book.crossed', 'crossed'],
  ['a price off the grid', 'off-grid', 'instrument.grid_mismatch', 'off-grid'],
] as const)('%s costs one resync of its own symbol', async (_, kind, event, reason) => {
  const symbol = nextSymbol();
  const { gaps } = room.engine.status();
  const resynced = await room.resyncedBy(async () => {
    const by = soon();
    await room.fault({ kind, symbol });
    await until(event, () => room.ledger.happened(event, symbol).length > 0, by);
    await until('a resync', () => room.ledger.happened('feed.resync', symbol).length > 0, by);
    await room.agrees(by);
  });
  expect(room.ledger.happened(event, symbol).map(({ details }) => details)).toMatchObject([{ reason }]);
  expect(room.ledger.happened('feed.resync', symbol)).toHaveLength(1);
  expect(room.engine.status().gaps).toBe(gaps + 1);
  expect(resynced).toEqual([symbol]);
});

test.each([
  ['a snapshot with u = 1 after a restart of the exchange', 'restart-u1'],
  ['a snapshot among the deltas', 'snapshot-midstream'],
] as const)('%s replaces the book and is no gap', async (_, kind) => {
  const symbol = nextSymbol();
  const { gaps } = room.engine.status();
  const resynced = await room.resyncedBy(async () => {
    const by = soon();
    const before = room.engine.book(symbol)?.u ?? 0;
    await room.fault({ kind, symbol });
    const isNew = (u: number) => (kind === 'restart-u1' ? u < before : u > before);
    await until('the new count', () => isNew(room.engine.book(symbol)?.u ?? before), by);
    await room.agrees(by);
  });
  expect(room.trustOf(symbol)).toBe('live');
  expect(room.engine.status().gaps).toBe(gaps);
  expect(resynced).toEqual([]);
});

let taken = 0;
function nextSymbol(): string {
  return room.symbols[taken++] as string;
}
