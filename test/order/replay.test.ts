// Do the records of a journal add up to what they say, on whatever way they come?
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import {
  applyRecord,
  copyOf,
  decodeRecord,
  emptyJournal,
  encodeRecord,
  pruned,
  replay,
  stateHash,
  type JournalRecord,
  type JournalState,
} from '../../src/order/journal.ts';
import { isOver } from '../../src/order/state.ts';
import { anyRecords } from './journal-arbitrary.ts';
import { plainReplay } from './plain-journal.ts';

/** As JSON says it: what a journal keeps, without the shape of the memory that keeps it. */
const plain = (state: JournalState): JournalState => JSON.parse(JSON.stringify(state)) as JournalState;

const checkpoint = (seq: number, state: JournalState): JournalRecord => ({
  v: 1,
  seq,
  tWall: 0 as Ms,
  tMono: 0 as Ms,
  kind: 'CHECKPOINT',
  body: state,
});

const cut = fc.tuple(anyRecords, fc.nat()).map(([records, at]) => {
  const length = at % (records.length + 1);
  return [records.slice(0, length), records.slice(length)] as const;
});

describe('a replay', () => {
  test('remembers the last word about everything', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        expect(plain(replay(records))).toEqual(plain(plainReplay(records)));
      }),
      { numRuns: 1_500 },
    );
  });

  test('R13: gives the same state and the same hash from the lines as from the records', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const decoded = records.map((record) => decodeRecord(encodeRecord(record)));
        const read = decoded.flatMap((line) => (line.ok ? [line.record] : []));
        expect(read).toHaveLength(records.length);
        expect(stateHash(replay(read))).toBe(stateHash(replay(records)));
        expect(stateHash(replay(read))).toBe(stateHash(replay(read)));
      }),
    );
  });

  test('goes on from where it was as if it had never stopped', () => {
    fc.assert(
      fc.property(cut, ([before, after]) => {
        const state = replay(before);
        const hash = stateHash(state);
        const copy = copyOf(state);
        for (const record of after) applyRecord(copy, record);
        expect(stateHash(copy)).toBe(stateHash(replay([...before, ...after])));
        // What has gone on was a copy.
        expect(stateHash(state)).toBe(hash);
      }),
    );
  });

  test('needs nothing from before a checkpoint', () => {
    fc.assert(
      fc.property(cut, ([before, after]) => {
        const seq = before.length;
        const taken = checkpoint(seq, copyOf(replay(before)));
        const line = decodeRecord(encodeRecord(taken));
        const whole = stateHash(replay([...before, ...after]));
        expect(stateHash(replay([taken, ...after]))).toBe(whole);
        expect(stateHash(replay([...before, taken, ...after]))).toBe(whole);
        expect(stateHash(replay([...(line.ok ? [line.record] : []), ...after]))).toBe(whole);
        // The record is not written to by what comes after it.
        expect(stateHash(taken.body as JournalState)).toBe(stateHash(replay(before)));
      }),
    );
  });

  test('R13: passes over a kind that it does not know', () => {
    fc.assert(
      fc.property(cut, ([before, after]) => {
        const unknown = { ...checkpoint(before.length, emptyJournal()), kind: 'MUSING', body: { of: 'tomorrow' } };
        const records = [...before, unknown as unknown as JournalRecord, ...after];
        expect(stateHash(replay(records))).toBe(stateHash(replay([...before, ...after])));
      }),
    );
  });

  test('of words about an order that no record has intended remembers nothing', () => {
    const body = { linkId: 'd1-test-0-9-E', orderId: 'o-9' };
    const ack = { ...checkpoint(1, emptyJournal()), kind: 'ACK', body } as JournalRecord;
    expect(replay([ack])).toEqual({ ...emptyJournal(), seq: 1 });
  });
});

describe('a hash', () => {
  test('is the same for two states that say the same, and for no others', () => {
    fc.assert(
      fc.property(anyRecords, anyRecords, (a, b) => {
        const [one, other] = [replay(a), replay(b)];
        const isSame = JSON.stringify(sorted(plain(one))) === JSON.stringify(sorted(plain(other)));
        expect(stateHash(one) === stateHash(other)).toBe(isSame);
        expect(stateHash(plain(one))).toBe(stateHash(one));
      }),
    );
  });

  test('does not depend on the order in which unlike things were learnt', () => {
    fc.assert(
      fc.property(anyRecords, fc.constantFrom('SOLUSDT', 'BTCUSDT'), (records, symbol) => {
        // Executions are unique over symbols, and losses are of all: only trades that book none are moved past the rest.
        const isMoved = ({ kind, body }: JournalRecord): boolean =>
          kind === 'POSITION' && body.trade !== null && body.symbol === symbol && !('losses' in body);
        const isOther = (record: JournalRecord): boolean => !('symbol' in record.body) || record.body.symbol !== symbol;
        const [moved, others] = [records.filter(isMoved), records.filter(isOther)];
        expect(stateHash(replay([...moved, ...others]))).toBe(stateHash(replay([...others, ...moved])));
      }),
    );
  });
});

describe('a checkpoint', () => {
  test('keeps what is open whatever its age, and of what is over only what is recent', () => {
    fc.assert(
      fc.property(anyRecords, fc.nat({ max: 20_000 }), (records, after) => {
        const state = replay(records);
        const since = 1_786_310_820_000 + after;
        const hash = stateHash(state);
        const kept = pruned(state, since);
        const whole = new Map(Object.entries(state.orders));
        for (const [linkId, memory] of whole)
          expect(Object.hasOwn(kept.orders, linkId)).toBe(!isOver(memory.state) || memory.at >= since);
        expect(Object.values(kept.applied).filter((at) => at < since)).toEqual([]);
        expect(Object.values(kept.finished).filter(({ atMs }) => atMs < since)).toEqual([]);
        const { orders, applied, finished, ...rest } = kept;
        expect(plain({ ...state, ...rest })).toEqual(plain(state));
        expect(plain({ ...state, orders: { ...orders, ...state.orders } })).toEqual(plain(state));
        expect(Object.keys(applied).every((execId) => Object.hasOwn(state.applied, execId))).toBe(true);
        expect(Object.keys(finished).every((symbol) => Object.hasOwn(state.finished, symbol))).toBe(true);
        expect(stateHash(state)).toBe(hash);
        expect(stateHash(pruned(state, 0))).toBe(hash);
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, one]) => [key, sorted(one)]);
}
