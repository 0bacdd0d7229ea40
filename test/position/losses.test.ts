// What ends entries after losses, who is told of it, and what brings them back? (Y01, G22)
import { expect, test } from 'vitest';
import { DeskRoom } from './desk-room.ts';

const DAY_LEFT_MS = 9_200_000;

/** One position that its stop has closed at a loss. */
function lost(settings: ConstructorParameters<typeof DeskRoom>[0] = {}): DeskRoom {
  const room = new DeskRoom(settings);
  room.settleDown();
  room.enter();
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
