// How many entries are let through, and what keeps all of them off? (G20 to G29, P06)
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import type { Money } from '../../src/market/money.ts';
import { DeskRoom } from './desk-room.ts';
import { THREE } from './scenes.ts';

const EIGHT = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map((letter) => `${letter}USDT`);

test('G29: while no more than 1 GiB of the disk is free, what is shown says that nothing is entered and why, and after it nothing is in the way', () => {
  const room = new DeskRoom().settleDown();
  room.take({ kind: 'facts', facts: { diskFreeBytes: 2 ** 30 } });
  expect(room.desk.status()).toMatchObject({ mode: 'REDUCE_ONLY', blocks: ['disk'] });
  room.take({ kind: 'facts', facts: { diskFreeBytes: 2 ** 30 + 1 } });
  room.run(11_000);
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
  room.enter();
  expect(room.creates('E')).toHaveLength(1);
});

test('G23: while no more entries are let through, what is shown says that nothing is entered and why, and after it nothing is in the way', () => {
  const room = new DeskRoom({ settings: { maxOrdersPerMinute: 1 } }).settleDown().enter();
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: ['risk.entry_rate'] });
  expect([...room.desk.account().blocks.keys()]).toEqual(['risk.entry_rate']);
  room.run(61_000);
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
  expect([...room.desk.account().blocks.keys()]).toEqual([]);
});

test('R19, Y06: an entry that was sent just before a crash, of which no more than its intention was on disk, counts for the limit of entries', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'], settings: { maxOrdersPerMinute: 1 } }).settleDown();
  room.breakout();
  room.until(() => room.creates('E').length === 1, 1_000);
  room.restart(Infinity);
  room.settleDown();
  room.breakout('XRPUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G23 entry_rate');
  room.restart();
  expect(room.desk.status().blocks).toEqual(['risk.entry_rate']);
});

test.each([0, -3_600_000, 3_600_000])(
  'G23, Y06: a resume after a restart that knows no time yet forgets no entry, the calendar being off by %d ms, over another restart too',
  (calendarMs) => {
    const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'], settings: { maxOrdersPerMinute: 1 } });
    room.settleDown().enter();
    room.isTimeTold = false;
    room.calendarMs = calendarMs;
    room.restart();
    room.command({ kind: 'resume', id: 'r' });
    const enters = (life: number): string | undefined => {
      room.isTimeTold = true;
      room.calendarMs = 0;
      room.tellTime();
      room.until(() => room.desk.status().mode === 'ACTIVE', 20_000);
      room.run(3_000);
      room.breakout('XRPUSDT', life);
      return room.verdicts.at(-1)?.refusal;
    };
    expect(enters(2)).toBe('G23 entry_rate');
    room.restart();
    expect(enters(3)).toBe('G23 entry_rate');
    room.run(60_000);
    room.enter('XRPUSDT', true, 4);
    expect(room.creates('E')).toHaveLength(2);
  },
);

test('P06: two positions that the exchange takes away at once keep entries off as long as it does', () => {
  const room = new DeskRoom(THREE).settleDown().enter();
  room.enter('XRPUSDT');
  room.exchange.status('SOLUSDT', 'liquidating');
  room.run(100);
  expect([room.state(), room.desk.status().blocks]).toEqual(['exchange-closing', []]);
  room.exchange.status('XRPUSDT', 'deleveraging');
  room.run(100);
  room.breakout('ADAUSDT', 2);
  expect(room.desk.status().blocks).toEqual(['liquidations']);
  expect(room.verdicts.at(-1)?.refusal).toBe('G01 mode');
  // What it takes it may have taken the stop of: nothing is set or closed beside it.
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(4_000);
  expect([room.state(), room.stopsAsked()]).toEqual(['exchange-closing', []]);
  for (const symbol of ['SOLUSDT', 'XRPUSDT']) room.exchange.status(symbol, 'normal');
  room.run(100);
  expect([room.state(), room.state('XRPUSDT'), room.desk.status().blocks]).toEqual(['protected', 'protected', []]);
  expect([room.creates('C'), room.creates('X')]).toEqual([[], []]);
});

test.each([
  ['CreateByAdl_PassThrough', 'adl'],
  ['CreateByTakeOver_PassThrough', 'liquidation'],
] as const)(
  'P06: two positions that %s took within ten minutes keep entries off until they are over, over a restart too and though nothing is left',
  (by, kind) => {
    const room = new DeskRoom(THREE).settleDown().enter();
    room.enter('XRPUSDT');
    const taken = (symbol: string): void => {
      room.exchange.closeBy(symbol, by, kind);
      room.until(() => room.state(symbol) === 'flat', 5_000);
    };
    taken('SOLUSDT');
    expect(room.desk.status().blocks).toEqual([]);
    room.run(300_000);
    taken('XRPUSDT');
    room.breakout('ADAUSDT', 2);
    expect(room.desk.status().blocks).toEqual(['liquidations']);
    expect(room.verdicts.at(-1)).toMatchObject({ symbol: 'ADAUSDT', refusal: 'G01 mode' });
    room.run(100_000);
    room.restart();
    room.run(190_000);
    expect([room.desk.status().mode, room.desk.status().blocks]).toEqual(['REDUCE_ONLY', ['liquidations']]);
    room.run(25_000);
    expect([room.desk.status().mode, room.desk.status().blocks]).toEqual(['ACTIVE', []]);
  },
);

test('G20: what is bound already cannot be bound once more: an account without free margin enters nothing, however rich it is', () => {
  const room = new DeskRoom().settleDown();
  const told = (free: Money, updatedMs: number): void => {
    const report = { ...room.exchange.wallet(), free, updatedMs: updatedMs as Ms };
    room.take({ kind: 'gateway', event: { kind: 'wallet', report } });
  };
  told(1_000_000_000n, room.wall);
  // A word of before that comes late frees nothing.
  told(2_000_000_000n, room.wall - 1);
  room.breakout();
  expect(room.verdicts.at(-1)).toMatchObject({ refusal: 'G20 margin', detail: 'not enough free margin' });
  told(2_000_000_000n, room.wall);
  room.breakout('SOLUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
});

test('G20: what an entry on its way is about to bind is not free for the next one', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown();
  const report = { ...room.exchange.wallet(), free: 2_000_000_000n };
  room.take({ kind: 'gateway', event: { kind: 'wallet', report } });
  room.breakout();
  room.breakout('XRPUSDT', 2);
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual([undefined, 'G20 margin']);
});

test('I-15, G28: of eight signals in one moment five become orders, and closes find their own lane free', () => {
  const room = new DeskRoom({ symbols: EIGHT }).settleDown();
  for (const symbol of EIGHT) room.breakout(symbol);
  room.run(900);
  expect(room.creates('E')).toHaveLength(5);
  expect(room.told.filter(({ name }) => name === 'entry.aborted').map(({ fields }) => fields['reason'])).toEqual(
    Array.from({ length: 3 }, () => 'G28 rate_lane'),
  );
  for (const symbol of EIGHT.slice(0, 5)) room.command({ kind: 'close', symbol, id: symbol });
  expect(room.creates('C')).toHaveLength(5);
});

test('G23: of signals that come at the same moment no more become entries than the minute allows', () => {
  const room = new DeskRoom({ symbols: EIGHT.slice(0, 3), settings: { maxOrdersPerMinute: 2 } }).settleDown();
  for (const symbol of EIGHT.slice(0, 3)) room.breakout(symbol);
  room.run(1_000);
  expect(room.creates('E')).toHaveLength(2);
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual([undefined, undefined, 'G23 entry_rate']);
});

test('G23, Y06: entries of a minute are counted as they leave, and over a restart', () => {
  const room = new DeskRoom({ symbols: EIGHT.slice(0, 4), settings: { maxOrdersPerMinute: 2 } })
    .settleDown()
    .enter('AUSDT');
  room.enter('BUSDT');
  room.breakout('CUSDT');
  expect(room.verdicts.at(-1)?.refusal).toBe('G23 entry_rate');
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 10_000);
  room.run(3_000);
  room.breakout('CUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G23 entry_rate');
  room.run(60_000);
  room.enter('DUSDT', true, 3);
  expect(room.creates('E')).toHaveLength(3);
});
