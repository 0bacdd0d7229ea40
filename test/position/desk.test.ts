import { expect, test } from 'vitest';
import { DeskRoom } from './desk-room.ts';

test('a breakout becomes one protected position, and its stop brings it home with the exact result', () => {
  const room = new DeskRoom();
  room.settleDown();
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
