// What ends entries after losses, who is told of it, and what brings them back? (Y01, G22)
import { describe, expect, test } from 'vitest';
import { moneyText, type Money } from '../../src/market/money.ts';
import type { DeskEvent } from '../../src/position/desk-event.ts';
import { DeskRoom } from './desk-room.ts';
import { START_BALANCE } from './fake-exchange.ts';

const DAY_LEFT_MS = 9_200_000;

/** Its contract is not listed for a while. */
class UnlistedRoom extends DeskRoom {
  kept: DeskEvent[] | undefined;

  override take(event: DeskEvent): void {
    if (this.kept !== undefined && event.kind === 'contract') this.kept.push(event);
    else super.take(event);
  }

  unlist(): void {
    this.kept = [];
  }

  list(): void {
    const kept = this.kept ?? [];
    this.kept = undefined;
    for (const event of kept) this.take(event);
  }
}

/** One position that its stop has closed at a loss. */
function lost(settings: ConstructorParameters<typeof DeskRoom>[0] = {}): DeskRoom {
  const room = new DeskRoom(settings).settleDown().enter();
  room.move('SOLUSDT', 9_900);
  room.until(() => room.isTold());
  room.run(2_000);
  return room;
}

const blocks = (room: DeskRoom): readonly string[] => room.desk.status().blocks;

function resumed(room: DeskRoom): string | undefined {
  room.command({ kind: 'resume', id: 'r1' });
  return room.answers.get('r1')?.text;
}

test('as many losses in a row as are allowed end entries under a reason of their own, and somebody is called', () => {
  const room = lost({ settings: { maxConsecutiveLosses: 1 } });
  const told = room.told.filter(({ name }) => name === 'risk.losses_in_row');
  expect(told).toMatchObject([{ level: 'error', fields: { losses: 1 } }]);
  expect(blocks(room)).toContain('risk.losses_in_row');
  room.restart();
  expect(blocks(room)).toContain('risk.losses_in_row');
  expect(resumed(room)).toBe('cleared: risk.losses_in_row');
  room.run(2_000);
  expect(blocks(room)).toEqual([]);
});

test('losses in a row are forgotten with the day', () => {
  const room = lost({ settings: { maxConsecutiveLosses: 1 } });
  room.run(DAY_LEFT_MS);
  expect(blocks(room)).toEqual([]);
});

test('one loss less than is allowed ends nothing', () => {
  const room = lost({ settings: { maxConsecutiveLosses: 2 } });
  expect(blocks(room)).toEqual([]);
});

test('a loss that is open over midnight is one of the new day, wholly but for the fee of its entry, as its result is when it closes there', () => {
  const room = new DeskRoom({ settings: { maxDailyLossPercent: 0.0005 } }).settleDown();
  room.run(DAY_LEFT_MS - 600_000);
  const days = (): number => Math.floor(room.wall / 86_400_000);
  const today = days();
  room.enter();
  const before = room.exchange.balance;
  room.move('SOLUSDT', 9_990);
  room.run(900_000);
  expect([days() - today, room.state(), blocks(room)]).toEqual([1, 'protected', ['risk.daily_loss']]);
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.until(() => room.isTold());
  expect(room.desk.account().dayProfit).toBe(room.exchange.balance - before);
});

test('the fee of a part that others close counts in the day while the rest of ours stands (G21)', () => {
  const room = new DeskRoom({ settings: { maxDailyLossPercent: 0.001 } }).settleDown().enter();
  room.run(5_000);
  // So far, of ten cents: five for the entry, one for the spread.
  expect([room.exchange.place('SOLUSDT').lots, blocks(room)]).toEqual([9, []]);
  room.exchange.human('SOLUSDT', -8);
  room.run(20_000);
  expect([room.exchange.place('SOLUSDT').lots, blocks(room)]).toEqual([1, ['risk.daily_loss']]);
});

test('a day that is lost stays lost whatever an operator says, and he is told so', () => {
  const room = lost({ settings: { maxDailyLossPercent: 0.001 } });
  expect(blocks(room)).toEqual(['risk.daily_loss']);
  room.command({ kind: 'pause', id: 'p1' });
  expect(resumed(room)).toBe('cleared: operator.paused; risk.daily_loss stays until the day is over (UTC)');
  room.run(20_000);
  expect(blocks(room)).toEqual(['risk.daily_loss']);
  expect(room.desk.status().mode).toBe('REDUCE_ONLY');
  room.restart();
  expect(blocks(room)).toContain('risk.daily_loss');
  room.run(DAY_LEFT_MS);
  expect(blocks(room)).toEqual([]);
});

test('an account that begins anew, as on paper, has lost no day: what an operator has ordered stays, and nothing for ever', () => {
  const room = lost({ settings: { maxDailyLossPercent: 0.001 } });
  room.command({ kind: 'pause', id: 'p1' });
  room.run(1_000);
  room.records.splice(0, Infinity, ...room.records.filter(({ kind }) => kind === 'MODE' || kind === 'BLOCK'));
  room.exchange.place('SOLUSDT').fills.length = 0;
  room.restart();
  room.run(DAY_LEFT_MS);
  expect(blocks(room)).toEqual(['operator.paused']);
});

test('where nothing but the lost day stands in the way, resume clears nothing and says what stays', () => {
  const room = lost({ settings: { maxDailyLossPercent: 0.001 } });
  expect(resumed(room)).toBe('nothing was cleared; risk.daily_loss stays until the day is over (UTC)');
});

describe('what this account has lost today, and no journal of ours says any more', () => {
  const profit = (room: DeskRoom): Money => room.desk.account().dayProfit;
  const agreed = (room: DeskRoom): void => void room.until(() => room.desk.status().reconciledAt !== undefined);

  test('R19, Y06: is read from its executions, fees and all: the day stays lost until it is over', () => {
    const room = lost({ settings: { maxDailyLossPercent: 0.001 } });
    const before = profit(room);
    expect(before).toBe(room.exchange.balance - START_BALANCE);
    room.loseJournal();
    room.restart();
    agreed(room);
    expect(blocks(room)).toEqual(['risk.daily_loss']);
    expect(profit(room)).toBe(before);
    expect(room.told.findLast(({ name }) => name === 'trades.recalled')).toMatchObject({
      level: 'warning',
      fields: { trades: 1, net: moneyText(before) },
    });
    room.breakout('SOLUSDT', 2);
    room.run(20_000);
    expect(room.creates('E')).toHaveLength(1);
    expect(resumed(room)).toBe('nothing was cleared; risk.daily_loss stays until the day is over (UTC)');
    room.run(DAY_LEFT_MS);
    expect(blocks(room)).toEqual([]);
    room.enter('SOLUSDT', true, 3);
    expect(room.creates('E')).toHaveLength(2);
  });

  test('Y06, R07: ends entries, while what is open gets back its stop and is closed after its time', () => {
    const settings = { maxDailyLossPercent: 0.001 };
    const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'], settings, exit: { maxHoldingMinutes: 1 } });
    room.settleDown().enter('XRPUSDT').enter('SOLUSDT', true, 2);
    room.move('SOLUSDT', 9_900);
    room.until(() => blocks(room).includes('risk.daily_loss'));
    const place = room.exchange.place('XRPUSDT');
    room.loseJournal();
    room.restart();
    agreed(room);
    expect(blocks(room)).toEqual(['risk.daily_loss']);
    room.exchange.humanStop('XRPUSDT', undefined);
    room.until(() => place.stop !== undefined, 5_000);
    expect(place.lots).not.toBe(0);
    room.until(() => place.lots === 0, 70_000);
    room.run(2_000);
    const reasons = [...room.rows.values()].map(({ symbol, exitReason }) => [symbol, exitReason]);
    expect(reasons).toContainEqual(['XRPUSDT', 'timeout']);
    room.breakout('SOLUSDT', 3);
    expect(room.creates('E')).toHaveLength(2);
  });

  test('is no part of what was entered and left in the same contract since, though that began within a minute (R19, X02)', () => {
    const room = new UnlistedRoom().settleDown().enter();
    room.move('SOLUSDT', 9_900);
    room.until(() => room.isTold());
    room.loseJournal();
    room.rows.clear();
    room.unlist();
    room.restart();
    agreed(room);
    room.list();
    room.move('SOLUSDT', 10_000);
    room.run(3_000);
    room.enter('SOLUSDT', true, 2);
    room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
    room.until(() => room.state() === 'flat' && room.names().includes('trades.recalled'), 120_000);
    expect([...room.rows.values()]).toMatchObject([{ size: '0.9', exitReason: 'manual', isComplete: true }]);
    expect(profit(room)).toBe(room.exchange.balance - START_BALANCE);
  });

  test('is counted once, however often we start again', () => {
    const room = lost();
    const before = profit(room);
    room.loseJournal();
    for (let starts = 0; starts < 3; starts++) {
      room.restart();
      agreed(room);
      expect(profit(room)).toBe(before);
    }
    room.run(300_000);
    room.enter('SOLUSDT', true, 2);
    room.restart();
    agreed(room);
    room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
    room.until(() => room.state() === 'flat');
    expect(profit(room)).toBe(room.exchange.balance - START_BALANCE);
  });

  test('counts against the equity that the day began with', () => {
    const room = lost();
    room.exchange.balance -= START_BALANCE - 400_000_000n;
    room.loseJournal();
    room.settings = { ...room.settings, maxDailyLossPercent: (100 * Number(-profit(room))) / 399_000_000 };
    room.restart();
    agreed(room);
    expect(blocks(room)).toEqual([]);
  });

  test('ends entries as losses in a row do, and its symbol rests', () => {
    const room = lost({ settings: { maxConsecutiveLosses: 2 }, symbols: ['SOLUSDT', 'XRPUSDT'] });
    room.enter('XRPUSDT', true, 2);
    room.move('XRPUSDT', 9_900);
    room.until(() => room.state('XRPUSDT') === 'flat');
    room.loseJournal();
    room.restart();
    agreed(room);
    expect(blocks(room)).toEqual(['risk.losses_in_row']);
    resumed(room);
    room.run(20_000);
    room.breakout('SOLUSDT', 3);
    room.run(1_000);
    expect(room.verdicts.at(-1)).toMatchObject({ symbol: 'SOLUSDT', refusal: 'G22 cooldown' });
  });

  test('is known also after a backup was put back, and an operator has seen that it is one', () => {
    const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
    const backup = [...room.records];
    room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
    room.until(() => room.state() === 'flat');
    room.enter('XRPUSDT', true, 2);
    room.move('XRPUSDT', 9_900);
    room.until(() => room.state('XRPUSDT') === 'flat');
    const before = profit(room);
    room.records.splice(0, Infinity, ...backup);
    room.settings = { ...room.settings, maxDailyLossPercent: 0.001 };
    room.restart();
    agreed(room);
    room.until(() => room.state() === 'flat');
    expect(profit(room)).toBe(before);
    expect(resumed(room)).toBe('cleared: journal.corrupt; risk.daily_loss stays until the day is over (UTC)');
  });

  test('is not what a person has lost beside us, and not what was lost yesterday, of which nobody is told', () => {
    const room = new DeskRoom({ settings: { maxDailyLossPercent: 0.001, maxConsecutiveLosses: 1 } }).settleDown();
    room.exchange.human('SOLUSDT', 1_000);
    room.move('SOLUSDT', 9_900);
    room.exchange.human('SOLUSDT', -1_000);
    room.run(2_000);
    expect(room.exchange.balance).toBeLessThan(START_BALANCE);
    room.loseJournal();
    room.restart();
    agreed(room);
    expect(blocks(room)).toEqual([]);
    const yesterday = lost();
    yesterday.run(DAY_LEFT_MS);
    yesterday.settings = room.settings;
    yesterday.loseJournal();
    yesterday.restart();
    agreed(yesterday);
    expect(blocks(yesterday)).toEqual([]);
    expect(profit(yesterday)).toBe(0n);
    expect(yesterday.names()).not.toContain('trades.recalled');
    expect(yesterday.names()).not.toContain('risk.losses_in_row');
  });

  test('holds what was opened on the day before and ended on this one, until its last minutes', () => {
    const room = new DeskRoom().settleDown();
    room.run(DAY_LEFT_MS - 1_500_000);
    room.enter();
    room.run(1_600_000);
    room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
    room.until(() => room.isTold());
    room.run(86_400_000 - 300_000);
    room.loseJournal();
    room.restart();
    agreed(room);
    expect(profit(room)).toBe(room.exchange.balance - START_BALANCE);
  });

  test('is also what was paid for a position that stands yet, and its trade says so', () => {
    const room = new DeskRoom().settleDown();
    room.exchange.human('SOLUSDT', 10);
    room.exchange.fund('SOLUSDT', 5_000_000n);
    room.exchange.human('SOLUSDT', -10);
    room.run(60_000);
    const before = room.exchange.balance;
    room.enter();
    room.exchange.fund('SOLUSDT', 7_000_000n);
    room.run(3_000);
    room.loseJournal();
    room.restart();
    room.until(() => room.state() === 'protected');
    room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
    room.until(() => room.isTold());
    expect(profit(room)).toBe(room.exchange.balance - before);
    expect([...room.rows.values()].at(-1)?.funding).toBe('0.07');
  });

  test.each(['its stop was executed', 'a close of ours was executed that had left before'] as const)(
    'is known also where the stream tells that %s, before anything could be read',
    (what) => {
      const room = new DeskRoom();
      room.settleDown();
      room.enter();
      room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? { late: 2_000 } : 'yes');
      if (what !== 'its stop was executed') room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
      room.run(50);
      room.loseJournal();
      room.exchange.faults = { readFails: ({ kind }) => kind === 'read-account' };
      room.restart();
      room.run(1_000);
      if (what === 'its stop was executed') room.move('SOLUSDT', 9_900);
      room.run(2_000);
      expect([room.exchange.place('SOLUSDT').lots, room.desk.status().reconciledAt]).toEqual([0, undefined]);
      room.exchange.faults = {};
      agreed(room);
      expect(profit(room)).toBe(room.exchange.balance - START_BALANCE);
    },
  );

  test('waits for a reading that fails, and nothing is entered before', () => {
    const room = lost({ settings: { maxDailyLossPercent: 0.001 } });
    room.loseJournal();
    room.exchange.faults.readFails = ({ kind }) => kind === 'read-account';
    room.restart();
    room.run(30_000);
    room.breakout('SOLUSDT', 2);
    room.run(1_000);
    expect(room.desk.status().mode).toBe('RECONCILING');
    expect(room.creates('E')).toHaveLength(1);
    room.exchange.faults = {};
    agreed(room);
    expect(blocks(room)).toEqual(['risk.daily_loss']);
  });
});
