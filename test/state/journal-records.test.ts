// Do the orders' own records come back from the disk as they were meant, to the same state?
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import {
  applyRecord,
  checkLine,
  decodeRecord,
  emptyJournal,
  encodeRecord,
  replay,
  stateHash,
} from '../../src/order/journal.ts';
import type { JournalRecord, RecordBody } from '../../src/order/journal.ts';
import { JournalRoom } from './journal-room.ts';

let room: JournalRoom;
beforeEach(() => {
  room = new JournalRoom();
});
afterEach(() => room.remove());

const codec = {
  check: checkLine,
  isCheckpoint: (line: string): boolean => {
    const decoded = decodeRecord(line);
    return decoded.ok && decoded.record.kind === 'CHECKPOINT';
  },
};

function recordOf(seq: number, body: RecordBody): JournalRecord {
  return { v: 1, seq, tWall: (1_800_000_000_000 + seq) as Ms, tMono: seq as Ms, ...body };
}

function intent(seq: number): JournalRecord {
  const linkId = `d1-abcd-1-${seq}-E`;
  const order = { linkId, symbol: 'DOGEUSDT', role: 'E' as const, side: 'buy' as const, size: '250', notional: '25.5' };
  return recordOf(seq, {
    kind: 'INTENT',
    body: { ...order, recvWindowMs: 2_000, baseline: '0', baselineSeq: -1, plan: { wall: '0.10212' } },
  });
}

test('R13, R14: a journal of intents, answers, fences and a checkpoint is replayed to the same hash', async () => {
  const state = emptyJournal();
  const first = await room.open(codec);
  const append = (record: JournalRecord): void => {
    applyRecord(state, record);
    const isCheckpoint = record.kind === 'CHECKPOINT';
    first.journal.append({ seq: record.seq, text: encodeRecord(record), sync: record.kind === 'INTENT', isCheckpoint });
  };
  for (let seq = 1; seq <= 120; seq += 3) {
    const { linkId } = intent(seq).body as { readonly linkId: string };
    append(intent(seq));
    append(recordOf(seq + 1, { kind: 'SENT', body: { linkId, fenceMs: 1_800_000_005_000 } }));
    append(recordOf(seq + 2, { kind: 'UNKNOWN', body: { linkId, why: 'no answer — ждём' } }));
    if (seq === 61) append(recordOf(seq + 2, { kind: 'CHECKPOINT', body: structuredClone(state) }));
  }
  await first.until(120);
  await first.journal.close();
  const { found, journal } = await room.open(codec);
  await journal.close();
  expect(found.faults).toEqual([]);
  expect(codec.isCheckpoint(found.lines[0] as string)).toBe(true);
  const records = found.lines
    .map((line) => decodeRecord(line))
    .flatMap((decoded) => (decoded.ok ? [decoded.record] : []));
  expect(records).toHaveLength(found.lines.length);
  expect(stateHash(replay(records))).toBe(stateHash(state));
});
