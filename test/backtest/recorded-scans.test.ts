// Is a book scanned again exactly where it was scanned before?
import { expect, test } from 'vitest';
import { LookAhead, RecordedScans } from '../../src/backtest/recorded-scans.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { Entry } from '../../src/record/entry.ts';

test('messages between two scans are passed over, each symbol by its own', () => {
  const scans = new RecordedScans();
  scans.learn('AUSDT', [3, 7]);
  scans.learn('BUSDT', [5]);
  scans.learn('AUSDT', [8]);
  const due = (symbol: string): number[] => [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((seq) => scans.isDue(symbol, seq));
  expect([due('AUSDT'), due('BUSDT'), due('CUSDT')]).toEqual([[3, 7, 8], [5], []]);
  expect(scans.end()).toEqual({ recorded: 4, missed: 0 });
});

test('a second look at the same message is none at the next, but may be one at a snapshot that repeats it', () => {
  const scans = new RecordedScans();
  scans.learn('AUSDT', [3, 3, 4, 6, 6]);
  expect([3, 4, 5, 6, 6].map((seq) => scans.isDue('AUSDT', seq))).toEqual([true, true, false, true, true]);
  expect(scans.end()).toEqual({ recorded: 5, missed: 0 });
});

test('scans of messages that never come are counted, and hold up nothing', () => {
  const scans = new RecordedScans();
  scans.learn('AUSDT', [2, 4, 6, 8]);
  expect([3, 6].map((seq) => scans.isDue('AUSDT', seq))).toEqual([false, true]);
  expect(scans.end()).toEqual({ recorded: 4, missed: 3 });
});

test('what is told within ten seconds after a frame is known before it is taken; order and ends of files are kept', async () => {
  const taken: string[] = [];
  const ahead = new LookAhead({
    frames: 0,
    unreadable: 0,
    nextFile: () => taken.push('next file'),
    take(entry) {
      taken.push(entry.kind === 'frame' ? `frame ${entry.received}` : entry.kind);
      return Promise.resolve();
    },
  });
  const frame = (received: number): Entry => ({
    ...({ kind: 'frame', bytes: Buffer.alloc(0), connection: '1', ours: true } as const),
    received: received as Ms,
  });
  const scans: Entry = { kind: 'scans', symbol: 'AUSDT', sequences: [1] };
  const candles: Entry = { kind: 'candles', symbol: 'AUSDT', candles: [] };
  ahead.nextFile();
  for (const entry of [candles, frame(0), frame(4_000), scans, frame(10_000), frame(13_999)]) await ahead.take(entry);
  expect(taken).toEqual(['next file', 'candles', 'scans', 'frame 0']);
  ahead.nextFile();
  await ahead.take(frame(14_000));
  expect(taken.slice(4)).toEqual(['frame 4000']);
  await ahead.end();
  expect(taken.slice(5)).toEqual(['frame 10000', 'frame 13999', 'next file', 'frame 14000']);
  expect(ahead.frames).toBe(5);
});
