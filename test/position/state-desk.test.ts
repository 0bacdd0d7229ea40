// Do rows of the tables hold on the desk, where a week of chance has not met them?
import { expect, test } from 'vitest';
import { DeskRoom } from './desk-room.ts';

test('a position that was opened and stopped out before a word of it came leaves its symbol free for the next entry', () => {
  const room = new DeskRoom();
  room.settleDown();
  const place = room.exchange.place('SOLUSDT');
  const silence = { isOn: true };
  room.exchange.faults.streamDelay = ({ kind }) =>
    silence.isOn && (kind === 'fill' || kind === 'position') ? undefined : 0;
  room.exchange.faults.readFails = () => place.lots !== 0;
  room.breakout();
  room.until(() => place.lots !== 0);
  room.move('SOLUSDT', 9_900);
  room.until(() => [...room.rows.values()].some(({ isComplete }) => isComplete));
  silence.isOn = false;
  room.run(1_000);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['stop_loss']);
  expect(room.state()).toBe('flat');
  room.run(400_000);
  room.enter('SOLUSDT', true, 2);
  expect(place.lots).toBeGreaterThan(0);
});

test('a stop that the exchange moves late, after it had begun to deleverage and thought better of it, is no contradiction', () => {
  const room = new DeskRoom();
  room.settleDown();
  room.enter();
  room.exchange.faults.accept = ({ kind }) => (kind === 'set-stop' ? { late: 1_500 } : 'yes');
  for (let bid = 9_998; bid < 10_080; bid += 2) room.move('SOLUSDT', bid);
  room.until(() => room.state() === 'amending');
  const before = room.exchange.place('SOLUSDT').stop?.tick;
  room.exchange.status('SOLUSDT', 'deleveraging');
  room.until(() => room.state() === 'exchange-closing');
  room.move('SOLUSDT', 10_030);
  room.exchange.status('SOLUSDT', 'normal');
  room.until(() => room.state() === 'protected');
  room.until(() => room.names().includes('position.breakeven'));
  expect(room.exchange.place('SOLUSDT').stop?.tick).toBeGreaterThan(before as number);
  expect(room.state()).toBe('protected');
  expect(room.names()).not.toContain('position.illegal_transition');
});
