// Is what the daemon logged there, and does it trade on in safety, when its log has no room, nobody listens, or it dies of an error?
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mount, unmount } from '../mount.ts';
import { THROW_AT, THROWN, type Daemon } from './daemon.ts';
import { CrashRoom, endedOf, linesOf } from './room.ts';

let room: CrashRoom;
let disk: string;
let logFile: string;
let isSmall: boolean;
let daemon: Daemon;

beforeAll(async () => {
  room = await CrashRoom.open(5);
  disk = await mkdtemp(path.join(tmpdir(), 'plotnost-disk-'));
  isSmall = mount(disk, `size=${256 << 10}`);
  logFile = path.join(disk, 'plotnost.log');
  daemon = room.start([`logging.file=${logFile}`, 'logging.max_size_mb=100'], { preload: THROW_AT });
  await room.untilTraded(daemon, 1);
});
afterAll(async () => {
  await room.close();
  if (isSmall) unmount(disk);
  await rm(disk, { recursive: true });
});

const entered = (lines: readonly { readonly event: string }[]): readonly unknown[] =>
  lines.filter(({ event }) => event === 'entry.sent').map((line) => (line as { linkId?: string }).linkId);

test('with a full log disk it trades on, every line is on stderr instead, and none that was written is lost or torn', async () => {
  if (!isSmall) return; // the disk is everybody's
  const before = await room.log(logFile);
  const { bavail, bsize } = await statfs(disk);
  // More than there is room for: all of it is taken, and then the disk says so.
  await expect(writeFile(path.join(disk, 'filler'), Buffer.alloc(bavail * bsize + 1))).rejects.toThrow('ENOSPC');
  await room.untilTraded(daemon, 4);
  await room.until(daemon, () => daemon.stderr().includes('cannot be written (ENOSPC'));
  const kept = await room.log(logFile);
  expect(kept.slice(0, before.length)).toEqual(before);
  await rm(path.join(disk, 'filler'));
  await room.until(daemon, async () => (await room.log(logFile)).some(({ event }) => event === 'log.file_recovered'));
  await room.venue.catchUp();
  const sent = room.venue.truth.entriesBetween(0, Infinity);
  // What is on stderr has to come through a pipe.
  let untold = sent;
  await room.until(daemon, async () => {
    const told = new Set([...entered(await room.log(logFile)), ...entered(linesOf(endedOf(daemon.stderr())))]);
    untold = sent.filter((linkId) => !told.has(linkId));
    return untold.length === 0;
  });
  expect(untold).toEqual([]);
  expect(room.venue.truth.nakedNow).toEqual([]);
});

test('when nobody reads its words any more it trades on, and its log says so once', async () => {
  daemon.hangUp();
  await room.untilTraded(daemon, 2);
  await room.until(daemon, async () => (await room.log(logFile)).some(({ event }) => event === 'stdout.closed'));
  const closed = (await room.log(logFile)).filter(({ event }) => event === 'stdout.closed');
  expect(closed).toMatchObject([{ code: 'EPIPE' }]);
});

test('an error that nobody catches is the last word of its log; what is open keeps its stop, and the next start has it all', async () => {
  await room.until(daemon, async () => (await room.venue.catchUp()).positions.size > 0);
  daemon.send('SIGWINCH');
  expect(await daemon.ended).toMatchObject({ code: 70, signal: null });
  // After it only the counts of lines that were held back.
  const lines = await room.log(logFile);
  const crash = lines.findLastIndex(({ repeats }) => repeats === undefined);
  expect(lines[crash]).toMatchObject({ event: 'process.crashed', level: 'fatal', error: { message: THROWN } });
  await room.venue.catchUp();
  expect(room.venue.truth.nakedNow).toEqual([]);
  const next = room.start([]);
  await room.until(next, async () => {
    await room.venue.catchUp();
    const held = ((await room.ask({ ask: 'positions' })) ?? []) as readonly { readonly symbol: string; size: string }[];
    const open = held.filter(({ size }) => Number(size) !== 0).map(({ symbol }) => symbol);
    const { positions } = room.venue.truth;
    return positions.size > 0 && open.toSorted().join() === [...positions.keys()].toSorted().join();
  });
  expect(room.venue.truth.nakedNow).toEqual([]);
});
