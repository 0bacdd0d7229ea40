// Is what is open looked after when the daemon comes back to a disk on which nothing is free any more? (P1, D06)
import { cp } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { smallDisk } from '../state/small-disk.ts';
import { CrashRoom, linesOf } from './room.ts';

const DISK_BYTES = 24 << 20;
const SETTINGS = ['database.mode=off', 'dashboard.port=0'];

interface Status {
  readonly desk: { readonly reconciledAgoMs: number | null };
}

test('killed and started again on a full disk it enters nothing, knows what it holds, and closes it when it is told to', async () => {
  const { dir: stateDir, isSmall, fill } = smallDisk(DISK_BYTES);
  const room = await CrashRoom.open(11);
  onTestFinished(() => room.close());
  const first = room.start(SETTINGS);
  await room.untilTraded(first, 1);
  await room.until(first, async () => (await room.venue.catchUp()).positions.size > 0);
  first.send('SIGKILL');
  await first.ended;
  // As if its disk had been this one; entries need a larger one.
  await cp(room.stateDir, stateDir, { recursive: true, filter: (from) => !from.endsWith('.sock') });
  fill();
  await room.venue.catchUp();
  const startedMs = Date.now();
  const next = room.start(SETTINGS, { stateDir });
  const status = async (): Promise<Status | undefined> =>
    (await room.ask({ ask: 'status' }, stateDir)) as Status | undefined;
  await room.until(next, async () => ((await status())?.desk.reconciledAgoMs ?? null) !== null);
  await room.venue.catchUp();
  expect(room.venue.truth.nakedNow).toEqual([]);
  const flatten = { ask: 'command', command: { id: 'flatten-1', kind: 'flatten' } } as const;
  expect(await room.ask(flatten, stateDir)).toMatchObject({ accepted: true });
  await room.until(next, async () => (await room.venue.catchUp()).positions.size === 0);
  expect(room.venue.truth.hasEntrySince(startedMs) && isSmall).toBe(false);
  next.send('SIGTERM');
  expect((await next.ended).code).toBe(0);
  const said = [...linesOf(next.stderr()), ...(await room.log(`${stateDir}/logs/plotnost.log`))];
  expect(said.some(({ event, reason }) => event === 'block.added' && reason === 'state.full')).toBe(isSmall);
});
