// Is there always a file for the next line, also while the room for the one after it is being made?
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import type { Disk } from '../../src/state/disk.ts';
import { systemDisk } from '../../src/state/disk.ts';
import { Segments } from '../../src/state/segments.ts';
import { ownFolder } from '../own-folder.ts';

let dir: string;
let events: string[];
beforeEach(() => {
  dir = ownFolder();
  events = [];
});

function segmentsOn(disk: Disk): Segments {
  const say = (_fields: object, event: string): void => void events.push(event);
  const log = { debug: say, info: say, warn: say, error: say };
  return new Segments({ dir, disk, clock: systemClock, log, segmentBytes: 64, first: 0, last: 0 });
}

test('D06: a reserve that is being taken is not found again as the next one, however slow the disk', async () => {
  const slow = Promise.withResolvers<void>();
  const segments = segmentsOn({
    ...systemDisk,
    rename: async (from, to) => {
      if (from.endsWith('spare')) await slow.promise;
      await systemDisk.rename(from, to);
    },
  });
  await segments.keepReserve();
  const opening = segments.openNext();
  await segments.keepReserve(); // as the look at the volume does, whenever its time comes
  slow.resolve();
  expect(await opening).toBe(true);
  await segments.seal();
  expect(await segments.openNext()).toBe(true);
  expect(events).toEqual([]);
  await segments.close();
});

test('D06: a reserve that somebody has removed to make room is no failed disk: the next segment is made anew', async () => {
  const segments = segmentsOn(systemDisk);
  await segments.keepReserve();
  rmSync(path.join(dir, 'spare'));
  expect(await segments.openNext()).toBe(true);
  expect(events).toEqual([]);
  await segments.keepReserve();
  expect(existsSync(path.join(dir, 'spare'))).toBe(true);
  await segments.close();
});

test('D06: a file whose name the folder cannot be made to keep is none, however often it is tried, and stays open nowhere', () => {
  const disk = fileURLToPath(new URL('../../src/state/disk.ts', import.meta.url));
  // With one file left to open the folder cannot be, and so not be synced.
  const program = `
    import { closeSync, openSync } from 'node:fs';
    import { systemDisk } from ${JSON.stringify(disk)};
    const openAll = () => {
      for (let count = 0; ; count++) try { openSync('/dev/null'); } catch { return count; }
    };
    openAll();
    closeSync(20);
    const open = () => systemDisk.open(${JSON.stringify(path.join(dir, 'a'))}).then(() => 'open', ({ code }) => code);
    console.log(await open(), await open(), openAll());`;
  const limited = ['-c', 'ulimit -n 60; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', program];
  expect(execFileSync('/bin/sh', limited, { encoding: 'utf8' })).toBe('EMFILE EMFILE 1\n');
});
