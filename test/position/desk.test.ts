// What becomes of a signal, from its entry to the rows of its trade, whatever happens on the way?
import { expect, test } from 'vitest';
import { DeskRoom } from './desk-room.ts';

test('a breakout becomes one protected position, and its stop brings it home with the exact result', () => {
  const room = new DeskRoom().settleDown();
  room.breakout();
  room.until(() => room.state() === 'protected');
  const entry = room.creates('E')[0];
  expect(entry?.order).toMatchObject({ role: 'E', side: 'buy', type: 'limit', lots: 9 });
  expect(room.exchange.place('SOLUSDT').stop?.tick).toBeLessThan(9_992);
  room.move('SOLUSDT', 9_900);
  room.until(() => room.state() === 'flat');
  const [row] = room.rows.values();
  expect(row).toMatchObject({ exitReason: 'stop_loss', isComplete: true, stopLossTriggered: true });
  expect(room.creates('C')).toEqual([]);
  expect(room.exchange.balance - 1_000_000_000_000n).toBe(BigInt(Math.round(Number(row?.profitLoss) * 1e8)));
  expect(room.deskHash()).toBe(room.replayHash());
});

test('O04: an entry that rises long after it was given up, and turns a position of ours round, is brought home from the side on which it stands', () => {
  const room = new DeskRoom().settleDown();
  const first = { isHeld: false };
  room.exchange.faults.accept = ({ kind }) => {
    if (kind !== 'create' || first.isHeld) return 'yes';
    first.isHeld = true;
    return { late: 100_000 };
  };
  room.breakout('SOLUSDT', 1, false);
  room.until(() => room.told.some(({ name }) => name === 'order.absent'));
  room.run(62_000);
  const place = room.exchange.place('SOLUSDT');
  place.shown = 3;
  room.breakout('SOLUSDT', 2, true);
  room.until(() => room.state() === 'protected');
  expect(place.lots).toBe(3);
  place.shown = Infinity;
  room.until(() => room.told.some(({ name }) => name === 'position.turned'));
  room.until(() => room.state() === 'flat' && place.lots === 0, 10_000);
  expect(room.creates('X')[0]?.order).toMatchObject({ side: 'buy', lots: 'all' });
  expect(room.desk.status().positions).toEqual([]);
});

test('R03: rows that were told and never reached their tables are told again after a restart, of what is open and of the trade before', () => {
  const room = new DeskRoom().settleDown();
  room.breakout();
  room.until(() => room.state() === 'protected');
  const lose = (): readonly string[] => {
    const told = [...room.executions.keys()].toSorted();
    room.rows.clear();
    room.executions.clear();
    return told;
  };
  const opened = lose();
  room.restart();
  room.until(() => room.state() === 'protected');
  expect([...room.executions.keys()]).toEqual(opened);
  expect([...room.rows.values()]).toMatchObject([{ exitReason: undefined }]);
  room.move('SOLUSDT', 9_900);
  room.until(() => room.state() === 'flat');
  const [closed] = room.rows.values();
  const all = lose();
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE');
  expect([...room.executions.keys()].toSorted()).toEqual(all);
  expect([...room.rows.values()]).toEqual([closed]);
});

test('R15, R18: a deep reading that takes ten seconds, page after page, is waited for; after a restart the desk still comes to trade', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.readMs = (request) =>
    request.kind === 'read-account' && request.depth === 'deep' ? 5_000 : undefined;
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 60_000);
  expect(room.names()).not.toContain('request.overdue');
});

test('the exchange is told the leverage that is wanted, and by its own word has it before anything is entered', () => {
  const room = new DeskRoom({ settings: { leverage: 20 } });
  const told: unknown[] = [];
  room.onRequest = (request) => void (request.kind === 'set-leverage' && told.push(request.leverage));
  room.settleDown();
  room.run(20_000);
  expect(told).toEqual([2_000]);
  room.breakout();
  room.run(2_000);
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual([undefined]);
  expect([...room.rows.values()].map(({ leverage }) => leverage)).toEqual([20]);
});

test('contracts that allow less leverage than is wanted keep none of the others waiting', () => {
  const few = Array.from({ length: 25 }, (_, i) => `LOW${i}USDT`);
  const room = new DeskRoom({ symbols: [...few, 'SOLUSDT'], settings: { leverage: 20 } });
  room.exchange.faults.refuse = (request) =>
    request.kind === 'set-leverage' && few.includes(request.symbol)
      ? { outcome: 'refused', class: 'param', code: 110013, text: 'cannot set leverage gt maxLeverage by risk limit' }
      : undefined;
  room.settleDown();
  room.run(60_000);
  expect(room.exchange.place('SOLUSDT').leverage).toBe(2_000);
});

test('a position that was opened and stopped out before a word of it came leaves its symbol free for the next entry', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place('SOLUSDT');
  const silence = { isOn: true };
  room.exchange.faults.streamDelay = ({ kind }) =>
    silence.isOn && (kind === 'fill' || kind === 'position') ? undefined : 0;
  room.exchange.faults.readFails = () => place.lots !== 0;
  room.breakout();
  room.until(() => place.lots !== 0);
  room.move('SOLUSDT', 9_900);
  room.until(() => room.isTold());
  silence.isOn = false;
  room.run(1_000);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['stop_loss']);
  expect(room.state()).toBe('flat');
  room.run(400_000);
  room.enter('SOLUSDT', true, 2);
  expect(place.lots).toBeGreaterThan(0);
});

test('C04, I-20: an open position keeps the numbers of its entry, over a restart too; the next one has the new', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.rules = { ...room.rules, exit: { ...room.rules.exit, maxHoldingMinutes: 1 } };
  room.enter('XRPUSDT', true, 2);
  room.restart();
  room.run(70_000);
  expect([...room.rows.values()].map(({ symbol, exitReason }) => [symbol, exitReason])).toEqual([
    ['SOLUSDT', undefined],
    ['XRPUSDT', 'timeout'],
  ]);
  expect(room.state()).toBe('protected');
});
