// Is a book scanned again exactly where it was scanned before?
import { expect, test } from 'vitest';
import { RecordedScans, scansFirst } from '../../src/backtest/recorded-scans.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { Entry } from '../../src/record/entry.ts';

test('messages between two scans are passed over, each symbol by its own', () => {
  const scans = new RecordedScans();
  scans.learn('AUSDT', { sequences: [3, 7], anew: [7] });
  scans.learn('BUSDT', { sequences: [5], anew: [] });
  scans.learn('AUSDT', { sequences: [8], anew: [] });
  const due = (symbol: string): number[] => [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((seq) => scans.isDue(symbol, seq));
  expect([due('AUSDT'), due('BUSDT'), due('CUSDT')]).toEqual([[3, 7, 8], [5], []]);
  expect([3, 7, 7].map((seq) => scans.beginsAnew('AUSDT', seq))).toEqual([false, true, false]);
  expect(scans.end()).toEqual({ recorded: 4, missed: 0 });
});

test('a second look at the same message is none at the next, but may be one at a snapshot that repeats it', () => {
  const scans = new RecordedScans();
  scans.learn('AUSDT', { sequences: [3, 3, 4, 6, 6], anew: [] });
  expect([3, 4, 5, 6, 6].map((seq) => scans.isDue('AUSDT', seq))).toEqual([true, true, false, true, true]);
  expect(scans.end()).toEqual({ recorded: 5, missed: 0 });
});

test('scans of messages that never come are counted, and hold up nothing', () => {
  const scans = new RecordedScans();
  scans.learn('AUSDT', { sequences: [2, 4, 6, 8, 9, 11], anew: [] });
  expect(
    [3, 6, 6, 9].map((seq) => scans.isDue('AUSDT', seq)),
    'and one is made once',
  ).toEqual([false, true, false, true]);
  expect(scans.end(), 'those behind the last message too').toEqual({ recorded: 6, missed: 4 });
});

test('what is told within ten seconds after a frame is known before it is taken, also where a file breaks off', async () => {
  let read = 0;
  const frame = (received: number): Entry => ({
    ...({ kind: 'frame', bytes: Buffer.alloc(0), connection: '1', ours: true } as const),
    received: received as Ms,
  });
  const scans: Entry = { kind: 'scans', symbol: 'AUSDT', sequences: [1], anew: [] };
  const candles: Entry = { kind: 'candles', symbol: 'AUSDT', candles: [] };
  async function* file(): AsyncGenerator<Entry> {
    for (const entry of [
      candles,
      frame(0),
      frame(4_000),
      scans,
      frame(10_000),
      frame(13_999),
      frame(14_000),
      candles,
    ]) {
      read++;
      yield await Promise.resolve(entry);
    }
    throw new Error('it breaks off');
  }
  const taken: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const entry of scansFirst(file()))
      taken.push(`${read}: ${entry.kind === 'frame' ? `frame ${entry.received}` : entry.kind}`);
  };
  await expect(reading()).rejects.toThrow('it breaks off');
  expect(taken).toEqual([
    '2: candles',
    '4: scans',
    '5: frame 0',
    '7: frame 4000',
    '8: frame 10000',
    '8: frame 13999',
    '8: frame 14000',
    '8: candles',
  ]);
});
