// Does a day that is lost stay lost where the state directory is lost as well? Asked of a real daemon, over real sockets.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runToEnd } from '../safety/daemon.ts';
import { CrashRoom } from './room.ts';

let room: CrashRoom;
beforeEach(async () => {
  room = await CrashRoom.open(5);
});
afterEach(() => room.close());

const settings = (percent: number): readonly string[] => [
  `safety.max_daily_loss_percent=${percent}`,
  'trading.position_size_usd=500',
];

interface Status {
  readonly desk: { readonly blocks: readonly string[] };
}

const blocks = async (): Promise<readonly string[] | undefined> =>
  ((await room.ask({ ask: 'status' })) as Status | undefined)?.desk.blocks;

test('Y06: who has lost his day and then his state directory enters nothing more on that day, looks after what is open, and is told why', async () => {
  const first = room.start(settings(1));
  // Three times what the second may lose: whatever the open positions gain meanwhile, the day is lost.
  await room.until(first, () => first.dayProfit() < -3);
  first.send('SIGKILL');
  await first.ended;
  await first.leftAfter(5_000);
  await rm(room.stateDir, { recursive: true, force: true, maxRetries: 5 });
  const startedMs = Date.now();
  const second = room.start(settings(0.01));
  await room.until(second, async () => (await blocks())?.includes('risk.daily_loss') === true);
  // As many signals as would have been entries long ago.
  await room.until(second, () => second.signalsRefused() >= 5);
  await room.venue.catchUp();
  expect(room.venue.truth.entriesBetween(startedMs, Infinity)).toEqual([]);
  expect(room.venue.truth.nakedNow).toEqual([]);
  const { last } = await runToEnd<Status>(['status', '--json', '--state-dir', room.stateDir]);
  expect(last?.desk.blocks).toContain('risk.daily_loss');
  expect((await room.log()).map(({ event }) => event)).toContain('trades.recalled');
});
