// What does an execution of a kind, or of a making, that few have seen do to a position of ours? It is booked once, and rightly.
import { expect, test } from 'vitest';
import { priceText } from '../../src/market/instrument.ts';
import { moneyText, type Money } from '../../src/market/money.ts';
import type { Tick } from '../../src/market/units.ts';
import type { LossRecord } from '../../src/risk/losses.ts';
import { DeskRoom } from './desk-room.ts';

const dayOf = (room: DeskRoom): number => Number(room.desk.account().dayProfit) / 1e8;
const realOf = (room: DeskRoom): number => Number(room.exchange.balance - 1_000_000_000_000n) / 1e8;

test.each([
  ['CreateByLiq', 'trade', 'liquidation'],
  ['CreateByTakeOver_PassThrough', 'trade', 'liquidation'],
  ['CreateByAdl_PassThrough', 'trade', 'adl'],
  ['CreateBySettle', 'trade', 'settlement'],
  ['CreateByStopLoss', 'unknown', 'stop_loss'],
  ['CreateByAdl_PassThrough', 'unknown', 'adl'],
] as const)('what the exchange takes by %s, told as a %s, is a %s, and no stranger’s', (createType, kind, reason) => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.closeBy('SOLUSDT', createType, kind);
  room.until(() => room.isTold());
  expect([...room.rows.values()]).toMatchObject([{ exitReason: reason, isComplete: true }]);
  // Somebody is called for what no rule of ours has closed.
  const level = ['liquidation', 'adl'].includes(reason) ? 'error' : 'info';
  expect(room.told.filter(({ name }) => name === 'position.closed')).toMatchObject([{ level, fields: { reason } }]);
  expect(room.names()).not.toContain('order.foreign');
  expect(dayOf(room)).toBeCloseTo(realOf(room), 6);
});

test('P06: of a part that auto-deleveraging takes somebody is told as what it is, with size and price; the rest is managed on', () => {
  const room = new DeskRoom().settleDown().enter();
  const { lots, instrument, bid } = room.exchange.place('SOLUSDT');
  room.exchange.closeBy('SOLUSDT', 'CreateByAdl_PassThrough', 'adl', 1);
  room.run(5_000);
  expect(room.told.filter(({ name }) => name === 'position.taken')).toMatchObject([
    {
      symbol: 'SOLUSDT',
      level: 'error',
      fields: { by: 'adl', side: 'sell', size: '0.1', price: priceText(bid as Tick, instrument) },
    },
  ]);
  expect([room.state(), room.exchange.place('SOLUSDT').lots]).toEqual(['protected', lots - 1]);
});

test('P06: whose position was taken, though at a profit, rests in that symbol like after a loss', () => {
  const room = new DeskRoom().settleDown().enter();
  room.earn();
  room.exchange.closeBy('SOLUSDT', 'CreateByAdl_PassThrough', 'trade');
  room.until(() => room.isTold());
  expect(Number([...room.rows.values()][0]?.profitLoss)).toBeGreaterThan(0);
  room.run(20_000);
  room.breakout('SOLUSDT', 2);
  expect(room.verdicts.at(-1)).toMatchObject({ refusal: 'G22 cooldown' });
});

test('what closes a position of ours and has no name yet ends its trade with what it brought', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.closeBy('SOLUSDT', '', 'unknown');
  room.until(() => room.isTold());
  expect([...room.rows.values()]).toMatchObject([{ exitReason: 'manual', isComplete: true }]);
  expect(dayOf(room)).toBeCloseTo(realOf(room), 6);
});

test.each(['buy', 'sell'] as const)(
  'a payment (%s) that has no name yet moves no position: ours is managed on, and has paid it',
  (side) => {
    const room = new DeskRoom().settleDown().enter();
    const fee = 5_000_000n as Money;
    room.exchange.pay('SOLUSDT', fee, 'unknown', side);
    room.run(5_000);
    expect(room.desk.status().positions).toMatchObject([{ state: 'protected' }]);
    expect(room.names()).not.toContain('position.foreign_surplus');
    expect(dayOf(room)).toBeCloseTo(realOf(room), 6);
    room.earn();
    expect(room.stopsAsked()).not.toEqual([]);
    room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
    room.until(() => room.isTold());
    expect([...room.rows.values()]).toMatchObject([{ isComplete: true, funding: '0.05' }]);
    expect(dayOf(room)).toBeCloseTo(realOf(room), 6);
  },
);

test.each(['CreateByStopLoss', 'CreateByLiq', 'CreateByAdl_PassThrough'])(
  'P7: what the exchange takes of a person’s position by %s has cost him, and not our day',
  (createType) => {
    const room = new DeskRoom().settleDown();
    room.exchange.human('SOLUSDT', 600);
    room.run(3_000);
    room.exchange.closeBy('SOLUSDT', createType, 'trade');
    room.run(3_000);
    expect(room.exchange.balance).toBeLessThan(1_000_000_000_000n);
    expect(dayOf(room)).toBe(0);
  },
);

test('of a part of ours that others have closed our day shows what it brought and cost while the rest stands, as its limit counts it', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.human('SOLUSDT', -8);
  room.run(1_000);
  expect(room.exchange.place('SOLUSDT').lots).toBe(1);
  expect(dayOf(room)).toBeCloseTo(realOf(room), 6);
});

/** A person holds nine times as much beside a long of ours, bought at the same price. */
function shared(): DeskRoom {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.human('SOLUSDT', 9 * room.exchange.place('SOLUSDT').lots);
  room.run(1_000);
  return room;
}

test('P7, P11: of funding for what a person holds beside ours our day and our trade pay our part', () => {
  const room = shared();
  const before = room.desk.account().dayProfit ?? 0n;
  room.exchange.fund('SOLUSDT', 50_000_000n);
  room.run(1_000);
  expect(room.desk.account().dayProfit).toBe(before - 5_000_000n);
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.until(() => room.isTold());
  const [row] = [...room.rows.values()];
  expect(row).toMatchObject({ isComplete: true, funding: '0.05' });
  expect(moneyText(room.desk.account().dayProfit ?? 0n)).toBe(row?.profitLoss);
});

test('P7: where the stop closes a person’s lots with ours, our day pays of its fee what our trade does', () => {
  const room = shared();
  room.exchange.move('SOLUSDT', (room.exchange.place('SOLUSDT').stop?.tick ?? 0) - 2);
  room.until(() => room.isTold());
  const [row] = [...room.rows.values()];
  expect(row).toMatchObject({ isComplete: true, exitReason: 'stop_loss' });
  expect(moneyText(room.desk.account().dayProfit ?? 0n)).toBe(row?.profitLoss);
});

test('P7: of an entry that has closed a person’s lots on the other side first, our trade pays the whole fee, as our day does', () => {
  const room = new DeskRoom().settleDown();
  room.onRequest = ({ kind }) => {
    if (kind === 'create' && room.exchange.place('SOLUSDT').lots === 0) room.exchange.human('SOLUSDT', -2);
  };
  room.breakout();
  room.run(1_000);
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.until(() => room.isTold());
  const [row] = [...room.rows.values()];
  expect(row).toMatchObject({ isComplete: true });
  const fees = room.exchange.place('SOLUSDT').fills.map(({ linkId, fee }) => (linkId === '' ? 0n : fee));
  expect(row?.fees).toBe(moneyText(fees.reduce((sum, fee) => sum + fee, 0n)));
  expect(moneyText(room.desk.account().dayProfit ?? 0n)).toBe(row?.profitLoss);
});

/** Of all executions of the account, in their order: which trade each is stored with. */
const tradesOf = (room: DeskRoom): (string | undefined)[] =>
  room.exchange.place('SOLUSDT').fills.map(({ execId }) => room.tradeOf.get(execId));

test('P7: what a person buys and sells beside ours is stored with no trade, but what he sells of ours is', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.human('SOLUSDT', 3);
  room.run(1_000);
  room.restart();
  room.settleDown();
  const [id] = room.rows.keys();
  expect(tradesOf(room)).toEqual([id, undefined]);
  room.exchange.human('SOLUSDT', -3);
  room.exchange.human('SOLUSDT', -3);
  room.run(1_000);
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.until(() => room.isTold());
  room.restart();
  room.settleDown();
  expect(tradesOf(room)).toEqual([id, undefined, undefined, id, id]);
});

test('P7, R07: funding for what a person alone held, read where the journal is lost while ours stands, is stored with no trade', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place('SOLUSDT');
  room.onRequest = ({ kind }) => {
    if (kind !== 'create' || place.lots !== 0) return;
    room.exchange.human('SOLUSDT', 2);
    room.exchange.fund('SOLUSDT', 50_000_000n);
    room.run(10);
  };
  room.breakout();
  room.until(() => room.state() === 'protected');
  room.loseJournal();
  room.rows.clear();
  room.tradeOf.clear();
  room.restart();
  room.settleDown();
  const [id] = room.rows.keys();
  expect(tradesOf(room)).toEqual([undefined, undefined, id]);
});

test('R03: executions that came before the trade was known, of an entry that was stopped out unseen, are stored with it', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.streamDelay = () => undefined;
  room.breakout();
  room.until(() => room.exchange.place('SOLUSDT').lots !== 0);
  room.exchange.move('SOLUSDT', (room.exchange.place('SOLUSDT').stop?.tick ?? 0) - 2);
  room.isRunning = false;
  room.exchange.faults = {};
  room.restart();
  room.until(() => room.isTold());
  const [id] = room.rows.keys();
  expect(new Set(tradesOf(room))).toEqual(new Set([id]));
});

test('O07: what has closed ours before the execution of its entry has come, be it by us or by a person, is stored with it', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.streamDelay = (event) => (event.kind === 'fill' && event.fill.side === 'buy' ? 900 : 0);
  room.breakout();
  room.until(() => room.state() === 'protected');
  room.exchange.human('SOLUSDT', -3);
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.until(() => room.isTold());
  const [id] = room.rows.keys();
  expect(tradesOf(room).length).toBeGreaterThan(2);
  expect(new Set(tradesOf(room))).toEqual(new Set([id]));
});

test('R07: where the journal is lost while ours stands, its executions are stored with the trade that is found', () => {
  const room = new DeskRoom().settleDown().enter();
  room.loseJournal();
  room.rows.clear();
  room.tradeOf.clear();
  room.restart();
  room.settleDown();
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.until(() => room.isTold());
  const [id] = room.rows.keys();
  expect(new Set(tradesOf(room))).toEqual(new Set([id]));
});

test('O06: where nobody tells for ten minutes what has closed ours, its trade ended when the execution says that comes at last', () => {
  const room = new DeskRoom().settleDown().enter();
  const [id = ''] = room.rows.keys();
  room.exchange.faults = {
    streamDelay: (event) => (event.kind === 'fill' ? undefined : 0),
    readFails: (request) => request.kind === 'read-account' && request.depth === 'deep',
  };
  room.exchange.move('SOLUSDT', 9_900);
  room.run(620_000);
  expect(room.rows.get(id)).toMatchObject({ isComplete: false });
  room.exchange.faults = {};
  room.until(() => room.isTold(), 600_000);
  expect(room.rows.get(id)?.exitMs).toBe(room.exchange.place('SOLUSDT').fills.at(-1)?.timeMs);
});

test.each([true, false])(
  'P09: our entry closes what a person has just opened: nothing is ours, and its trade is over with the loss of its fee; word comes late: %s',
  (isLate) => {
    const room = new DeskRoom().settleDown();
    if (isLate)
      room.exchange.faults.streamDelay = (event) => (event.kind === 'fill' && event.fill.linkId === '' ? 900 : 0);
    room.breakout();
    room.exchange.human('SOLUSDT', -9);
    room.until(() => room.creates('E').length > 0 && room.exchange.place('SOLUSDT').lots === 0);
    room.run(5_000);
    expect(room.state()).toBe('flat');
    const fees = room.exchange.place('SOLUSDT').fills.map(({ linkId, fee }) => (linkId === '' ? 0n : fee));
    const lost = moneyText(-fees.reduce((sum, fee) => sum + fee, 0n));
    const [id, row] = [...room.rows][0] ?? [];
    expect(row).toMatchObject({ size: '0', profitLoss: lost, exitReason: 'manual' });
    expect(new Set(tradesOf(room))).toEqual(new Set([id, undefined]));
    const { realised, inRow, cooldowns } = room.desk.journal().counters['losses'] as unknown as LossRecord;
    expect([realised, inRow, cooldowns.map(([symbol]) => symbol)]).toEqual([lost, 1, ['SOLUSDT']]);
    const opened = (): number => room.names().filter((name) => name === 'position.opened').length;
    const before = opened();
    room.rows.clear();
    room.restart();
    room.settleDown();
    expect([opened(), room.state(), [...room.rows.values()]]).toEqual([before, 'flat', [row]]);
    // Its fee was a loss, after which the symbol rests.
    room.run(300_000);
    room.enter('SOLUSDT', true, 2);
    room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
    room.until(() => room.isTold());
    expect(room.rows.size).toBe(2);
  },
);

test('P09, R19: what an entry that closed only a person’s lots has cost is known also where the journal is lost', () => {
  const room = new DeskRoom().settleDown();
  room.breakout();
  room.exchange.human('SOLUSDT', -9);
  room.until(() => room.creates('E').length > 0 && room.exchange.place('SOLUSDT').lots === 0);
  room.run(5_000);
  const before = dayOf(room);
  room.loseJournal();
  room.restart();
  room.settleDown();
  expect([before < 0, dayOf(room)]).toEqual([true, before]);
});
