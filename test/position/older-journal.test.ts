// Is what the first version that traded has left looked after by this one? The kept file is a journal as that version wrote it:
// a loss, a position with its stop, a pause. It is never made anew: a record is read for ever as it was meant.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { OrderReport } from '../../src/order/words.ts';
import { decodeRecord, type JournalRecord } from '../../src/order/journal.ts';
import { DeskRoom } from './desk-room.ts';

const LINES = readFileSync(new URL('older-journal.log', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const ENTRY = 'd1-test-0-l-E';

/** The exchange has lived through the same with this version; then everything that was written is the other one's. */
function upgraded(): DeskRoom {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter('XRPUSDT');
  room.move('XRPUSDT', 9_900);
  room.until(() => room.state('XRPUSDT') === 'flat');
  room.run(2_000);
  room.enter('SOLUSDT', true, 2);
  room.run(2_000);
  const place = room.exchange.place('SOLUSDT');
  const [[linkId, order]] = [...place.orders] as [[string, OrderReport]];
  place.orders.delete(linkId);
  place.orders.set(ENTRY, { ...order, linkId: ENTRY });
  place.stopOrder = { ...(place.stopOrder as OrderReport), parentLinkId: ENTRY };
  for (const [i, fill] of place.fills.entries()) place.fills[i] = { ...fill, linkId: ENTRY };
  room.told.length = 0;
  room.rows.clear();
  const records = LINES.map((line) => decodeRecord(line)).flatMap((read): JournalRecord[] =>
    read.ok ? [read.record] : [],
  );
  room.records.splice(0, Infinity, ...records);
  room.restart();
  room.run(20_000);
  return room;
}

test('R13: after an upgrade with a position open nothing is forgotten, doubled or begun anew', () => {
  const room = upgraded();
  const { mode, blocks, positions } = room.desk.status();
  expect([mode, blocks]).toEqual(['REDUCE_ONLY', ['operator.paused']]);
  expect(positions).toMatchObject([{ symbol: 'SOLUSDT', state: 'protected', ours: 9, foreign: 0, entry: 'filled' }]);
  expect(room.desk.journal().counters).toMatchObject({
    losses: { realised: '-1.048005', inRow: 1, cooldowns: [['XRPUSDT', 1_786_311_125_030]] },
    rates: { agesMs: [2_030, 0] },
  });
  expect(room.desk.journal().trades).toMatchObject({
    SOLUSDT: {
      id: ENTRY,
      stop: '99.74',
      rules: { maxHoldingMinutes: 30, densityThresholdAbs: 50_000, densityMinLifetimeMs: 3_000 },
    },
  });
  expect([...room.rows.values()].map(({ id, exitReason }) => [id, exitReason])).toEqual([
    ['d1-test-0-5-E', 'stop_loss'],
    [ENTRY, undefined],
  ]);
  expect(room.told.filter(({ level }) => level !== 'info')).toEqual([]);
});

test('R13: a position of an older version goes to breakeven and home by the rules of its entry', () => {
  const room = upgraded();
  room.earn();
  room.until(() => room.names().includes('position.breakeven'));
  expect(room.exchange.place('SOLUSDT').stop?.tick).toBeGreaterThan(10_000);
  room.run(10_000);
  expect([room.rows.get(ENTRY)?.exitReason, room.exchange.place('SOLUSDT').lots]).toEqual(['take_profit_slowdown', 0]);
});
