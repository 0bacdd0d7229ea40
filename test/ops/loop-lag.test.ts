// Is it known how late the main thread was, and for how long that counts? (L01)
import { expect, test } from 'vitest';
import { LoopLag } from '../../src/ops/loop-lag.ts';
import { createVirtualClock } from '../bybit/virtual-clock.ts';

test('L01: the worst lag of five seconds is told while it is within them, and from a second on it is a stall', async () => {
  const clock = createVirtualClock();
  const told: string[] = [];
  const lag = new LoopLag(clock, {
    lag: (worstMs) => told.push(`lag ${worstMs}`),
    stalled: (lastedMs) => told.push(`stalled ${lastedMs}`),
  });
  await clock.advance(1_000);
  await clock.stall(400.4);
  await clock.advance(2_000);
  await clock.stall(1_099);
  await clock.advance(2_000);
  await clock.stall(1_100);
  await clock.advance(4_900);
  expect(told).toEqual(['lag 0', 'lag 300', 'lag 999', 'stalled 1000', 'lag 1000']);
  await clock.advance(200);
  expect(told.at(-1)).toBe('lag 0');
  lag.close();
  expect(clock.waiting()).toBe(0);
});
