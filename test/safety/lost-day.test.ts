// When does a day end that was lost, with the state directory after it? A whole engine in virtual time, over midnight.
import { expect, test } from 'vitest';
import { SeedRoom } from '../campaign/seed-room.ts';

/** 2026-08-10, at midnight. */
const MIDNIGHT_MS = 1_786_320_000_000;
const BEFORE_MS = 300_000;

test('Y06: a new host knows that the day is lost, says why it enters nothing until midnight, and trades on the next day', async () => {
  const room = new SeedRoom({
    seed: 2,
    symbols: 3,
    rate: 60,
    startMs: MIDNIGHT_MS - BEFORE_MS,
    hopMsMin: 1,
    hopMsMax: 8,
    drawn: {
      trading: { position_size_usd: 150, max_exposure_percent: 100, max_concurrent_positions: 2, leverage: 10 },
      strategy: {},
      safety: { max_daily_loss_percent: 0.2 },
    },
  });
  const { world, truth } = room;
  room.transfer(-9_400);
  let isLost = false;
  let isOver = false;
  room.whenLogged('risk.daily_loss', () => void (isLost = true));
  const tick = (): void => {
    const { held } = room;
    if (held !== undefined) room.push(held.symbol, -1.2 * Math.sign(held.ours));
    else if (!isOver) room.signal();
    room.at(500, tick);
  };
  room.start();
  tick();
  await world.run(BEFORE_MS / 2, () => isLost && truth.held === 0);
  expect(isLost).toBe(true);
  const before = truth.entries.size;
  room.crash(1_000);
  room.loseJournal();
  let isRecalled = false;
  room.whenLogged('trades.recalled', () => void (isRecalled = true));
  room.refusals = {};
  const status = () => room.life?.trader.status();
  await world.run(20_000, () => status()?.reconciledAt !== undefined);
  expect(status()?.blocks).toEqual(['risk.daily_loss']);
  await world.run(MIDNIGHT_MS - world.nowMs - 1_000);
  expect([isRecalled, truth.entries.size]).toEqual([true, before]);
  expect(room.refusals).toEqual({ 'G01 mode': expect.any(Number) });
  await world.run(60_000, () => truth.entries.size > before);
  expect(truth.entries.size).toBeGreaterThan(before);
  expect(status()?.blocks).toEqual([]);
  isOver = true;
  await room.life?.close();
  expect(room.judge.violations).toEqual([]);
});
