// Does a daemon that crashes again and again stop trading, and go on looking after what is open?
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CrashRoom } from './room.ts';

let room: CrashRoom;
beforeEach(async () => {
  room = await CrashRoom.open(4);
});
afterEach(() => room.close());

const SHIPPED = ['safety.crash_loop_exits=3', 'safety.on_shutdown=leave_protected'];

async function runsSoFar(): Promise<number> {
  const text = await readFile(path.join(room.stateDir, 'runs.json'), 'utf8');
  return (JSON.parse(text) as { readonly runs: readonly unknown[] }).runs.length;
}

test('R08: after three crashes within ten minutes a start is HALTED: nothing is entered, what is open keeps its stop, and an operator’s resume ends it', async () => {
  const first = room.start(SHIPPED);
  await room.until(first, async () => (await room.venue.catchUp()).positions.size > 0);
  first.send('SIGKILL');
  await first.ended;
  for (let crashes = 2; crashes <= 3; crashes++) {
    const again = room.start(SHIPPED);
    await room.until(again, async () => (await runsSoFar()) === crashes);
    again.send('SIGKILL');
    await again.ended;
  }
  const last = room.start(SHIPPED);
  const startedMs = Date.now();
  await room.until(last, async () => (await room.mode()) === 'HALTED');
  const status = (await room.ask({ ask: 'status' })) as { readonly desk: { readonly latch: string } };
  expect(status.desk.latch).toMatch(/3 abnormal exits within 10 minutes/);
  await room.venue.catchUp();
  expect(room.venue.truth.nakedNow).toEqual([]);
  // As many signals as would have been entries long ago.
  await room.until(last, () => last.signalsRefused() >= 5);
  await room.venue.catchUp();
  expect(room.venue.truth.entriesBetween(startedMs, Infinity)).toEqual([]);
  const command = { id: randomUUID(), kind: 'resume' } as const;
  expect(await room.ask({ ask: 'command', command })).toMatchObject({ accepted: true });
  await room.until(last, async () => {
    await room.venue.catchUp();
    return room.venue.truth.hasEntrySince(startedMs);
  });
  const { runs } = JSON.parse(await readFile(path.join(room.stateDir, 'runs.json'), 'utf8')) as {
    readonly runs: readonly { readonly isForgiven?: boolean }[];
  };
  expect(runs.filter(({ isForgiven }) => isForgiven === true)).toHaveLength(3);
});
