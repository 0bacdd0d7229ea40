// Is every line that was reported as synced there on the next boot, whatever the disk did meanwhile?
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../src/lib/clock.ts';
import { systemDisk, type Disk } from '../../src/state/disk.ts';
import { JournalRoom, faultyDisk, lineOf, seqOf } from './journal-room.ts';
import type { Deed } from './journal-room.ts';
import { smallDisk } from './small-disk.ts';

/** From `shut` on its syncs wait until it is opened. */
function hangingDisk(): { readonly disk: Disk; readonly shut: () => void; readonly open: () => void } {
  const gate = Promise.withResolvers<void>();
  let isShut = false;
  const disk = faultyDisk(
    () => false,
    () => (isShut ? gate.promise : Promise.resolve()),
  );
  return { disk, shut: () => void (isShut = true), open: gate.resolve };
}

let room: JournalRoom;
beforeEach(() => {
  room = new JournalRoom();
});
afterEach(() => room.remove());

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('an intent is on the disk before it is reported, and the next boot reads it', async () => {
  const first = await room.open();
  expect(first.found).toEqual({ lines: [], faults: [], first: 0, last: 0 });
  first.put(1);
  await first.until(1);
  expect(room.read('00000001.log').toString('latin1', 0, 33)).toContain(lineOf(1));
  first.put(2, { sync: false });
  await first.journal.close();
  expect(first.synced()).toBe(2);
  const second = await room.open();
  expect(second.found.lines).toEqual([lineOf(1), lineOf(2)]);
  expect(second.found.faults).toEqual([]);
  await second.journal.close();
});

test('a line that nobody waits for is on the disk soon all the same', async () => {
  const { journal, put, until, synced } = await room.open();
  put(1, { sync: false });
  put(2, { sync: false });
  expect(synced()).toBe(0);
  await until(2);
  expect(journal.status().waiting).toBe(0);
  await journal.close();
});

test('lines that come while a sync is under way go together with the next', async () => {
  let syncs = 0;
  const disk = faultyDisk(
    () => false,
    async () => void syncs++,
  );
  const { journal, put, until } = await room.open({ disk });
  syncs = 0;
  for (const seq of range(1, 50)) put(seq);
  await until(50);
  expect(syncs).toBeLessThanOrEqual(3); // one of them may be the reserve's
  await journal.close();
});

test('segments fill, a checkpoint begins one, and the boot reads from the last checkpoint only', async () => {
  const { journal, put, until } = await room.open();
  for (const seq of range(1, 200)) put(seq);
  await until(200);
  put(201, { words: 'checkpoint' });
  for (const seq of range(202, 230)) put(seq);
  await until(230);
  await journal.close();
  expect(room.files.filter((name) => name.endsWith('.log')).length).toBeGreaterThanOrEqual(2);
  // In which order a folder tells what is in it is its own affair.
  const list = async (dir: string) => (await systemDisk.list(dir)).toSorted().toReversed();
  const { found, journal: next } = await room.open({ disk: { ...systemDisk, list } });
  expect(found.lines.map(seqOf)).toEqual(range(201, 230));
  await next.close();
});

test('a line larger than a segment is taken whole', async () => {
  const { journal, put, until } = await room.open();
  put(1);
  put(2, { words: 'x'.repeat(10_000) });
  put(3);
  await until(3);
  await journal.close();
  const { found, journal: next } = await room.open();
  expect(found.lines.map(seqOf)).toEqual([1, 2, 3]);
  await next.close();
});

describe('R06: what a crash leaves', () => {
  async function written(count: number): Promise<void> {
    const { journal, put, until } = await room.open();
    for (const seq of range(1, count)) put(seq);
    await until(count);
    await journal.close();
  }

  test('a torn tail is cut off and kept aside; the next boot finds nothing wrong', async () => {
    await written(5);
    const whole = room.read('00000001.log');
    const torn = lineOf(6).slice(0, 15);
    room.write('00000001.log', Buffer.concat([whole, Buffer.from(torn), Buffer.alloc(500)]));
    const { found, events, journal } = await room.open();
    await journal.close();
    expect(found.lines.map(seqOf)).toEqual(range(1, 5));
    expect(found.faults).toMatchObject([{ kind: 'torn-tail', file: '00000001.log', bytes: 15 }]);
    expect(events).toContain('journal.torn_tail');
    expect(room.read('00000001.log')).toEqual(whole);
    const copy = room.files.find((name) => name.includes('torn')) as string;
    expect(room.read(copy).toString()).toBe(torn);
    const next = await room.open();
    expect(next.found.faults).toEqual([]);
    expect(next.found.lines).toHaveLength(5);
    await next.journal.close();
  });

  test('a crash between two lines leaves the room that was made in advance: it is given back, and nothing is kept or told', async () => {
    await written(3);
    const whole = room.read('00000001.log');
    room.write('00000001.log', Buffer.concat([whole, Buffer.alloc(500)]));
    const { found, events, journal } = await room.open();
    await journal.close();
    expect([found.lines.length, found.faults, events]).toEqual([3, [], []]);
    expect(room.read('00000001.log')).toEqual(whole);
    expect(room.files.filter((name) => name.includes('torn'))).toEqual([]);
    for (const name of room.files) if (name !== '00000001.log') room.drop(name);
    room.write('00000001.log', Buffer.concat([whole, Buffer.alloc(500)]));
    const next = await room.open({ disk: faultyDisk((deed) => deed === 'truncate') });
    await next.journal.close();
    expect(next.found.faults.map(({ kind }) => kind)).toEqual(['uncut']);
  });

  test('a torn tail on a disk that is full costs none of the whole lines before it', async () => {
    await written(5);
    const whole = room.read('00000001.log');
    room.write('00000001.log', Buffer.concat([whole, Buffer.from(lineOf(6).slice(0, 15))]));
    const { found, events, journal } = await room.open({ disk: faultyDisk((deed) => deed === 'write') });
    await journal.close();
    expect(found.lines.map(seqOf)).toEqual(range(1, 5));
    expect(found.faults.map(({ kind }) => kind)).toEqual(['torn-tail', 'uncut']);
    expect(events).toEqual(expect.arrayContaining(['journal.torn_tail', 'journal.uncut']));
    expect(events).not.toContain('journal.corrupt');
  });

  test('a cut at any byte of the last line loses that line alone', async () => {
    await written(3);
    const whole = room.read('00000001.log');
    const before = whole.length - lineOf(3).length - 1;
    for (let cut = before; cut < whole.length; cut++) {
      room.write('00000001.log', whole.subarray(0, cut));
      const { found, journal } = await room.open();
      await journal.close();
      expect(found.lines.map(seqOf)).toEqual([1, 2]);
      expect(found.faults.map(({ kind }) => kind)).toEqual(cut === before ? [] : ['torn-tail']);
      for (const name of room.files) if (name !== '00000001.log' && name.endsWith('.log')) room.drop(name);
    }
  });

  test('a broken line with whole ones behind it is told as corrupt, and the whole ones are read', async () => {
    await written(5);
    const bytes = room.read('00000001.log');
    bytes[lineOf(1).length + 12] = 0x7e;
    room.write('00000001.log', bytes);
    const { found, events, journal } = await room.open();
    await journal.close();
    expect(found.lines.map(seqOf)).toEqual([1, 3, 4, 5]);
    expect(found.faults).toMatchObject([{ kind: 'corrupt', at: lineOf(1).length + 1, bytes: lineOf(2).length + 1 }]);
    expect(events).toContain('journal.corrupt');
  });

  test('what is broken before a checkpoint is told, but not as corrupt: nobody needs it', async () => {
    await written(2);
    const bytes = room.read('00000001.log');
    bytes[12] = 0x7e;
    room.write('00000001.log', Buffer.concat([bytes, Buffer.from(`${lineOf(3, 'checkpoint')}\n`)]));
    const { found, events, journal } = await room.open();
    await journal.close();
    expect(found.lines.map(seqOf)).toEqual([3]);
    expect(events).toContain('journal.outdated');
    expect(events).not.toContain('journal.corrupt');
  });

  test('a segment that was complete and has lost its end is corrupt: it had been synced', async () => {
    await written(5);
    await written(2);
    room.write('00000001.log', room.read('00000001.log').subarray(0, -9));
    const { found, journal } = await room.open();
    await journal.close();
    expect(found.faults).toMatchObject([{ kind: 'corrupt', file: '00000001.log' }]);
  });

  test('a segment that cannot be read is told, and the boot goes on', async () => {
    await written(2);
    mkdirSync(path.join(room.dir, 'journal', '00000002.log'));
    const { found, journal, put, until } = await room.open();
    expect(found.faults).toMatchObject([{ kind: 'unreadable', file: '00000002.log' }]);
    expect(found.lines.map(seqOf)).toEqual([1, 2]);
    put(3);
    await until(3);
    await journal.close();
  });
});

describe('a disk that fails', () => {
  test('D07: a failed sync ends the file; its lines go into the next one; entries stay blocked until it is forgiven', async () => {
    let failures = 0;
    const disk = faultyDisk((deed) => deed === 'datasync' && failures-- > 0);
    const { journal, put, until, statuses, events } = await room.open({ disk });
    put(1);
    await until(1);
    await room.settled();
    failures = 1;
    put(2);
    put(3);
    await until(3);
    expect(statuses.some((status) => !status.writable)).toBe(true);
    expect(journal.status()).toMatchObject({ writable: false, reason: 'file-dead', waiting: 0 });
    expect(events).toContain('journal.file_dead');
    expect(room.files).toContain('00000001.dead.log');
    put(4);
    await until(4);
    expect(journal.status().writable).toBe(false);
    journal.forgive();
    expect(journal.status()).toMatchObject({ writable: true, reason: 'ok' });
    await journal.close();
    // What the dead file holds reached the disk after all: it is no second telling.
    const { found, journal: next } = await room.open();
    expect(found.lines.map(seqOf)).toEqual([1, 2, 3, 4]);
    expect(found.faults).toEqual([]);
    await next.close();
  });

  test('D07: it is forgiven also where the operator’s word comes while a full segment gives way to the next', async () => {
    let failures = 0;
    const disk = faultyDisk((deed) => deed === 'datasync' && failures-- > 0);
    const { journal, put, until } = await room.open({ disk, segmentBytes: 64 });
    await room.settled();
    failures = 1;
    put(1);
    await until(1);
    put(2);
    await until(2);
    expect(journal.status().reason).toBe('file-dead');
    put(3); // there is no room for it: what is recorded of a `resume` may be such a line
    journal.forgive();
    await until(3);
    expect(journal.status()).toMatchObject({ writable: true, reason: 'ok' });
    await journal.close();
  });

  test('D06: on a full volume the reserve takes what is under way, then nothing is reported as synced until there is room', async () => {
    let isFull = false;
    const renamed = { count: 0 };
    const disk = faultyDisk((deed: Deed) => {
      if (!isFull) return false;
      if (deed === 'rename') renamed.count++;
      // What was made in advance can be written; nothing new can.
      return deed === 'write' && renamed.count !== 2;
    });
    const { journal, put, until, said, events } = await room.open({ disk });
    await room.settled();
    put(1);
    await until(1);
    isFull = true;
    put(2);
    await until(2);
    expect(journal.status().writable).toBe(false);
    renamed.count = 9;
    put(3);
    await said('volume-lost');
    expect(journal.status()).toMatchObject({ writable: false, waiting: 1 });
    const dead = (): number => events.filter((event) => event === 'journal.file_dead').length;
    await expect.poll(dead).toBeGreaterThanOrEqual(3);
    isFull = false;
    await until(3);
    await journal.close();
    // One in which nothing was ever synced has given its room back.
    expect(room.files.filter((name) => name.includes('dead'))).toEqual(['00000001.dead.log', '00000002.dead.log']);
    const { found, journal: next } = await room.open();
    expect(found.lines.map(seqOf)).toEqual([1, 2, 3]);
    expect(found.faults).toEqual([]);
    await next.close();
  });

  test('D06: a full segment after which none can be begun is whole, and goes on in the next one when there is room', async () => {
    let isFull = false;
    const disk = faultyDisk((deed) => isFull && (deed === 'open' || deed === 'rename'));
    const { journal, put, until, said, events } = await room.open({ disk, segmentBytes: 32 });
    await room.settled();
    put(1);
    await until(1);
    isFull = true;
    put(2);
    await said('volume-lost');
    expect(room.files).toContain('00000001.log');
    expect(events).not.toContain('journal.file_dead');
    isFull = false;
    await until(2);
    await journal.close();
    const { found, journal: next } = await room.open();
    expect(found.lines.map(seqOf)).toEqual([1, 2]);
    await next.close();
  });

  test('one that has ended on a lost volume opens no file any more, whatever was to be written soon when the volume went', async () => {
    const timers = new Set<() => void>();
    const clock: Clock = {
      ...systemClock,
      after: (_, run) => {
        timers.add(run);
        return { cancel: () => void timers.delete(run) };
      },
    };
    let isFull = false;
    const disk = faultyDisk((deed) => isFull && (deed === 'open' || deed === 'rename'));
    const { journal, put, until, said } = await room.open({ disk, clock, segmentBytes: 32 });
    put(1);
    await until(1);
    isFull = true;
    put(2);
    put(3, { sync: false });
    await said('volume-lost');
    await journal.close();
    expect(timers.size).toBe(0);
  });

  test('of all the files that were begun, filled or given up none is held open when the journal ends', async () => {
    let held = 0;
    let said: readonly string[] = [];
    let deadWanted = 0;
    const dead = (): number => said.filter((event) => event === 'journal.file_dead').length;
    const faulty = faultyDisk((deed) => deed === 'datasync' && dead() < deadWanted);
    const disk: Disk = {
      ...faulty,
      async open(place) {
        const file = await faulty.open(place);
        held++;
        return { ...file, close: () => file.close().then(() => void held--) };
      },
    };
    const { journal, put, until, events } = await room.open({ disk, segmentBytes: 64 });
    said = events;
    for (const seq of range(1, 12)) {
      deadWanted = Math.floor(seq / 5);
      put(seq);
      await until(seq);
      expect(held).toBeLessThanOrEqual(2); // one of them may be the reserve's
    }
    expect(dead()).toBe(2);
    await journal.close();
    expect(held).toBe(0);
  });

  test('D06: where little is left the reserve does not take it: it is for the records', async () => {
    const { dir } = smallDisk();
    const { journal, put, until, said } = await room.open({ stateDir: dir, segmentBytes: 4 << 20 });
    put(1);
    await Promise.race([until(1), said('volume-lost'), said('file-dead')]);
    expect(journal.status()).toMatchObject({ writable: true, reason: 'ok' });
    await journal.close();
  });

  test('a volume that cannot be written at boot stops entries, not the boot', async () => {
    let isLost = true;
    const disk = faultyDisk((deed) => isLost && deed === 'open');
    const { journal, put, until } = await room.open({ disk });
    expect(journal.status()).toMatchObject({ writable: false, reason: 'volume-lost' });
    put(1);
    isLost = false;
    await until(1);
    await journal.close();
  });

  test('a sync that hangs makes the journal slow, and nothing is reported meanwhile', async () => {
    const hanging = hangingDisk();
    const { journal, put, until, said, synced } = await room.open({ disk: hanging.disk });
    await room.settled();
    hanging.shut();
    put(1);
    await said('slow');
    expect(synced()).toBe(0);
    expect(journal.status().writable).toBe(false);
    hanging.open();
    await until(1);
    expect(journal.status().writable).toBe(true);
    await journal.close();
  });

  test('lines past the bound are let go of, told, and made good by a checkpoint', async () => {
    const hanging = hangingDisk();
    const freeBytes = (): Promise<number> => Promise.resolve(2 ** 40);
    const { journal, put, until, events, statuses } = await room.open({
      disk: { ...hanging.disk, freeBytes },
      segmentBytes: 8 << 20,
    });
    await room.settled();
    hanging.shut();
    for (const seq of range(1, 100_002)) put(seq, { sync: false });
    expect(journal.status()).toMatchObject({ writable: false, reason: 'overflow', waiting: 100_000 });
    expect(events).toContain('journal.overflow');
    put(100_003, { words: 'checkpoint' });
    put(100_004, { sync: false });
    const told = statuses.length;
    hanging.open();
    await until(100_003);
    // One more was let go of since, for which only a later checkpoint stands, and no other line: it is asked for once there is room.
    expect(statuses.slice(told)).toContainEqual(expect.objectContaining({ reason: 'overflow', waiting: 1 }));
    put(100_005);
    await until(100_005);
    expect(journal.status()).toMatchObject({ writable: false, reason: 'overflow', waiting: 0 });
    put(100_006, { words: 'checkpoint' });
    await until(100_006);
    expect(journal.status()).toMatchObject({ writable: true, waiting: 0 });
    await journal.close();
    const { found, journal: next } = await room.open();
    expect(found.lines.map(seqOf)).toEqual([100_006]);
    await next.close();
  });
});

test('L03: the last moment of a failing process puts on the disk what was waiting, though a write hangs', async () => {
  const hanging = hangingDisk();
  const { journal, put } = await room.open({ disk: hanging.disk });
  await room.settled();
  hanging.shut();
  for (const seq of range(1, 20)) put(seq, { sync: seq % 2 === 0 });
  expect(journal.flushNow()).toBe(true);
  const { found, journal: next } = await room.open();
  expect(found.lines.map(seqOf)).toEqual(range(1, 20));
  await next.close();
  hanging.open();
  await journal.close();
});

test('L03: where the disk refuses in the last moment as well it is not said that all is on it', async () => {
  let isDead = false;
  const disk = faultyDisk(() => isDead);
  const { journal, put } = await room.open({ disk });
  isDead = true;
  put(1, { sync: false });
  expect(journal.flushNow()).toBe(false);
  isDead = false;
  expect(journal.flushNow()).toBe(true);
  await journal.close();
});

test('segments older than 30 days go, those that the next boot needs stay', async () => {
  const first = await room.open();
  first.put(1);
  await first.journal.close();
  const old = new Date(Date.now() - 31 * 86_400_000);
  const place = (name: string): string => path.join(room.dir, 'journal', name);
  writeFileSync(place('00000001.log.torn-1'), 'torn');
  for (const name of ['00000001.log', '00000001.log.torn-1']) utimesSync(place(name), old, old);
  const second = await room.open({ segmentBytes: 32 });
  expect(second.found.lines).toHaveLength(1);
  for (const seq of [2, 3]) {
    second.put(seq);
    await second.until(seq);
  }
  await second.journal.close();
  await room.settled();
  expect(room.files).not.toContain('00000001.log.torn-1');
  expect(room.files).toContain('00000001.log');
  const third = await room.open();
  third.put(4, { words: 'checkpoint' });
  await third.until(4);
  await third.journal.close();
  await room.settled();
  expect(room.files).not.toContain('00000001.log');
});
